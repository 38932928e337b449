"""What is still to be paid: each open invoice, and the sum of them in each currency."""

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select

from portal_app.kit.money import Money
from portal_app.models import mirror
from portal_app.services.desk import Desk
from portal_app.services.invoices import rows
from portal_app.services.invoices.rows import InvoiceRow

_invoices = mirror.Invoice.__table__.c  # type: ignore[attr-defined]
# Shown one by one; the sums count all of them.
MOST = 20

_OPEN = (
    (_invoices.customer_id == bindparam("customer_id"))
    & (_invoices.status == "open")
    & (_invoices.amount_remaining > 0)
    & ~_invoices.is_deleted
)
_SUMS = (
    select(
        _invoices.currency,
        func.sum(_invoices.amount_remaining).label("amount"),
        func.count().label("invoices"),
    )
    .where(_OPEN)
    .group_by(_invoices.currency)
    .order_by(_invoices.currency)
)
_ROWS = select(*rows.COLUMNS).where(_OPEN).order_by(_invoices.created_at, _invoices.id).limit(MOST)


@dataclass(frozen=True)
class Outstanding:
    """What is owed in one currency, over how many invoices."""

    amount: Money
    invoices: int


def outstanding(desk: Desk, customer_id: str) -> list[Outstanding]:
    """What this customer owes, a sum for each currency."""
    found = desk.rows(_SUMS, {"customer_id": customer_id})
    return [Outstanding(Money(int(row.amount), row.currency), row.invoices) for row in found]


def open_for(desk: Desk, customer_id: str, subscription_id: str = "") -> list[InvoiceRow]:
    """The open invoices, the oldest first; of one subscription if it is given."""
    statement = _ROWS
    if subscription_id:
        statement = _ROWS.where(_invoices.subscription_id == subscription_id)
    return rows.read(desk, customer_id, desk.rows(statement, {"customer_id": customer_id}))
