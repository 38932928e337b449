"""How a subscription ends, now or at a moment agreed before."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.standing import items_of, next_period_end
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.events import changing, emit

NO_DETAILS = {"comment": None, "feedback": None, "feedback_option": None, "reason": None}


def end_subscription(account: Account, subscription: Object, reason: str) -> Object:
    """End a subscription at once; open invoices are no longer collected by themselves."""
    now = account.now(subscription["customer"])
    schedule = account.find(subscription["schedule"])
    subscription |= {
        "status": "canceled",
        "canceled_at": subscription["canceled_at"] or now,
        "ended_at": now,
        "pause_collection": None,
        "pending_update": None,
        "status_details": None,
    }
    subscription["cancellation_details"]["reason"] = reason
    account.put(subscription)
    for invoice in account.all("invoice", ref=subscription["id"]):
        if invoice["status"] in ("open", "draft") and (invoice["auto_advance"] or invoice["next_payment_attempt"]):
            with changing(account, invoice, "invoice.updated"):
                invoice |= {"auto_advance": False, "next_payment_attempt": None, "automatically_finalizes_at": None}
    emit(account, "customer.subscription.deleted", subscription)
    account.count("cancellation", subscription["id"])
    if schedule and schedule["status"] in ("active", "not_started"):
        _close_schedule(account, schedule)
    return subscription


def _close_schedule(account: Account, schedule: Object) -> None:
    schedule |= {
        "status": "canceled",
        "canceled_at": account.now(schedule["customer"]),
        "current_phase": None,
    }
    account.put(schedule)
    emit(account, "subscription_schedule.canceled", schedule)


def drop_pending(account: Account, subscription: Object) -> None:
    """Forget prorations that no invoice has taken up."""
    for item in pending_items(account, subscription):
        if item["proration"]:
            account.forget(item)


def pending_items(account: Account, subscription: Object) -> list[Object]:
    """The invoice items that wait for a subscription's next invoice, oldest first."""
    waiting = [i for i in account.all("invoiceitem", customer=subscription["customer"]) if i["invoice"] is None]
    return [i for i in waiting if _belongs(i, subscription)]


def _belongs(item: Object, subscription: Object) -> bool:
    details = (item["parent"] or {}).get("subscription_details") or {}
    owner = details.get("subscription")
    # An item without a subscription goes out with whichever invoice of the customer comes first.
    return owner == subscription["id"] or (owner is None and item["currency"] == subscription["currency"])


def take_end(account: Account, subscription: Object, params: Object) -> None:
    """Agree on an end, move it or take it back, as `cancel_at_period_end` and `cancel_at` say."""
    if "cancellation_details" in params:
        details = params["cancellation_details"] or NO_DETAILS
        kept = subscription["cancellation_details"]
        given = {name: value or None for name, value in details.items()}
        subscription["cancellation_details"] = part("subscription", "cancellation_details", **(kept | given))
    if params.get("cancel_at_period_end") and params.get("cancel_at"):
        raise invalid("You may only specify one of these parameters: cancel_at, cancel_at_period_end.", "cancel_at")
    if "cancel_at_period_end" in params:
        is_ending = params["cancel_at_period_end"]
        if is_ending or subscription["cancel_at_period_end"]:
            subscription["cancel_at_period_end"] = is_ending
            _end_at(account, subscription, next_period_end(account, subscription) if is_ending else None)
    if "cancel_at" in params:
        subscription["cancel_at_period_end"] = False
        _end_at(account, subscription, _moment(account, subscription, params["cancel_at"]))


def _moment(account: Account, subscription: Object, wanted: int | str) -> int | None:
    ends = [item["current_period_end"] for item in items_of(account, subscription)]
    if wanted in ("min_period_end", "max_period_end"):
        return min(ends) if wanted == "min_period_end" else max(ends)
    if not wanted:
        return None
    if int(wanted) <= account.now(subscription["customer"]):
        raise invalid("`cancel_at` must be in the future.", "cancel_at")
    return int(wanted)


def _end_at(account: Account, subscription: Object, moment: int | None) -> None:
    was_ending = subscription["cancel_at"] is not None
    subscription["cancel_at"] = moment
    subscription["canceled_at"] = account.now(subscription["customer"]) if moment else None
    subscription["cancellation_details"]["reason"] = "cancellation_requested" if moment else None
    if moment:
        account.count("cancellation_scheduled", subscription["id"])
    elif was_ending:
        account.count("cancellation_undone", subscription["id"])
