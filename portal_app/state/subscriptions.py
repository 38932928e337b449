"""The customer's subscriptions: what runs, and what is over, folded."""

import reflex as rx

from portal_app.security.policy import policy
from portal_app.security.visitor import visitor
from portal_app.services import subscriptions
from portal_app.services.subscriptions import Subscription
from portal_app.state.loading import Loading
from portal_app.state.speech import Speech, speech
from portal_app.state.subscription_cards import SubscriptionCard, card_of


class SubscriptionsState(Loading, rx.State):
    """Every subscription in words."""

    lead: str = ""
    cards: list[SubscriptionCard] = []
    ended: list[SubscriptionCard] = []
    has_cards: bool = False
    has_ended: bool = False
    ended_count: int = 0

    @rx.event
    @policy("customer")
    async def load(self) -> None:
        """Show the newest that the mirror knows."""
        found = await self._read(subscriptions.list_for, visitor().customer_id)
        if found is not None:
            self._show(found, speech())

    def _show(self, found: list[Subscription], say: Speech) -> None:
        cards = [card_of(one, say) for one in found]
        self.cards = [card for card in cards if not card.is_over]
        self.ended = [card for card in cards if card.is_over]
        self.has_cards, self.has_ended = bool(self.cards), bool(self.ended)
        self.ended_count = len(self.ended)
        self.lead = _lead(found, say)


def _lead(found: list[Subscription], say: Speech) -> str:
    _ = say.words
    running = [one for one in found if not one.is_over]
    ending = [one for one in running if one.state == "canceling"]
    if not found or (len(running) == 1 and not ending):
        return ""
    if not running:
        return _("None is running.")
    if len(ending) == len(running):
        return _.n("It is canceled and ends soon.", "All {n} are canceled and end soon.", n=len(running))
    kept = _.n("{n} subscription is running.", "{n} subscriptions are running.", n=len(running) - len(ending))
    return kept + (" " + _.n("{n} is canceling.", "{n} are canceling.", n=len(ending)) if ending else "")
