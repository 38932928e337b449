"""An invoice as one line of a list, read without its JSON wherever that is possible."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, null

from portal_app.kit.clock import billing_now
from portal_app.kit.money import Money
from portal_app.models import mirror
from portal_app.services import catalogue
from portal_app.services.catalogue import Product
from portal_app.services.desk import Desk
from portal_app.services.invoices import payments
from portal_app.services.invoices.payments import Attempt
from portal_app.services.invoices.states import State, state_of
from portal_app.services.reading import moment

_invoices = mirror.Invoice.__table__.c  # type: ignore[attr-defined]
_IS_OPEN = _invoices.status == "open"
COLUMNS = (
    _invoices.id,
    _invoices.number,
    _invoices.status,
    _invoices.currency,
    _invoices.total,
    _invoices.amount_remaining,
    _invoices.created_at,
    _invoices.due_at,
    _invoices.description,
    _invoices.about,
    _invoices.subscription_id,
    # Of closed invoices, which are most of a list, the JSON stays unread.
    case((_IS_OPEN, _invoices.data["attempt_count"].as_integer()), else_=null()).label("attempt_count"),
    case((_IS_OPEN, _invoices.data["next_payment_attempt"].as_integer()), else_=null()).label("next_try"),
    case((_IS_OPEN, _invoices.data["collection_method"].as_string()), else_=null()).label("collection_method"),
    case((_IS_OPEN, _invoices.data["hosted_invoice_url"].as_string()), else_=null()).label("hosted_url"),
)


@dataclass(frozen=True)
class About:
    """One thing that an invoice is for; `name` is the product's, or Stripe's own words for a single item."""

    name: str
    quantity: int | None = None


@dataclass(frozen=True)
class InvoiceRow:
    """An invoice in a list. `due_at` is when it is to be paid at the latest, `next_try_at` when Stripe charges it.

    `hosted_url` is Stripe's own page, where an open invoice can be paid. `attempts` are those of an open one.
    """

    id: str
    number: str
    state: State
    created_at: datetime
    total: Money
    remaining: Money
    about: tuple[About, ...] = ()
    due_at: datetime | None = None
    next_try_at: datetime | None = None
    subscription_id: str = ""
    is_charged_automatically: bool = False
    hosted_url: str = ""
    attempts: tuple[Attempt, ...] = ()


def read(desk: Desk, customer_id: str, found: Sequence[Row[Any]]) -> list[InvoiceRow]:
    """Rows of `COLUMNS` in our words; two selects more, however many there are."""
    attempts = payments.attempts_for(desk, customer_id, (row.id for row in found if row.status == "open"))
    products = catalogue.products(desk, (product_id for row in found for product_id, *_rest in row.about))
    now = billing_now()
    return [_row(row, attempts.get(row.id, []), products, now) for row in found]


def _row(row: Row[Any], attempts: Sequence[Attempt], products: Mapping[str, Product], now: datetime) -> InvoiceRow:
    newest = attempts[-1] if attempts else None
    return InvoiceRow(
        id=row.id,
        number=row.number,
        state=state_of(row.status, row.due_at, bool(row.attempt_count), newest, now),
        created_at=row.created_at,
        total=Money(row.total, row.currency),
        remaining=Money(row.amount_remaining, row.currency),
        about=tuple(_about(row, products)),
        due_at=row.due_at,
        next_try_at=moment(row.next_try),
        subscription_id=row.subscription_id,
        is_charged_automatically=row.collection_method == "charge_automatically",
        hosted_url=row.hosted_url or "",
        attempts=tuple(attempts),
    )


def _about(row: Row[Any], products: Mapping[str, Product]) -> Iterator[About]:
    for product_id, text, quantity in row.about:
        product = products.get(product_id)
        yield About(product.name if product else text, quantity if product else None)
    if not row.about and row.description:
        yield About(row.description)
