"""One subscription: what is paid for it, what comes next, and what has happened."""

from dataclasses import dataclass

import reflex as rx

from portal_app.kit.i18n import N_
from portal_app.security.policy import policy
from portal_app.security.visitor import visitor
from portal_app.services import subscription_detail
from portal_app.services.subscription_detail import Detail, HistoryEntry
from portal_app.services.subscriptions import Item, Subscription
from portal_app.state.invoice_rows import InvoiceLine, line_of
from portal_app.state.loading import Loading
from portal_app.state.speech import Speech, speech
from portal_app.state.subscription_cards import SubscriptionCard, card_of, say_item, sum_note
from portal_app.state.sums import SumRow, included_taxes, sum_rows

_HAPPENINGS = {
    "started": (N_("{plan} started"), "flag"),
    "renewed": (N_("Renewed for {amount}"), "receipt"),
    "changed": (N_("Changed, {amount} charged"), "repeat"),
    "paused": (N_("Paused"), "pause"),
    "canceled": (N_("You canceled it, number {number}"), "calendar"),
    "undone": (N_("You kept it"), "undo"),
    "ended": (N_("Ended"), "ended"),
}


@dataclass(frozen=True)
class Moment:
    """Something that happened, in words; `icon` is one of the kit's."""

    text: str
    day: str
    icon: str


class SubscriptionState(Loading, rx.State):
    """The subscription whose page is open."""

    card: SubscriptionCard = SubscriptionCard()
    sum_title: str = ""
    sum_note: str = ""
    sum_rows: list[SumRow] = []
    has_sum: bool = False
    is_charged: bool = False
    total_label: str = ""
    total: str = ""
    tax_notes: list[str] = []
    age: str = ""
    open_invoices: list[InvoiceLine] = []
    has_open: bool = False
    open_address: str = ""
    features: list[str] = []
    has_features: bool = False
    features_title: str = ""
    invoices: list[InvoiceLine] = []
    has_invoices: bool = False
    invoices_title: str = ""
    history: list[Moment] = []
    can_cancel: bool = False
    cancel_refusal: str = ""
    is_checking: bool = False
    cancel_address: str = ""

    @rx.event
    @policy("customer")
    async def load(self) -> None:
        """Show the newest that the mirror knows of the subscription in the address."""
        if not (subscription_id := self._id_here("sub")):
            return
        found = await self._read(subscription_detail.get, visitor().customer_id, subscription_id)
        if found is not None:
            self._show(found, speech())

    def _show(self, found: Detail, say: Speech) -> None:
        _ = say.words
        one = found.subscription
        self.card = card_of(one, say)
        self._show_sum(one, say)
        self.open_invoices = [line_of(row, say) for row in found.open_invoices]
        self.has_open = bool(found.open_invoices)
        self.open_address = self.open_invoices[0].address if self.has_open else ""
        self.features, self.has_features = list(one.features), bool(one.features)
        self.features_title = _("What {plan} includes", plan=self.card.name)
        self.invoices, self.has_invoices = [line_of(row, say) for row in found.invoices], bool(found.invoices)
        self.invoices_title = _("Invoices for {plan}", plan=self.card.name)
        self.history = [_moment(entry, self.card.name, say) for entry in found.history]
        is_running = not one.is_over and one.state != "canceling"
        self.is_charged = is_running and bool(self.card.method)
        self.can_cancel = is_running and not found.refusal and not found.is_checking
        self.cancel_refusal = _(found.refusal) if is_running and found.refusal else ""
        self.is_checking = found.is_checking
        self.cancel_address = f"/subscriptions/{one.id}/cancel"

    def _show_sum(self, one: Subscription, say: Speech) -> None:
        _ = say.words
        upcoming = one.upcoming if one.state in ("active", "trialing") else None
        self.has_sum = upcoming is not None or bool(one.items and not one.is_over)
        self.age, self.tax_notes, self.sum_title, self.sum_note = "", [], "", sum_note(one, say)
        if upcoming is None:
            self.sum_rows = [_priced(item, say) for item in one.items]
            self.total_label, self.total = _("Price"), self.card.price
            return
        day = say.day(upcoming.due_at)
        self.sum_title, self.total_label = _("Next invoice, {day}", day=day), _("You pay on {day}", day=day)
        self.sum_rows, self.total = sum_rows(upcoming.sum, say), say.money(upcoming.amount_due)
        self.tax_notes = included_taxes(upcoming.sum, say)
        if upcoming.as_of:
            self.age = _("As of {time}. A newer figure is on its way.", time=say.time(upcoming.as_of))


def _priced(item: Item, say: Speech) -> SumRow:
    _ = say.words
    return SumRow(say_item(item, say), say.money(item.amount) if item.amount else _("by usage"))


def _moment(entry: HistoryEntry, plan: str, say: Speech) -> Moment:
    _ = say.words
    text, icon = _HAPPENINGS[entry.what]
    amount = say.money(entry.amount) if entry.amount else ""
    return Moment(_(text, plan=plan, amount=amount, number=entry.number), say.day(entry.at), icon)
