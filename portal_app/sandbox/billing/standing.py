"""A subscription's status, and what payments do to it."""

from typing import Any

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.invoices import subscription_of, when_closed, when_paid
from portal_app.sandbox.events import changing, emit

OVER = ("canceled", "incomplete_expired")


def set_status(account: Account, subscription: Object, status: str, **values: Any) -> None:
    """Change the status and tell of it."""
    with changing(account, subscription, "customer.subscription.updated"):
        subscription |= {"status": status, **values}


def items_of(account: Account, subscription: Object) -> list[Object]:
    """A subscription's items, in order."""
    return [account.get("subscription_item", item_id) for item_id in subscription["items"]]


def next_period_end(account: Account, subscription: Object) -> int:
    """When the first of the running periods ends."""
    return min(item["current_period_end"] for item in items_of(account, subscription))


def payment_failed(account: Account, invoice: Object) -> None:
    """A renewal could not be collected: the subscription is past due."""
    subscription = subscription_of(account, invoice)
    if subscription is None or invoice["billing_reason"] == "subscription_create" or subscription["pending_update"]:
        return
    if subscription["status"] in ("active", "trialing"):
        set_status(account, subscription, "past_due")
    _set_delinquent(account, invoice, True)


def _set_delinquent(account: Account, invoice: Object, is_delinquent: bool) -> None:
    customer = account.get("customer", invoice["customer"])
    with changing(account, customer, "customer.updated"):
        customer["delinquent"] = is_delinquent


def _recover(account: Account, invoice: Object) -> None:
    subscription = subscription_of(account, invoice)
    if subscription is None or subscription["status"] not in ("incomplete", "past_due", "unpaid"):
        return
    if subscription["latest_invoice"] == invoice["id"]:
        set_status(account, subscription, "active")
        _set_delinquent(account, invoice, False)


def _resume_paused(account: Account, invoice: Object) -> None:
    subscription = subscription_of(account, invoice)
    if subscription is None or subscription["status"] != "paused" or subscription.get("_resumed_by") != invoice["id"]:
        return
    subscription |= {"_resumed_by": None, "_resume_until": None}
    if invoice["status"] == "void":
        account.put(subscription)
        return
    set_status(account, subscription, "active", status_details=None)
    emit(account, "customer.subscription.resumed", subscription)


when_paid += [_recover, _resume_paused]
when_closed += [_recover, _resume_paused]
