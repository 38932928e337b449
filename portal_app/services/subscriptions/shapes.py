"""What a subscription is to a page: its state, what is paid for what, and what happens next."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from portal_app.kit.money import Money, per_month
from portal_app.services.cards import PaymentMethod
from portal_app.services.catalogue import Coupon
from portal_app.services.sums import Sum

State = Literal[
    "active",
    "trialing",
    "canceling",
    "collection_paused",
    "paused",
    "past_due",
    "unpaid",
    "incomplete",
    "ended",
    "expired",
]
NextKind = Literal["renews", "first_charge", "ends", "retries", "resumes", "expires", "nothing"]
OVER: frozenset[State] = frozenset({"ended", "expired"})


@dataclass(frozen=True)
class Interval:
    """How often is paid: every `count` units."""

    unit: Literal["day", "week", "month", "year"]
    count: int = 1


@dataclass(frozen=True)
class Item:
    """One position of a subscription. `unit_amount` is in minor units, None where tiers decide; so is `amount`."""

    id: str
    name: str
    quantity: int | None
    unit_amount: Decimal | None
    amount: Money | None
    unit_label: str = ""
    product_id: str = ""
    price_id: str = ""


@dataclass(frozen=True)
class Discount:
    """A coupon on a subscription, and until when it is taken off."""

    coupon: Coupon
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Upcoming:
    """Stripe's own preview of the next invoice. `as_of` is set while the figure may be out of date."""

    due_at: datetime
    amount_due: Money
    sum: Sum
    as_of: datetime | None = None


@dataclass(frozen=True)
class NextEvent:
    """What happens next by itself: when, for how much, from which card."""

    kind: NextKind
    at: datetime | None = None
    amount: Money | None = None


@dataclass(frozen=True)
class ScheduledChange:
    """Another plan takes over at a known moment."""

    at: datetime
    names: tuple[str, ...]


@dataclass(frozen=True)
class PaymentPlan:
    """A fixed number of instalments and how many of them are paid; None where the schedule does not tell."""

    instalments: int | None = None
    paid: int | None = None


@dataclass(frozen=True)
class Subscription:
    """One subscription as its customer should understand it.

    `price` is before discounts and tax, per `interval`. `payment_method` is what Stripe charges: its own, else the
    customer's default, None where invoices are sent instead.
    """

    id: str
    state: State
    name: str
    items: tuple[Item, ...]
    currency: str
    interval: Interval | None
    started_at: datetime
    price: Money | None = None
    current_period_end: datetime | None = None
    trial_ends_at: datetime | None = None
    cancel_at: datetime | None = None
    ended_at: datetime | None = None
    paused_at: datetime | None = None
    resumes_at: datetime | None = None
    is_sent_as_invoice: bool = False
    can_undo: bool = False
    next: NextEvent = field(default_factory=lambda: NextEvent("nothing"))
    upcoming: Upcoming | None = None
    payment_method: PaymentMethod | None = None
    discounts: tuple[Discount, ...] = ()
    scheduled_change: ScheduledChange | None = None
    payment_plan: PaymentPlan | None = None
    features: tuple[str, ...] = ()
    schedule_id: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in OVER

    @property
    def price_per_month(self) -> Money | None:
        """What the price comes to each month, where it is paid for longer than one."""
        if not self.price or not self.interval or (self.interval.unit, self.interval.count) == ("month", 1):
            return None
        return per_month(self.price, self.interval.unit, self.interval.count)
