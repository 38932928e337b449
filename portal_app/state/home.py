"""The first page: what is paid next, whether all is well, and what happened last."""

import reflex as rx

from portal_app.security.policy import policy
from portal_app.security.visitor import visitor
from portal_app.services import dashboard
from portal_app.services.dashboard import Dashboard
from portal_app.services.invoices import COUNTED
from portal_app.state import home_words
from portal_app.state.attention import Strip, strip_of
from portal_app.state.facts import Fact
from portal_app.state.home_words import Amount
from portal_app.state.invoice_rows import InvoiceLine, line_of
from portal_app.state.loading import Loading
from portal_app.state.speech import Speech, speech
from portal_app.state.subscription_cards import SubscriptionCard, card_of
from portal_app.state.sums import SumRow


class HomeState(Loading, rx.State):
    """The dashboard in words."""

    heading: str = ""
    lead: str = ""
    is_well: bool = False
    is_empty: bool = False
    strips: list[Strip] = []
    amount: Amount = Amount()
    sum_rows: list[SumRow] = []
    has_amount: bool = False
    has_sum: bool = False
    cards: list[SubscriptionCard] = []
    has_cards: bool = False
    has_one_card: bool = False
    is_card_primary: bool = False
    facts: list[Fact] = []
    has_facts: bool = False
    billing: list[Fact] = []
    has_billing: bool = False
    invoices: list[InvoiceLine] = []
    has_invoices: bool = False
    all_invoices: str = ""

    @rx.event
    @policy("customer")
    async def load(self) -> None:
        """Show the newest that the mirror knows."""
        found = await self._read(dashboard.get, visitor().customer_id)
        if found is not None:
            self._show(found, speech())

    def _show(self, found: Dashboard, say: Speech) -> None:
        running = [one for one in found.subscriptions if not one.is_over]
        self.heading = home_words.greeting_of(found.details, say)
        self.lead, self.is_well = home_words.lead_of(found, say), not found.attention and not found.open_invoices
        self.is_empty = not (found.subscriptions or found.invoices or found.open_invoices or found.last_payment)
        self.strips = [strip_of(item, say) for item in found.attention]
        self.amount = home_words.amount_of(found, say)
        self.sum_rows = home_words.sum_of(found, say)
        self.has_amount, self.has_sum = bool(self.amount.text), bool(self.sum_rows)
        self.cards = [card_of(one, say) for one in running]
        self.has_cards, self.has_one_card = bool(running), len(running) == 1
        # One primary a page: what needs attention goes first.
        self.is_card_primary = self.has_one_card and not self.strips
        self.facts = home_words.facts_of(found, say)
        has_details = found.configuration.features.billing_details
        self.billing = home_words.billing_facts(found.details, say) if has_details else []
        self.has_facts, self.has_billing = bool(self.facts), bool(self.billing)
        self.invoices = [line_of(row, say) for row in found.invoices]
        self.has_invoices = bool(found.invoices)
        self.all_invoices = _all_invoices(found.invoice_count, say)


def _all_invoices(number: int, say: Speech) -> str:
    _ = say.words
    if number > COUNTED:
        return _("All invoices")
    return _.n("All {count} invoice", "All {count} invoices", n=number, count=say.number(number)) if number > 1 else ""
