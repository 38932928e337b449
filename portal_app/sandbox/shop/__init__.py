"""The sample shop: Linnet, its plans and its people."""

from portal_app.sandbox.account import Account, Object


def seed(account: Account, shop: str) -> Object:
    """Fill an account with a shop; the ids of its people by name."""
    return {}
