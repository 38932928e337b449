"""One invoice: how it stands, what it is for, whom it is made out to, and each try to pay it."""

import reflex as rx

from portal_app.security.policy import policy
from portal_app.security.visitor import visitor
from portal_app.services import invoices
from portal_app.services.invoices import Invoice
from portal_app.state.facts import Fact
from portal_app.state.invoice_rows import badge_of, file_url
from portal_app.state.invoice_words import Happening, happenings_of, lead_of, recipient_of
from portal_app.state.loading import Loading
from portal_app.state.speech import Speech, speech
from portal_app.state.sums import SumRow, included_taxes, reverse_charge, sum_rows


class InvoiceState(Loading, rx.State):
    """The invoice whose page is open."""

    heading: str = ""
    lead: str = ""
    badge: str = ""
    badge_kind: str = "off"
    badge_icon: str = ""
    due: str = ""
    pay_url: str = ""
    pay_label: str = ""
    next_try: str = ""
    sum_rows: list[SumRow] = []
    total_label: str = ""
    total: str = ""
    credited: str = ""
    paid: str = ""
    remaining: str = ""
    notes: list[str] = []
    recipient: list[Fact] = []
    has_recipient: bool = False
    happenings: list[Happening] = []
    file_url: str = ""

    @rx.event
    @policy("customer")
    async def load(self) -> None:
        """Show the newest that the mirror knows of the invoice in the address."""
        if not (invoice_id := self._id_here("in")):
            return
        found = await self._read(invoices.get, visitor().customer_id, invoice_id)
        if found is not None:
            self._show(found, speech())

    def _show(self, found: Invoice, say: Speech) -> None:
        _ = say.words
        row = found.row
        self.heading = _("Invoice {number}", number=row.number) if row.number else _("Invoice")
        self.badge, self.badge_kind, self.badge_icon = badge_of(row, say)
        self.lead = lead_of(found, say)
        is_open = row.state in ("due", "overdue", "confirm", "processing") and bool(row.remaining)
        self.due = say.money(row.remaining) if is_open else ""
        # Stripe's own page, until paying is possible here; nothing else is ever offered as a place to pay.
        can_pay = is_open and row.state != "processing" and found.hosted_url.startswith("https://")
        self.pay_url = found.hosted_url if can_pay else ""
        self.pay_label = _("Pay {amount} on our payment page", amount=self.due) if can_pay else ""
        tries_on = row.next_try_at if is_open else None
        self.next_try = _("We try to charge it on {day}.", day=say.day(tries_on)) if tries_on else ""
        self._show_sum(found, say)
        self.recipient = recipient_of(found, say)
        self.has_recipient = bool(self.recipient)
        self.happenings = list(happenings_of(found, say))
        self.file_url = file_url(row.id)

    def _show_sum(self, found: Invoice, say: Speech) -> None:
        _ = say.words
        self.sum_rows, self.total = sum_rows(found.sum, say), say.money(found.sum.to_pay)
        self.total_label = _("Amount due") if found.sum.balance_applied else _("Total")
        is_open = bool(found.row.remaining)
        self.credited = say.money(-found.credited) if found.credited else ""
        self.paid = say.money(-found.paid) if found.paid and is_open else ""
        self.remaining = say.money(found.row.remaining) if is_open and (found.paid or found.credited) else ""
        notes = (*included_taxes(found.sum, say), reverse_charge(found.sum, say), found.memo, found.footer)
        self.notes = [note for note in notes if note]
