"""The items of a subscription, one by one."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.changes import change_items, terms_of
from portal_app.sandbox.billing.standing import items_of
from portal_app.sandbox.events import changing
from portal_app.sandbox.listing import page_of
from portal_app.sandbox.registry import operation, retrieves

ABOUT_ITEM = ("price", "price_data", "quantity", "metadata", "tax_rates", "discounts")
EVENT = "customer.subscription.updated"


def _wish(params: Object) -> Object:
    return {name: params[name] for name in ABOUT_ITEM if name in params}


@operation("GET", "/v1/subscription_items")
def list_all(account: Account, params: Object) -> Object:
    """List a subscription's items."""
    subscription = account.refer("subscription", params["subscription"], "subscription")
    return page_of(account, items_of(account, subscription), params, "/v1/subscription_items")


@operation("POST", "/v1/subscription_items")
def create(account: Account, params: Object) -> Object:
    """Add an item."""
    subscription = account.refer("subscription", params["subscription"], "subscription")
    with changing(account, subscription, EVENT):
        change_items(account, subscription, [_wish(params)], terms_of(account, subscription, params))
    return items_of(account, subscription)[-1]


retrieves("/v1/subscription_items/{item}", "subscription_item")


@operation("POST", "/v1/subscription_items/{item}")
def update(account: Account, params: Object, item_id: str) -> Object:
    """Change an item."""
    item = account.get("subscription_item", item_id)
    subscription = account.get("subscription", item["subscription"])
    with changing(account, subscription, EVENT):
        wish = _wish(params) | {"id": item_id}
        change_items(account, subscription, [wish], terms_of(account, subscription, params))
    return account.get("subscription_item", item_id)


@operation("DELETE", "/v1/subscription_items/{item}")
def delete(account: Account, params: Object, item_id: str) -> Object:
    """Remove an item."""
    item = account.get("subscription_item", item_id)
    subscription = account.get("subscription", item["subscription"])
    with changing(account, subscription, EVENT):
        wish = {"id": item_id, "deleted": True}
        change_items(account, subscription, [wish], terms_of(account, subscription, params))
    return {"id": item_id, "object": "subscription_item", "deleted": True}
