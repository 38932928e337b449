"""The list of invoices with what stands above it: what is due, and the years to choose from."""

from dataclasses import dataclass
from datetime import datetime

from portal_app.kit.money import Money
from portal_app.services.desk import Desk
from portal_app.services.invoices.owed import Outstanding, open_for, outstanding
from portal_app.services.invoices.pages import PAGE, Filter, Page, page, years
from portal_app.services.invoices.rows import InvoiceRow


@dataclass(frozen=True)
class Statement:
    """`overdue` are the amounts that were to be paid before today, the oldest since `overdue_since`."""

    page: Page
    years: tuple[int, ...]
    outstanding: tuple[Outstanding, ...]
    overdue: tuple[Money, ...]
    overdue_since: datetime | None


def statement(desk: Desk, customer_id: str, wanted: Filter, size: int = PAGE) -> Statement:
    """The first `size` invoices that the filter finds, and what all of them together leave to pay.

    Raises:
        NotAllowed: the merchant does not show invoices here.
    """
    found = page(desk, customer_id, wanted, size=size)
    late = [row for row in open_for(desk, customer_id) if row.state == "overdue"]
    return Statement(
        page=found,
        years=tuple(years(desk, customer_id, wanted.zone)),
        outstanding=tuple(outstanding(desk, customer_id)),
        overdue=tuple(_add_up(late)),
        overdue_since=min((row.due_at or row.created_at for row in late), default=None),
    )


def _add_up(rows: list[InvoiceRow]) -> list[Money]:
    found: dict[str, Money] = {}
    for row in rows:
        currency = row.remaining.currency
        found[currency] = found[currency] + row.remaining if currency in found else row.remaining
    return list(found.values())
