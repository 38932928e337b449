"""What time brings: trials end, periods renew, drafts become bills, bills are retried."""

from collections.abc import Callable

from portal_app.sandbox.account import Account, Object, first_due
from portal_app.sandbox.billing.collection import Attempt, collect, default_method, retry
from portal_app.sandbox.billing.endings import end_subscription, pending_items
from portal_app.sandbox.billing.intervals import DAY, boundary_after
from portal_app.sandbox.billing.invoices import close, finalize, subscription_of
from portal_app.sandbox.billing.lines import item_line
from portal_app.sandbox.billing.pausing import give_up_resuming, stop
from portal_app.sandbox.billing.pending_updates import lapse
from portal_app.sandbox.billing.standing import items_of, next_period_end, set_status
from portal_app.sandbox.billing.subscriptions import FIRST_INVOICE_LIVES, bill, finalize_later
from portal_app.sandbox.events import changing, emit

WARNING = 3 * DAY
# The order of things that fall on the same second.
WARN, ANNOUNCE, PHASE, UNPAUSE, CANCEL, EXPIRE, TRIAL_END, RENEW, FINALIZE, RETRY, OVERDUE = range(11)
RUNNING = ("active", "past_due", "unpaid")

Deed = Callable[[Account, Object], None]
deeds: dict[tuple[str, int], Deed] = {}


def deed(kind: str, rank: int) -> Callable[[Deed], Deed]:
    """Register what is done when an object's moment of this rank comes."""

    def register(function: Deed) -> Deed:
        deeds[kind, rank] = function
        return function

    return register


def subscription_due(account: Account, subscription: Object) -> tuple[int, int] | None:
    """What comes next for a subscription."""
    status = subscription["status"]
    moments: dict[int, int | None] = {}
    if status == "incomplete":
        moments[EXPIRE] = subscription["created"] + FIRST_INVOICE_LIVES
    elif status == "trialing":
        warn_at = max(subscription["trial_end"] - WARNING, subscription["created"])
        moments[WARN] = None if subscription.get("_is_warned") else warn_at
        moments[TRIAL_END] = subscription["trial_end"]
        moments[CANCEL] = subscription["cancel_at"]
    elif status in RUNNING:
        moments[CANCEL] = subscription["cancel_at"]
        end = next_period_end(account, subscription)
        moments[RENEW] = end
        moments[ANNOUNCE] = _announcement(account, subscription, end)
        moments[UNPAUSE] = (subscription["pause_collection"] or {}).get("resumes_at")
        if subscription["pending_update"] and subscription.get("_pending"):
            moments[EXPIRE] = subscription["pending_update"]["expires_at"]
    elif status == "paused":
        moments[CANCEL] = subscription["cancel_at"]
        moments[EXPIRE] = subscription.get("_resume_until")
    return first_due(moments)


def _announcement(account: Account, subscription: Object, end: int) -> int | None:
    """When the next invoice is announced, unless it has been or none will come."""
    is_ending = subscription["cancel_at"] is not None and subscription["cancel_at"] <= end
    moment = end - account.setting("upcoming_days") * DAY
    if is_ending or subscription.get("_announced") == end or moment <= subscription["start_date"]:
        return None
    return moment


def invoice_due(account: Account, invoice: Object) -> tuple[int, int] | None:
    """What comes next for an invoice."""
    if invoice["status"] == "draft":
        return first_due({FINALIZE: invoice["automatically_finalizes_at"]})
    if invoice["status"] == "open":
        is_late = invoice.get("_is_overdue")
        return first_due({RETRY: invoice["next_payment_attempt"], OVERDUE: None if is_late else invoice["due_date"]})
    return None


@deed("subscription", WARN)
def warn(account: Account, subscription: Object) -> None:
    """Three days before a trial ends."""
    subscription["_is_warned"] = True
    account.put(subscription)
    emit(account, "customer.subscription.trial_will_end", subscription)


@deed("subscription", EXPIRE)
def expire(account: Account, subscription: Object) -> None:
    """Nobody paid in time: the first invoice, a waiting change, or the invoice of a resumption."""
    if subscription["status"] == "paused":
        give_up_resuming(account, subscription)
        return
    if subscription["status"] != "incomplete":
        lapse(account, subscription)
        return
    now = account.now(subscription["customer"])
    set_status(account, subscription, "incomplete_expired", ended_at=now)
    invoice = account.find(subscription["latest_invoice"])
    if invoice and invoice["status"] == "open":
        close(account, invoice, "void")


@deed("subscription", UNPAUSE)
def collect_again(account: Account, subscription: Object) -> None:
    """The pause of collection is over."""
    with changing(account, subscription, "customer.subscription.updated"):
        subscription["pause_collection"] = None


@deed("subscription", CANCEL)
def cancel(account: Account, subscription: Object) -> None:
    """The agreed end; what is still pending goes onto a last invoice."""
    waiting = pending_items(account, subscription)
    reason = subscription["cancellation_details"]["reason"] or "cancellation_requested"
    end_subscription(account, subscription, reason)
    if any(item["proration"] for item in waiting):
        finalize_later(account, bill(account, subscription, "subscription_cycle", []))


@deed("subscription", TRIAL_END)
def end_trial(account: Account, subscription: Object) -> None:
    """The trial is over: the first paid period begins, if there is a card to pay it."""
    now = account.now(subscription["customer"])
    missing = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    is_sent = subscription["collection_method"] == "send_invoice"
    has_method = is_sent or default_method(account, subscription["customer"], subscription) is not None
    if not has_method and missing == "cancel":
        end_subscription(account, subscription, "cancellation_requested")
        return
    begin_cycle(account, subscription, now)
    if not has_method and missing == "pause":
        stop(account, subscription, "trial_end_without_payment_method")
        return
    with changing(account, subscription, "customer.subscription.updated"):
        set_status(account, subscription, "active")
        lines = [item_line(account, subscription, item) for item in items_of(account, subscription)]
        finalize_later(account, bill(account, subscription, "subscription_cycle", lines))


def begin_cycle(account: Account, subscription: Object, at: int) -> None:
    """Anchor the cycle and start every item's period."""
    subscription["billing_cycle_anchor"] = at
    subscription["trial_end"] = min(subscription["trial_end"] or at, at)
    for item in items_of(account, subscription):
        recurring = account.get("price", item["price"])["recurring"]
        item |= {"current_period_start": at, "current_period_end": boundary_after(at, recurring, at)}
        account.put(item)
    account.put(subscription)


@deed("subscription", RENEW)
def renew(account: Account, subscription: Object) -> None:
    """A period is over: the next one begins, and its draft invoice appears."""
    now = account.now(subscription["customer"])
    lines = []
    with changing(account, subscription, "customer.subscription.updated"):
        for item in items_of(account, subscription):
            if item["current_period_end"] > now:
                continue
            recurring = account.get("price", item["price"])["recurring"]
            start = item["current_period_end"]
            end = boundary_after(subscription["billing_cycle_anchor"], recurring, start)
            item |= {"current_period_start": start, "current_period_end": end}
            account.put(item)
            lines.append(item_line(account, subscription, item))
        invoice = bill(account, subscription, "subscription_cycle", lines)
    _send_off(account, subscription, invoice)


def _send_off(account: Account, subscription: Object, invoice: Object) -> None:
    paused = subscription["pause_collection"]
    if account.is_rehearsing:
        return
    if paused and paused["behavior"] != "keep_as_draft":
        finalize(account, invoice)
        if invoice["status"] == "open":
            close(account, invoice, "void" if paused["behavior"] == "void" else "uncollectible", "subscription_paused")
    elif paused or subscription["status"] == "unpaid":
        invoice["auto_advance"] = False
        account.put(invoice)
    else:
        finalize_later(account, invoice)


@deed("invoice", FINALIZE)
def finalize_draft(account: Account, invoice: Object) -> None:
    """An hour after its creation a draft becomes a bill, and is charged or sent."""
    finalize(account, invoice)
    if invoice["status"] != "open":
        return
    if invoice["collection_method"] == "send_invoice":
        emit(account, "invoice.sent", invoice)
    elif invoice["auto_advance"]:
        collect(account, invoice, Attempt())


@deed("invoice", RETRY)
def retry_payment(account: Account, invoice: Object) -> None:
    """The next attempt of the retry schedule."""
    retry(account, invoice)


@deed("invoice", OVERDUE)
def become_overdue(account: Account, invoice: Object) -> None:
    """A sent invoice was not paid in time."""
    invoice["_is_overdue"] = True
    account.put(invoice)
    emit(account, "invoice.overdue", invoice)
    subscription = subscription_of(account, invoice)
    if subscription and subscription["status"] == "active":
        set_status(account, subscription, "past_due")


Account.due_rules |= {"subscription": subscription_due, "invoice": invoice_due}
