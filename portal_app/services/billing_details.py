"""Who a customer is on paper: name, address and tax ids as they go onto the next invoice."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from portal_app.kit.errors import NotFound
from portal_app.kit.money import Money
from portal_app.models import mirror
from portal_app.services.desk import Desk
from portal_app.services.reading import Json, part, text

_customers = mirror.Customer.__table__.c  # type: ignore[attr-defined]
_tax_ids = mirror.TaxId.__table__.c  # type: ignore[attr-defined]
_ONE = select(
    _customers.name,
    _customers.email,
    _customers.currency,
    _customers.balance,
    _customers.data,
).where(_customers.id == bindparam("customer_id"), ~_customers.is_deleted)
_NUMBERS = (
    select(_tax_ids.type, _tax_ids.value, _tax_ids.data)
    .where(_tax_ids.customer_id == bindparam("customer_id"), ~_tax_ids.is_deleted)
    .order_by(_tax_ids.id)
)


@dataclass(frozen=True)
class Address:
    """A postal address as it was given; `country` is a two-letter code. Every part may be empty."""

    line1: str = ""
    line2: str = ""
    postal_code: str = ""
    city: str = ""
    state: str = ""
    country: str = ""

    @property
    def is_empty(self) -> bool:
        return not any((self.line1, self.line2, self.postal_code, self.city, self.state, self.country))


@dataclass(frozen=True)
class TaxId:
    """A tax number. `verification` is Stripe's word: pending, verified, unverified, unavailable or empty."""

    type: str
    value: str
    verification: str = ""


@dataclass(frozen=True)
class BillingDetails:
    """A customer on paper; `credit` is what the next invoices are reduced by, `debt` what they are raised by."""

    name: str
    email: str
    phone: str
    address: Address
    tax_ids: tuple[TaxId, ...]
    credit: Money | None = None
    debt: Money | None = None


def get(desk: Desk, customer_id: str) -> BillingDetails:
    """This customer's details.

    Raises:
        NotFound: the mirror does not know the customer, or Stripe has deleted it.
    """
    row = desk.row(_ONE, {"customer_id": customer_id})
    if row is None:
        raise NotFound
    data: Json = row.data
    # Stripe counts a customer's credit below zero.
    balance = Money(abs(row.balance), row.currency) if row.balance and row.currency else None
    return BillingDetails(
        name=row.name,
        email=row.email,
        phone=text(data.get("phone")),
        address=address_of(part(data, "address")),
        tax_ids=tuple(
            TaxId(one.type, one.value, text(part(one.data, "verification").get("status")))
            for one in desk.rows(_NUMBERS, {"customer_id": customer_id})
        ),
        credit=balance if row.balance < 0 else None,
        debt=balance if row.balance > 0 else None,
    )


def address_of(data: Json) -> Address:
    """An address as Stripe sends it."""
    parts = ("line1", "line2", "postal_code", "city", "state", "country")
    return Address(*(text(data.get(name)) for name in parts))
