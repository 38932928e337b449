"""Where the nouns register what they can do."""

from collections.abc import Callable

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.listing import list_page, matches
from portal_app.sandbox.store import Query

Work = Callable[..., Object]

_works: dict[tuple[str, str], Work] = {}


def operation(method: str, path: str) -> Callable[[Work], Work]:
    """Register a function as the one that carries out an operation.

    It is given the account, the typed parameters and the ids in the path, and returns a kept object or a finished list.
    """

    def register(work: Work) -> Work:
        _works[method, path] = work
        return work

    return register


def registered() -> dict[tuple[str, str], Work]:
    """Everything registered so far."""
    return _works


def lists(path: str, kind: str, *filters: str, ref: str | None = None) -> None:
    """Register the plain list of a noun: filtered by customer, by its owner `ref`, and by equal properties."""

    @operation("GET", path)
    def work(account: Account, params: Object) -> Object:
        owner = params.get(ref) if ref else None
        query = Query(kind, customer=params.get("customer"), ref=owner, keep=matches(params, *filters))
        return list_page(account, query, params, path)


def retrieves(path: str, kind: str) -> None:
    """Register the plain retrieval of a noun."""

    @operation("GET", path)
    def work(account: Account, params: Object, object_id: str) -> Object:
        return account.get(kind, object_id)
