"""What a customer wants to know at a glance: what is paid next, whether all is well, and what happened last."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from portal_app.kit.clock import billing_now
from portal_app.kit.money import Money
from portal_app.services import billing_details, configuration, invoices, subscriptions
from portal_app.services.billing_details import BillingDetails
from portal_app.services.cards import PaymentMethod
from portal_app.services.configuration import Configuration
from portal_app.services.desk import Desk
from portal_app.services.invoices import Attempt, InvoiceRow, Outstanding
from portal_app.services.invoices.payments import last_paid
from portal_app.services.subscriptions import Subscription
from portal_app.services.sums import Sum

AttentionKind = Literal["payment_failed", "confirm", "waiting", "overdue", "card_expired", "card_expires"]
_WORST_FIRST: Final[tuple[AttentionKind, ...]] = (
    "payment_failed",
    "confirm",
    "waiting",
    "overdue",
    "card_expired",
    "card_expires",
)
MOST_ATTENTION: Final = 2


@dataclass(frozen=True)
class NextPayment:
    """Stripe's own figure for the next charge of one subscription; `as_of` is set while it may be out of date."""

    at: datetime
    amount: Money
    sum: Sum
    subscription: Subscription
    payment_method: PaymentMethod | None
    as_of: datetime | None = None


@dataclass(frozen=True)
class Attention:
    """Something that only the customer can put right."""

    kind: AttentionKind
    invoice: InvoiceRow | None = None
    subscription: Subscription | None = None
    method: PaymentMethod | None = None


@dataclass(frozen=True)
class Dashboard:
    """Everything that the first page shows; `payments` are those to come, the nearest first."""

    details: BillingDetails
    configuration: Configuration
    subscriptions: tuple[Subscription, ...]
    payments: tuple[NextPayment, ...]
    attention: tuple[Attention, ...]
    open_invoices: tuple[InvoiceRow, ...]
    outstanding: tuple[Outstanding, ...]
    last_payment: Attempt | None
    invoices: tuple[InvoiceRow, ...]
    invoice_count: int


def get(desk: Desk, customer_id: str) -> Dashboard:
    """The first page of this customer.

    Raises:
        NotFound: the mirror does not know the customer, or Stripe has deleted it.
    """
    details = billing_details.get(desk, customer_id)
    chosen = configuration.current(desk)
    found = subscriptions.list_for(desk, customer_id)
    open_invoices = invoices.open_for(desk, customer_id)
    has_history = chosen.features.invoice_history
    return Dashboard(
        details=details,
        configuration=chosen,
        subscriptions=tuple(found),
        payments=tuple(sorted(_payments(found), key=lambda payment: payment.at)),
        attention=tuple(_attention(found, open_invoices)),
        open_invoices=tuple(open_invoices),
        outstanding=tuple(invoices.outstanding(desk, customer_id)) if open_invoices else (),
        last_payment=last_paid(desk, customer_id),
        invoices=tuple(invoices.latest(desk, customer_id)) if has_history else (),
        invoice_count=invoices.count(desk, customer_id) if has_history else 0,
    )


def _payments(found: Sequence[Subscription]) -> Iterator[NextPayment]:
    for one in found:
        # What is overdue is told as that; the period after it is not what comes next.
        if one.upcoming and one.state in ("active", "trialing"):
            upcoming = one.upcoming
            yield NextPayment(
                upcoming.due_at, upcoming.amount_due, upcoming.sum, one, one.payment_method, upcoming.as_of
            )


def _attention(found: Sequence[Subscription], open_invoices: Sequence[InvoiceRow]) -> list[Attention]:
    """The worst first, at most two, and no card whose failed payment is told already."""
    items = [item for invoice in open_invoices if (item := _about_invoice(invoice, found))]
    told = {item.method.face for item in items if item.method}
    items += [item for item in _about_cards(found) if item.method and item.method.face not in told]
    return sorted(items, key=lambda item: _WORST_FIRST.index(item.kind))[:MOST_ATTENTION]


def _about_invoice(invoice: InvoiceRow, found: Sequence[Subscription]) -> Attention | None:
    subscription = next((one for one in found if one.id == invoice.subscription_id), None)
    tried = invoice.attempts[-1].payment_method if invoice.attempts else None
    method = tried or (subscription.payment_method if subscription else None)
    if invoice.state == "confirm":
        return Attention("confirm", invoice, subscription, method)
    if subscription and subscription.state == "incomplete":
        return Attention("waiting", invoice, subscription, method)
    if invoice.state != "overdue":
        return None
    kind = "payment_failed" if invoice.is_charged_automatically else "overdue"
    return Attention(kind, invoice, subscription, method)


def _about_cards(found: Sequence[Subscription]) -> Iterator[Attention]:
    today, seen = billing_now(), set()
    for one in found:
        method = one.payment_method
        if one.is_over or one.state == "canceling" or method is None or method.id in seen:
            continue
        seen.add(method.id)
        if method.is_expired(today):
            yield Attention("card_expired", None, one, method)
        elif method.expires_soon(today):
            yield Attention("card_expires", None, one, method)
