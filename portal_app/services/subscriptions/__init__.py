"""A customer's subscriptions as the mirror knows them, each with its state, its sum and what happens next."""

from portal_app.services.subscriptions.reading import get, list_for
from portal_app.services.subscriptions.shapes import (
    Discount,
    Interval,
    Item,
    NextEvent,
    PaymentPlan,
    ScheduledChange,
    State,
    Subscription,
    Upcoming,
)

__all__ = [
    "Discount",
    "Interval",
    "Item",
    "NextEvent",
    "PaymentPlan",
    "ScheduledChange",
    "State",
    "Subscription",
    "Upcoming",
    "get",
    "list_for",
]
