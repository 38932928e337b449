"""The customer's invoices: what is due, and all of them, a page at a time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Literal

import reflex as rx
from pydantic import Field

from portal_app.security.policy import policy
from portal_app.security.visitor import visitor
from portal_app.services import invoices
from portal_app.services.invoices import PAGE, Filter, Statement
from portal_app.state.invoice_rows import InvoiceLine, line_of
from portal_app.state.loading import Loading
from portal_app.state.speech import Speech, speech

# What a browser can hold of one list; older ones are found by year.
MOST_ROWS = 500
Status = Literal["", "open", "paid", "closed"]
Year = Annotated[str, Field(pattern=r"^(?:|(?:19|20)\d\d)$")]
SearchText = Annotated[str, Field(max_length=80)]


@dataclass(frozen=True)
class Choice:
    """One option of a list."""

    value: str
    label: str


class InvoicesState(Loading, rx.State):
    """A list that grows by pages and is narrowed by status, year and text."""

    rows: list[InvoiceLine] = []
    has_rows: bool = False
    has_filter: bool = False
    status: Status = ""
    year: str = ""
    text: str = ""
    years: list[Choice] = []
    shown: str = ""
    has_more: bool = False
    is_loading_more: bool = False
    due_label: str = ""
    due: str = ""
    overdue: str = ""

    @rx.event
    @policy("customer")
    async def load(self) -> None:
        """Show the newest that the mirror knows, as many rows as were shown before."""
        size = -(-len(self.rows) // PAGE) * PAGE or PAGE
        await self._load(size)

    @rx.event
    @policy("customer")
    async def load_more(self) -> AsyncIterator[None]:
        """Show the next page too."""
        self.is_loading_more = True
        yield
        await self._load(min(len(self.rows) + PAGE, MOST_ROWS))
        self.is_loading_more = False

    @rx.event
    @policy("customer")
    async def choose_status(self, status: Status) -> None:
        """Show only these."""
        self.status = status
        await self._load(PAGE)

    @rx.event
    @policy("customer")
    async def choose_year(self, year: Year) -> None:
        """Show only what this year holds; empty for all years."""
        self.year = year
        await self._load(PAGE)

    @rx.event
    @policy("customer")
    async def search(self, text: SearchText) -> None:
        """Show only what has this in its number, or is over this amount."""
        self.text = text
        await self._load(PAGE)

    @rx.event
    @policy("customer")
    async def clear(self) -> None:
        """Show all again."""
        self.status, self.year, self.text = "", "", ""
        await self._load(PAGE)

    async def _load(self, size: int) -> None:
        say = speech()
        wanted = Filter(self.status, int(self.year) if self.year else None, self.text, zone=say.zone)
        found = await self._read(invoices.statement, visitor().customer_id, wanted, size)
        if found is not None:
            self._show(found, say)

    def _show(self, found: Statement, say: Speech) -> None:
        _ = say.words
        self.rows = [line_of(row, say) for row in found.page.rows]
        self.has_rows, self.has_filter = bool(self.rows), bool(self.status or self.year or self.text)
        self.has_more = found.page.has_more and len(self.rows) < MOST_ROWS
        self.shown = _shown(found, len(self.rows), say)
        self.years = [Choice("", _("All years")), *(Choice(str(year), str(year)) for year in found.years)]
        number = sum(owed.invoices for owed in found.outstanding)
        self.due_label = _.n("Due in {n} invoice", "Due in {n} invoices", n=number) if number else ""
        self.due = say.amounts([owed.amount for owed in found.outstanding])
        late = say.amounts(found.overdue)
        self.overdue = _("{amount} since {day}", amount=late, day=say.day(found.overdue_since)) if late else ""


def _shown(found: Statement, number: int, say: Speech) -> str:
    _ = say.words
    total = found.page.total
    if not found.page.is_counted:
        return _("{shown} of more than {count} invoices", shown=say.number(number), count=say.number(total))
    counted = {"shown": say.number(number), "count": say.number(total)}
    return _.n("{shown} of {count} invoice", "{shown} of {count} invoices", n=total, **counted)
