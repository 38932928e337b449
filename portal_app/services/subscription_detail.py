"""One subscription with what belongs beside it: its invoices, its history and whether it can be canceled."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, select

from portal_app.kit.money import Money
from portal_app.models import mirror
from portal_app.models.portal import CancellationResponse
from portal_app.services import cancellation, configuration, invoices, subscriptions
from portal_app.services.desk import Desk
from portal_app.services.invoices import InvoiceRow
from portal_app.services.subscriptions import Subscription

Happening = Literal["started", "renewed", "changed", "paused", "canceled", "undone", "ended"]
_REASONS: dict[str, Happening] = {"subscription_cycle": "renewed", "subscription_update": "changed"}
_RENEWALS = 3

_invoice = mirror.Invoice.__table__.c  # type: ignore[attr-defined]
_response = CancellationResponse.__table__.c  # type: ignore[attr-defined]
_BILLED = (
    select(
        _invoice.created_at,
        _invoice.total,
        _invoice.currency,
        _invoice.data["billing_reason"].as_string().label("reason"),
    )
    .where(
        _invoice.customer_id == bindparam("customer_id"),
        _invoice.subscription_id == bindparam("subscription_id"),
        _invoice.status == "paid",
        ~_invoice.is_deleted,
    )
    .order_by(_invoice.created_at.desc())
    .limit(_RENEWALS)
)
_ANSWERED = select(_response.number, _response.created_at, _response.undone_at).where(
    _response.customer_id == bindparam("customer_id"), _response.subscription_id == bindparam("subscription_id")
)


@dataclass(frozen=True)
class HistoryEntry:
    """Something that happened; `amount` is what was paid for it, `number` a receipt's."""

    what: Happening
    at: datetime
    amount: Money | None = None
    number: str = ""


@dataclass(frozen=True)
class Detail:
    """A subscription's own page. `refusal` is why it cannot be canceled here, empty where it can."""

    subscription: Subscription
    invoices: tuple[InvoiceRow, ...]
    invoice_count: int
    open_invoices: tuple[InvoiceRow, ...]
    history: tuple[HistoryEntry, ...]
    refusal: str
    is_checking: bool


def get(desk: Desk, customer_id: str, subscription_id: str) -> Detail:
    """One subscription of this customer, the newest happening first.

    Raises:
        NotFound: there is none of that id, or it is another customer's.
    """
    found = subscriptions.get(desk, customer_id, subscription_id)
    chosen = configuration.current(desk)
    has_history = chosen.features.invoice_history
    happened = sorted(_history(desk, customer_id, found), key=lambda entry: entry.at, reverse=True)
    return Detail(
        subscription=found,
        invoices=tuple(invoices.latest(desk, customer_id, subscription_id=subscription_id)) if has_history else (),
        invoice_count=invoices.count(desk, customer_id, subscription_id) if has_history else 0,
        open_invoices=tuple(invoices.open_for(desk, customer_id, subscription_id)),
        history=tuple(happened),
        refusal=cancellation.refusal(chosen, found),
        is_checking=cancellation.is_checking(desk, customer_id, subscription_id),
    )


def _history(desk: Desk, customer_id: str, found: Subscription) -> Iterator[HistoryEntry]:
    ids = {"customer_id": customer_id, "subscription_id": found.id}
    yield HistoryEntry("started", found.started_at)
    for row in desk.rows(_BILLED, ids):
        if row.reason in _REASONS:
            yield HistoryEntry(_REASONS[row.reason], row.created_at, Money(row.total, row.currency))
    for row in desk.rows(_ANSWERED, ids):
        yield HistoryEntry("canceled", row.created_at, number=row.number)
        if row.undone_at:
            yield HistoryEntry("undone", row.undone_at)
    if found.paused_at:
        yield HistoryEntry("paused", found.paused_at)
    if found.ended_at:
        yield HistoryEntry("ended", found.ended_at)
