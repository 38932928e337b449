"""Changes that wait for their payment: they take effect when it comes, and lapse when it does not."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.changes import Change, Terms, apply_wishes, start_over
from portal_app.sandbox.billing.invoices import close, subscription_of, when_closed, when_paid
from portal_app.sandbox.billing.lines import price_amount
from portal_app.sandbox.events import emit


def _waiting(account: Account, invoice: Object) -> Object | None:
    """The subscription whose change waits for this invoice."""
    subscription = subscription_of(account, invoice)
    pending = (subscription or {}).get("_pending")
    return subscription if pending and pending["invoice"] == invoice["id"] else None


def take_effect(account: Account, invoice: Object) -> None:
    """The change that waited for an invoice happens, as of the moment it was asked for."""
    subscription = _waiting(account, invoice)
    if subscription is None:
        return
    wanted = subscription["_pending"]["items"]
    anchor = subscription["pending_update"]["billing_cycle_anchor"]
    subscription |= {"_pending": None, "pending_update": None}
    touched = apply_wishes(Change(account, subscription, wanted, Terms(at=invoice["created"])))
    if anchor != subscription["billing_cycle_anchor"]:
        start_over(account, subscription, anchor)
    for item in touched:
        price = account.get("price", item["price"])
        start, end = item["current_period_start"], item["current_period_end"]
        item["_debit"] = {"amount": price_amount(price, item["quantity"]), "start": start, "end": end}
        account.put(item)
    emit(account, "customer.subscription.pending_update_applied", subscription)


def lapse(account: Account, subscription: Object) -> None:
    """Nobody paid in time: the change is off, its invoice void."""
    invoice = account.find(subscription["_pending"]["invoice"])
    subscription |= {"_pending": None, "pending_update": None}
    account.put(subscription)
    if invoice and invoice["status"] == "open":
        close(account, invoice, "void")
    emit(account, "customer.subscription.pending_update_expired", subscription)


def _lapse_if_void(account: Account, invoice: Object) -> None:
    subscription = _waiting(account, invoice)
    if subscription and invoice["status"] == "void":
        lapse(account, subscription)


when_paid.append(take_effect)
when_closed.append(_lapse_if_void)
