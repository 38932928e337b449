"""What a customer can pay with, as far as the mirror knows: the card that a page names beside an amount."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from portal_app.models import mirror
from portal_app.services.desk import Desk
from portal_app.services.reading import Json, number, part, text

_methods = mirror.PaymentMethod.__table__.c  # type: ignore[attr-defined]
_SELECT = select(_methods.id, _methods.type, _methods.last4, _methods.data)
_ATTACHED = _SELECT.where(_methods.customer_id == bindparam("customer_id"), _methods.is_deleted.is_(False)).order_by(
    _methods.created_at.desc(), _methods.id
)
_NAMED = _SELECT.where(
    _methods.id.in_(bindparam("ids", expanding=True)), _methods.customer_id.in_(bindparam("owners", expanding=True))
)


@dataclass(frozen=True)
class PaymentMethod:
    """A card or another way to pay. `brand` is Stripe's word; a method without expiry has year 0."""

    id: str
    type: str
    brand: str
    last4: str
    exp_month: int = 0
    exp_year: int = 0

    @property
    def face(self) -> tuple[str, str, int, int]:
        """What is printed on it: a card in an old payment is the same as the one on file, though it has no id there."""
        return self.brand, self.last4, self.exp_month, self.exp_year

    def is_expired(self, today: datetime) -> bool:
        """A card is good until its month is over."""
        return bool(self.exp_year) and (self.exp_year, self.exp_month) < (today.year, today.month)

    def expires_soon(self, today: datetime) -> bool:
        """It ends with this month or the next."""
        months_left = (self.exp_year - today.year) * 12 + self.exp_month - today.month
        return bool(self.exp_year) and 0 <= months_left <= 1


def of_customer(desk: Desk, customer_id: str) -> dict[str, PaymentMethod]:
    """Everything attached to this customer, the newest first, by id."""
    rows = desk.rows(_ATTACHED, {"customer_id": customer_id})
    return {row.id: _read(row.id, row.type, row.last4, row.data) for row in rows}


def named(desk: Desk, customer_id: str, ids: list[str]) -> dict[str, PaymentMethod]:
    """These methods of this customer, detached ones included: an old payment still names its card."""
    if not ids:
        return {}
    # Stripe takes the customer away from a method that is detached.
    rows = desk.rows(_NAMED, {"ids": ids, "owners": [customer_id, ""]})
    return {row.id: _read(row.id, row.type, row.last4, row.data) for row in rows}


def from_details(details: Json) -> PaymentMethod | None:
    """The card as a charge recorded it in `payment_method_details`: what was true when it was charged."""
    kind = text(details.get("type"))
    return _read("", kind, text(part(details, kind).get("last4")), details) if kind else None


def _read(id_: str, kind: str, last4: str, data: Json) -> PaymentMethod:
    inner = part(data, kind)
    brand = text(inner.get("display_brand")) or text(inner.get("brand")) or text(inner.get("bank_name"))
    return PaymentMethod(
        id_,
        kind,
        brand,
        last4 or text(inner.get("last4")),
        number(inner.get("exp_month")),
        number(inner.get("exp_year")),
    )
