"""Pausing a subscription for good measure, and taking it up again."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.collection import Attempt, collect
from portal_app.sandbox.billing.endings import pending_items
from portal_app.sandbox.billing.intervals import boundary_after
from portal_app.sandbox.billing.invoices import finalize
from portal_app.sandbox.billing.lines import item_line
from portal_app.sandbox.billing.prorations import Proration, credit_unused, debit_remaining
from portal_app.sandbox.billing.standing import items_of, set_status
from portal_app.sandbox.billing.subscriptions import bill
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.events import emit


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
    """Take a paused subscription up again; with a new cycle the first invoice comes at once."""
    if subscription["status"] != "paused":
        raise invalid("Only paused subscriptions can be resumed.")
    now = account.now(subscription["customer"])
    anchor = (params.get("billing_cycle_anchor") or {}).get("type", "now")
    account.count("resume", subscription["id"])
    lines = []
    if anchor == "now":
        subscription["billing_cycle_anchor"] = now
        for item in items_of(account, subscription):
            recurring = account.get("price", item["price"])["recurring"]
            item |= {"current_period_start": now, "current_period_end": boundary_after(now, recurring, now)}
            account.put(item)
            lines.append(item_line(account, subscription, item))
    else:
        _catch_up(account, subscription, params, now)
    has_bill = lines or (params.get("proration_behavior") == "always_invoice" and pending_items(account, subscription))
    if not has_bill:
        return _wake(account, subscription)
    return _resume_with_invoice(account, subscription, params, lines)


def _resume_with_invoice(account: Account, subscription: Object, params: Object, lines: list) -> Object:
    invoice = bill(account, subscription, "subscription_update", lines)
    if account.is_rehearsing:
        return subscription
    subscription["_resumed_by"] = invoice["id"]
    account.put(subscription)
    finalize(account, invoice)
    behavior = params.get("payment_behavior", "resume_on_payment_attempt")
    if invoice["status"] == "open" and subscription["collection_method"] == "charge_automatically":
        collect(account, invoice, Attempt(is_off_session=False))
    if subscription["status"] == "paused" and behavior == "resume_on_payment_attempt":
        subscription["_resumed_by"] = None
        _wake(account, subscription)
        if invoice["status"] == "open":
            set_status(account, subscription, "past_due")
    return subscription


def _wake(account: Account, subscription: Object) -> Object:
    set_status(account, subscription, "active", status_details=None)
    emit(account, "customer.subscription.resumed", subscription)
    return subscription


def _catch_up(account: Account, subscription: Object, params: Object, now: int) -> None:
    """Keep the old cycle: the running period is billed for what is left of it."""
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
