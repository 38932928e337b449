"""Pausing a subscription for good measure, and taking it up again."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.changes import start_over
from portal_app.sandbox.billing.collection import Attempt, collect, method_of
from portal_app.sandbox.billing.endings import pending_items
from portal_app.sandbox.billing.intervals import boundary_after
from portal_app.sandbox.billing.invoices import HOUR, close, finalize
from portal_app.sandbox.billing.lines import Line
from portal_app.sandbox.billing.prorations import Proration, credit_unused, debit_remaining
from portal_app.sandbox.billing.standing import items_of, set_status
from portal_app.sandbox.billing.subscriptions import bill
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.events import changing, emit

RESUMPTION_LIVES = 23 * HOUR


def pause(account: Account, subscription: Object, params: Object) -> Object:
    """Stop billing and service now; unused time is credited unless told otherwise."""
    if subscription["billing_mode"]["type"] != "flexible":
        raise invalid("Only subscriptions with `billing_mode=flexible` can be paused.")
    if subscription["schedule"]:
        raise invalid("Cannot pause subscriptions with attached schedules.")
    if subscription["status"] not in ("active", "past_due"):
        raise invalid(f"Subscriptions with status `{subscription['status']}` cannot be paused.")
    unused_from = ((params.get("bill_for") or {}).get("unused_time_from") or {}).get("type", "now")
    if unused_from != "none":
        _credit(account, subscription, unused_from)
        if params.get("invoicing_behavior") == "invoice" and pending_items(account, subscription):
            finalize(account, bill(account, subscription, "subscription_update", []))
    account.count("pause", subscription["id"])
    return stop(account, subscription, "pause_requested")


def stop(account: Account, subscription: Object, reason: str) -> Object:
    """Put a subscription to rest, for a reason."""
    now = account.now(subscription["customer"])
    paused = {"type": "subscription", "transitioned_at": now, "subscription": {"type": reason}}
    set_status(account, subscription, "paused", status_details=part("subscription", "status_details", paused=paused))
    emit(account, "customer.subscription.paused", subscription)
    return subscription


def _credit(account: Account, subscription: Object, unused_from: str) -> None:
    now = account.now(subscription["customer"])
    for item in items_of(account, subscription):
        at = item["current_period_start"] if unused_from == "item_current_period_start" else now
        credit_unused(Proration(account, subscription, at), item)


def resume(account: Account, subscription: Object, params: Object) -> Object:
    """Take a paused subscription up again; with a new cycle the first invoice comes at once.

    It stays paused until that invoice is paid, or, by default, until its payment was at least tried.
    """
    if subscription["status"] != "paused":
        raise invalid("Only paused subscriptions can be resumed.")
    if subscription["collection_method"] != "charge_automatically":
        raise invalid("Only subscriptions with `collection_method=charge_automatically` can be resumed.")
    account.count("resume", subscription["id"])
    lines: list[Line] = []
    if (params.get("billing_cycle_anchor") or {}).get("type", "now") == "now":
        lines = start_over(account, subscription, account.now(subscription["customer"]))
    else:
        _catch_up(account, subscription, params)
    is_billed = bool(lines) or params.get("proration_behavior") == "always_invoice"
    if not is_billed or not (lines or pending_items(account, subscription)):
        return _wake(account, subscription)
    return _resume_with_invoice(account, subscription, params, lines)


def _resume_with_invoice(account: Account, subscription: Object, params: Object, lines: list[Line]) -> Object:
    invoice = bill(account, subscription, "subscription_update", lines)
    if account.is_rehearsing:
        return subscription
    until = account.now(subscription["customer"]) + RESUMPTION_LIVES
    subscription |= {"_resumed_by": invoice["id"], "_resume_until": until}
    account.put(subscription)
    finalize(account, invoice)
    if invoice["status"] != "open":
        return subscription
    collect(account, invoice, Attempt(is_off_session=False))
    was_tried = method_of(account, invoice) is not None
    needs_success = params.get("payment_behavior") == "resume_on_payment_success"
    if subscription["status"] == "paused" and was_tried and not needs_success:
        subscription |= {"_resumed_by": None, "_resume_until": None}
        with changing(account, subscription, "customer.subscription.updated"):
            _wake(account, subscription)
            subscription["status"] = "past_due"
    return subscription


def give_up_resuming(account: Account, subscription: Object) -> None:
    """Nobody tried to pay within 23 hours: the invoice is void, the subscription stays paused."""
    invoice = account.get("invoice", subscription["_resumed_by"])
    subscription |= {"_resumed_by": None, "_resume_until": None}
    account.put(subscription)
    if invoice["status"] == "open":
        close(account, invoice, "void")


def _wake(account: Account, subscription: Object) -> Object:
    set_status(account, subscription, "active", status_details=None)
    emit(account, "customer.subscription.resumed", subscription)
    return subscription


def _catch_up(account: Account, subscription: Object, params: Object) -> None:
    """Keep the old cycle: the running period is billed for what is left of it."""
    now = account.now(subscription["customer"])
    proration = Proration(account, subscription, params.get("proration_date", now))
    for item in items_of(account, subscription):
        recurring = account.get("price", item["price"])["recurring"]
        while item["current_period_end"] <= now:
            start = item["current_period_end"]
            end = boundary_after(subscription["billing_cycle_anchor"], recurring, start)
            item |= {"current_period_start": start, "current_period_end": end}
        account.put(item)
        if params.get("proration_behavior", "create_prorations") != "none":
            debit_remaining(proration, item)
