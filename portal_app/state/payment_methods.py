"""What the customer pays with, and what depends on each."""

from dataclasses import dataclass

import reflex as rx

from portal_app.security.policy import policy
from portal_app.security.visitor import visitor
from portal_app.services import payment_methods
from portal_app.services.payment_methods import OnFile, Wallet
from portal_app.state.cards import glyph_of, say_expiry, say_method
from portal_app.state.loading import Loading
from portal_app.state.speech import Speech, speech


@dataclass(frozen=True)
class MethodRow:
    """A payment method in words."""

    id: str
    name: str
    glyph: str
    sub: str
    is_default: bool
    warning: str
    warning_kind: str


class PaymentMethodsState(Loading, rx.State):
    """Every method on file, the default first."""

    lead: str = ""
    rows: list[MethodRow] = []
    has_rows: bool = False

    @rx.event
    @policy("customer")
    async def load(self) -> None:
        """Show the newest that the mirror knows."""
        found = await self._read(payment_methods.list_for, visitor().customer_id)
        if found is not None:
            say = speech()
            self.rows = [_row(one, say) for one in found.methods]
            self.has_rows = bool(self.rows)
            self.lead = _lead(found, say)


def _row(one: OnFile, say: Speech) -> MethodRow:
    _ = say.words
    until = say_expiry(one.method)
    sentences = [
        (_("Expired {month}.", month=until) if one.is_expired else _("Expires {month}.", month=until)) if until else "",
        _("Used for {plans}.", plans=say.join(one.used_for)) if one.used_for else "",
    ]
    warning = _("Expired") if one.is_expired else _("Expires soon") if one.expires_soon else ""
    return MethodRow(
        id=one.method.id,
        name=say_method(one.method, say),
        glyph=glyph_of(one.method),
        sub=" ".join(sentence for sentence in sentences if sentence),
        is_default=one.is_default,
        warning=warning,
        warning_kind="bad" if one.is_expired else "wait",
    )


def _lead(found: Wallet, say: Speech) -> str:
    _ = say.words
    coming = [one for one in found.subscriptions if one.upcoming and one.payment_method]
    following = min(coming, key=lambda one: one.upcoming.due_at if one.upcoming else one.started_at, default=None)
    if following is None or following.upcoming is None:
        return ""
    return _(
        "Your next payment of {amount} on {day} comes from {method}.",
        amount=say.money(following.upcoming.amount_due),
        day=say.day(following.upcoming.due_at),
        method=say_method(following.payment_method, say),
    )
