"""Taking a cancellation back: one button, on every page that shows something canceling."""

import reflex as rx

from portal_app.kit.errors import PortalError
from portal_app.security.policy import policy
from portal_app.security.visitor import visitor
from portal_app.services import cancellation
from portal_app.services.desk import ask
from portal_app.state.cancellation_words import checking
from portal_app.state.loading import SubscriptionId
from portal_app.state.session import notify
from portal_app.state.speech import speech


class UndoState(rx.State):
    """`busy_id` is the subscription that is being kept at this moment."""

    busy_id: str = ""

    @rx.event(background=True)
    @policy("customer")
    async def undo(self, subscription_id: SubscriptionId) -> None:
        """Let the subscription go on; the pages that show it change by themselves."""
        async with self:
            if self.busy_id:
                return
            self.busy_id = subscription_id
        say = speech()
        _ = say.words
        try:
            done = await ask(cancellation.undo, visitor().customer_id, subscription_id)
            text = checking(say) if done.is_checking else _("{plan} goes on.", plan=done.plan)
            async with self:
                await notify(self, text, "info" if done.is_checking else "done")
        except PortalError as error:
            async with self:
                await notify(self, say.refusal(error), "error", code=error.code)
        finally:
            async with self:
                self.busy_id = ""
