"""The tries to pay an invoice: what became of each, with which card, and why the bank said no."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, bindparam, select

from portal_app.kit.money import Money
from portal_app.models import mirror
from portal_app.services import cards
from portal_app.services.cards import PaymentMethod
from portal_app.services.desk import Desk
from portal_app.services.reading import Json, id_of, moment, number, part, text

AttemptState = Literal["succeeded", "failed", "processing", "confirm", "waiting", "canceled"]

_STATES: dict[str, AttemptState] = {
    "succeeded": "succeeded",
    "processing": "processing",
    "requires_action": "confirm",
    "requires_confirmation": "waiting",
    "requires_capture": "processing",
    "canceled": "canceled",
    "failed": "failed",
    "pending": "processing",
}
_payment = mirror.Payment.__table__.c  # type: ignore[attr-defined]
_link = mirror.InvoicePayment.__table__.c  # type: ignore[attr-defined]
_TRIES = (
    select(
        _link.invoice_id,
        _payment.id,
        _payment.status,
        _payment.amount,
        _payment.currency,
        _payment.created_at,
        _payment.data,
    )
    .join_from(mirror.InvoicePayment, mirror.Payment, _payment.id == _link.payment_id)
    .where(
        _link.invoice_id.in_(bindparam("invoice_ids", expanding=True)),
        _payment.customer_id == bindparam("customer_id"),
    )
)

_LAST_PAID = (
    select(_payment.id, _payment.status, _payment.amount, _payment.currency, _payment.created_at, _payment.data)
    .where(_payment.customer_id == bindparam("customer_id"), _payment.status == "succeeded", ~_payment.is_deleted)
    .order_by(_payment.created_at.desc())
    .limit(1)
)


@dataclass(frozen=True)
class Attempt:
    """One payment of an invoice. `decline_code` is the bank's word, Stripe's spelling; empty unless it failed."""

    id: str
    state: AttemptState
    amount: Money
    at: datetime
    payment_method: PaymentMethod | None = None
    decline_code: str = ""


def attempts_for(desk: Desk, customer_id: str, invoice_ids: Iterable[str]) -> dict[str, list[Attempt]]:
    """The tries to pay these invoices of this customer, the oldest first, by invoice id."""
    wanted = sorted(invoice_ids)
    if not wanted:
        return {}
    rows = desk.rows(_TRIES, {"customer_id": customer_id, "invoice_ids": wanted})
    methods = cards.named(desk, customer_id, [method for row in rows if (method := _method_id(row.data))])
    found: dict[str, list[Attempt]] = {}
    for attempt, invoice_id in sorted(((_attempt(row, methods), row.invoice_id) for row in rows), key=_moment):
        found.setdefault(invoice_id, []).append(attempt)
    return found


def last_paid(desk: Desk, customer_id: str) -> Attempt | None:
    """The customer's newest payment that went through."""
    row = desk.row(_LAST_PAID, {"customer_id": customer_id})
    if row is None:
        return None
    return _attempt(row, cards.named(desk, customer_id, [method] if (method := _method_id(row.data)) else []))


def _moment(pair: tuple[Attempt, str]) -> datetime:
    return pair[0].at


def _attempt(row: Row[Any], methods: Mapping[str, PaymentMethod]) -> Attempt:
    data: Json = row.data
    error = part(data, "last_payment_error")
    # A charge says it in its own words, a payment intent by what it needs next.
    state = _STATES.get(row.status) or ("failed" if error else "waiting")
    charge = part(data, "latest_charge") or data
    used = cards.from_details(part(charge, "payment_method_details"))
    code = text(error.get("decline_code")) or text(error.get("code")) or text(data.get("failure_code"))
    return Attempt(
        id=row.id,
        state=state,
        amount=Money(row.amount, row.currency),
        at=_at(data) or row.created_at,
        payment_method=used or methods.get(_method_id(data)),
        decline_code=code if state == "failed" else "",
    )


def _at(data: Json) -> datetime | None:
    """When it was last tried: the newest charge's moment, where Stripe sent it in full."""
    return moment(number(part(data, "latest_charge").get("created")) or None)


def _method_id(data: Json) -> str:
    error = part(data, "last_payment_error")
    return id_of(data.get("payment_method")) or id_of(error.get("payment_method"))
