"""Charges and refunds."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.events import changing
from portal_app.sandbox.listing import list_page, matches, search_page
from portal_app.sandbox.payments import charges
from portal_app.sandbox.registry import lists, operation, retrieves
from portal_app.sandbox.store import Query
from portal_app.sandbox.values import assign

lists("/v1/charges", "charge", ref="payment_intent")
retrieves("/v1/charges/{charge}", "charge")
retrieves("/v1/refunds/{refund}", "refund")


@operation("GET", "/v1/charges/search")
def search(account: Account, params: Object) -> Object:
    """Search charges."""
    return search_page(account, "charge", params)


@operation("POST", "/v1/refunds")
def create_refund(account: Account, params: Object) -> Object:
    """Give back all or a part of a payment."""
    if "charge" in params:
        charge = account.refer("charge", params["charge"], "charge")
    elif "payment_intent" in params:
        intent = account.refer("payment_intent", params["payment_intent"], "payment_intent")
        if not intent["latest_charge"]:
            raise invalid("This PaymentIntent does not have a successful charge to refund.", "payment_intent")
        charge = account.get("charge", intent["latest_charge"])
    else:
        raise invalid("One of the following params should be provided for this request: payment_intent or charge.")
    wanted = charges.Refund(params.get("amount"), params.get("reason"), params.get("metadata") or {})
    return charges.refund(account, charge, wanted)


@operation("POST", "/v1/refunds/{refund}")
def update_refund(account: Account, params: Object, refund_id: str) -> Object:
    """Change a refund's metadata."""
    refund = account.get("refund", refund_id)
    with changing(account, refund, "refund.updated"):
        assign(refund, params)
    return refund


@operation("GET", "/v1/refunds")
def list_refunds(account: Account, params: Object) -> Object:
    """List refunds."""
    query = Query("refund", ref=params.get("charge"), keep=matches(params, "payment_intent"))
    return list_page(account, query, params, "/v1/refunds")
