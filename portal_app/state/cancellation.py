"""Canceling in three steps: nothing is final before `confirm`."""

from typing import Annotated

import reflex as rx
from pydantic import Field

from portal_app.kit.errors import PortalError
from portal_app.kit.i18n import N_
from portal_app.security.policy import policy
from portal_app.security.visitor import visitor
from portal_app.services import cancellation
from portal_app.services.cancellation import LONGEST_COMMENT, Cancellation, Preview
from portal_app.services.cancellation_acts import Mode
from portal_app.services.desk import ask
from portal_app.state import cancellation_words as words
from portal_app.state.cancellation_words import Effect, Reason, Step
from portal_app.state.facts import Fact
from portal_app.state.loading import Loading, SubscriptionId
from portal_app.state.speech import Speech, speech

Answer = Annotated[str, Field(max_length=LONGEST_COMMENT)]
NOT_CARRIED_OUT = N_("Our payment provider did not carry this out. Nothing was changed.")


class CancellationState(Loading, rx.State):
    """The flow of one subscription; `step` is effect, reason, confirm, checking or done."""

    subscription_id: str = ""
    plan: str = ""
    step: str = "effect"
    heading: str = ""
    lead: str = ""
    effects: list[Effect] = []
    reasons: list[Reason] = []
    _order: list[str] = []
    feedback: str = ""
    comment: str = ""
    facts: list[Fact] = []
    _mode: Mode | None = None
    undo_note: str = ""
    can_undo: bool = False
    is_checking: bool = False
    is_busy: bool = False
    error: str = ""
    back_address: str = ""

    @rx.event
    @policy("customer")
    async def load(self) -> None:
        """Show where the flow stands; what was answered stays answered."""
        if not (subscription_id := self._id_here("sub")):
            return
        if subscription_id != self.subscription_id:
            self._begin(subscription_id)
        found = await self._read(cancellation.look, visitor().customer_id, subscription_id)
        if found is not None:
            self._show(found, speech())

    @rx.event
    @policy("customer")
    async def go(self, step: Step) -> None:
        """Turn to another step; what was answered stays answered."""
        if self.step in ("effect", "reason", "confirm"):
            self.step, self.error = step, ""
            await self.load()

    @rx.event
    @policy("customer")
    async def answer(self, answers: dict[str, Answer]) -> None:
        """Keep reason and comment and go on to the last step; both may be left out."""
        self.feedback, self.comment = answers.get("feedback", ""), answers.get("comment", "")
        await self.go("confirm")

    @rx.event(background=True)
    @policy("customer")
    async def confirm(self, subscription_id: SubscriptionId) -> None:
        """Cancel, and show the receipt or why it did not work."""
        async with self:
            if self.is_busy:
                return
            self.is_busy, self.error = True, ""
            is_open_here = subscription_id == self.subscription_id
            answers = (self.feedback, self.comment) if is_open_here else ("", "")
            seen = self._mode if is_open_here else None
        try:
            done = await ask(cancellation.confirm, visitor().customer_id, subscription_id, *answers, seen=seen)
            async with self:
                self._show(done, speech())
        except PortalError as error:
            async with self:
                self.error = speech().refusal(error)
        finally:
            async with self:
                self.is_busy = False

    def _begin(self, subscription_id: str) -> None:
        self.subscription_id, self.step = subscription_id, "effect"
        self.feedback = self.comment = self.error = ""
        self._mode = None
        self.back_address = f"/subscriptions/{subscription_id}"
        self._order = words.random_order()

    def _show(self, found: Preview | Cancellation, say: Speech) -> None:
        self.is_checking, self.reasons = found.is_checking, words.reasons_in(self._order, say)
        if isinstance(found, Preview):
            self._show_preview(found, say)
            return
        self.step = "done" if found.ends_at else "checking" if found.is_checking else "effect"
        self.plan, self.can_undo = found.plan, found.can_undo
        self.heading, self.lead = words.receipt_heading(found, say), words.receipt_lead(found, say)
        self.facts = words.receipt_facts(found, say)

    def _show_preview(self, found: Preview, say: Speech) -> None:
        if found.is_checking:
            self.step = "checking"
        elif self.step == "checking":
            self.step, self.error = "confirm", say.words(NOT_CARRIED_OUT)
        elif self.step == "done":
            self.step = "effect"  # taken back in another tab
        self.plan, self.can_undo, self._mode = found.subscription.name, False, found.mode
        self.heading, self.lead = words.heading_of(found, self.step, say), words.lead_of(found, self.step, say)
        self.effects = words.effects_of(found, say)
        self.facts = words.summary_of(found, self.feedback, say)
        self.undo_note = words.undo_note(found, say)
