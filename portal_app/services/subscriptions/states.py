"""Which of our words describes a subscription, and what happens to it next by itself."""

from datetime import datetime, timedelta
from typing import Final

from portal_app.kit.money import MONTHS_IN, Money
from portal_app.services.reading import Json, entries, id_of, moment, number, part, text
from portal_app.services.subscriptions.shapes import Interval, NextEvent, PaymentPlan, State, Upcoming

# Stripe gives the first payment of a new subscription this long. Source: https://docs.stripe.com/billing/subscriptions/overview
_FIRST_PAYMENT: Final = timedelta(hours=23)
_FINAL: Final[dict[str, State]] = {
    "canceled": "ended",
    "incomplete_expired": "expired",
    "incomplete": "incomplete",  # not over, but nothing has begun that could end later
}
_RUNNING: Final[dict[str, State]] = {
    "trialing": "trialing",
    "past_due": "past_due",
    "unpaid": "unpaid",
    "paused": "paused",
}


def state_of(subscription: Json, plan: PaymentPlan | None = None) -> State:
    """Our word. What will end is canceling, whatever else is the matter with it; what is over is over.

    A payment plan ends from its first day on, so its end alone does not make it canceling.
    """
    status = text(subscription.get("status"))
    if status in _FINAL:
        return _FINAL[status]
    if subscription.get("cancel_at_period_end") or (cancel_at(subscription) and not plan):
        return "canceling"
    if status == "active" and part(subscription, "pause_collection"):
        return "collection_paused"
    return _RUNNING.get(status, "active")


def period_end(subscription: Json) -> datetime | None:
    """When the running period ends: the earliest of the items', since each may have its own."""
    ends = [moment(item.get("current_period_end")) for item in entries(subscription.get("items"))]
    # Before API 2025-03-31 the subscription itself carried the period.
    ends.append(moment(subscription.get("current_period_end")))
    return min(filter(None, ends), default=None)


def cancel_at(subscription: Json) -> datetime | None:
    """When it will end, if that is decided."""
    at = moment(subscription.get("cancel_at"))
    if at is None and subscription.get("cancel_at_period_end"):
        return period_end(subscription)
    return at


def next_event(subscription: Json, state: State, upcoming: Upcoming | None, retry_at: datetime | None) -> NextEvent:
    """What comes by itself if nobody does anything; amounts are Stripe's or absent, never worked out here."""
    if state in ("active", "trialing"):
        at = upcoming.due_at if upcoming else _next_period(subscription, state)
        kind = "renews" if state == "active" else "first_charge"
        return NextEvent(kind, at, upcoming.amount_due if upcoming else None)
    created = moment(subscription.get("created"))
    others: dict[State, NextEvent] = {
        "canceling": NextEvent("ends", cancel_at(subscription)),
        "collection_paused": NextEvent("resumes", moment(part(subscription, "pause_collection").get("resumes_at"))),
        "incomplete": NextEvent("expires", created + _FIRST_PAYMENT if created else None),
        "past_due": NextEvent("retries", retry_at),
    }
    return others.get(state, NextEvent("nothing"))


def _next_period(subscription: Json, state: State) -> datetime | None:
    return moment(subscription.get("trial_end")) if state == "trialing" else period_end(subscription)


def payment_plan_of(schedule: Json, interval: Interval | None, paid: int, is_marked: bool) -> PaymentPlan | None:
    """A schedule of one finite phase that ends in cancellation, or a product that the merchant marked as a plan."""
    phases = entries(schedule.get("phases"))
    is_finite = len(phases) == 1 and schedule.get("end_behavior") == "cancel" and phases[0].get("end_date")
    if is_finite and interval:
        instalments = _instalments(phases[0], interval)
        return PaymentPlan(instalments, min(paid, instalments) if instalments else None)
    return PaymentPlan() if is_finite or is_marked else None


def interval_of(subscription: Json) -> Interval | None:
    """How often the first item is paid."""
    for item in entries(subscription.get("items")):
        recurring = part(item, "price", "recurring")
        if recurring.get("interval") in ("day", "week", "month", "year"):
            return Interval(recurring["interval"], number(recurring.get("interval_count")) or 1)
    return None


def price_of(amounts: list[Money | None]) -> Money | None:
    """The price of all items together; unknown as soon as one of them is decided by usage or tiers."""
    known = [amount for amount in amounts if amount is not None]
    if not known or len(known) < len(amounts):
        return None
    total = known[0]
    for amount in known[1:]:
        total = total + amount
    return total


def rates_of(subscription: Json) -> list[Json]:
    """The tax rates that a subscription and its items name in full."""
    rates = [*entries(subscription.get("default_tax_rates"))]
    for item in entries(subscription.get("items")):
        rates += entries(item.get("tax_rates"))
    return [rate for rate in rates if id_of(rate)]


def _instalments(phase: Json, interval: Interval) -> int | None:
    """How many periods a phase holds, counted in months, since these differ in length."""
    start, end = moment(phase.get("start_date")), moment(phase.get("end_date"))
    months = MONTHS_IN.get(interval.unit, 0) * interval.count
    if not start or not end or not months:
        return None
    return max(1, ((end.year - start.year) * 12 + end.month - start.month) // months)
