"""The pages before a session: what went wrong with a form, and what the asking browser waits for."""

from typing import Any
from urllib.parse import parse_qsl

import reflex as rx

from portal_app.environment import environment
from portal_app.kit.clock import now
from portal_app.kit.errors import InvalidInput
from portal_app.security.addresses import clean_email
from portal_app.security.policy import policy
from portal_app.security.return_paths import HOME, own_path
from portal_app.security.visitor import visitor
from portal_app.services import sign_in
from portal_app.services.desk import ask
from portal_app.state.guard import passport

# What an address may say about the form before it; anything else says nothing.
PROBLEMS = frozenset({"address", "too_many", "link", "code", "code_shape", "code_over", "account"})
REASONS = frozenset({"signed_out", "ended", "needed", "revoked", "stale", "replaced"})
_MOST_MINUTES = 60


class SignInState(rx.State):
    """`/login` and `/admin/login`: why the visitor is here, and where they wanted to go.

    The address only chooses among sentences that we have written.
    """

    problem: str = ""
    reason: str = ""
    minutes: int = 0
    next_path: str = ""
    email: str = ""
    home: str = ""  # of a visitor who is signed in already
    is_demo: bool = False

    @rx.event
    @policy("public")
    async def load(self) -> None:
        """Show what the address says."""
        said = query_of(self)
        audience = "staff" if str(self.router.url.path).startswith("/admin") else "customer"
        wanted = own_path(said.get("next", ""), audience)
        self.next_path = wanted if wanted != HOME[audience] else ""
        self.problem = chosen(said, "problem", PROBLEMS)
        self.reason = chosen(said, "reason", REASONS)
        self.minutes = _number(said.get("minutes", ""), _MOST_MINUTES)
        self.email = _address(said.get("prefilled_email", ""))
        self.is_demo = environment().is_demo
        kind = "staff" if audience == "staff" else "customer"
        self.home = wanted if visitor().kind == kind else ""


class SentState(rx.State):
    """`/login/sent`: where the mail went, what became of the code, when another mail may be asked for."""

    is_loaded: bool = False
    is_waiting: bool = False
    masked_email: str = ""
    problem: str = ""
    tries_left: int = 0
    resend_seconds: int = 0
    asked_number: int = 0  # another one with each mail, so that the countdown starts again
    is_demo: bool = False

    @rx.event
    @policy("public")
    async def load(self) -> None:
        """Show the newest request of this browser; the same for every address."""
        pending, moment = await ask(sign_in.find_pending, passport().browser), now()
        said = query_of(self)
        self.problem = chosen(said, "problem", PROBLEMS)
        self.is_demo = environment().is_demo
        self.is_loaded = True
        self.is_waiting = pending is not None
        if pending is None:
            return
        self.masked_email, self.tries_left = pending.masked_email, pending.tries_left
        self.resend_seconds = max(0, round((pending.resend_at - moment).total_seconds()))
        self.asked_number = int(pending.asked_at.timestamp())
        if pending.tries_left == 0 or pending.expires_at <= moment:
            self.problem = "code_over"


def query_of(state: rx.State) -> dict[str, str]:
    """What stands behind the question mark of the page's address; the browser says it, so it proves nothing."""
    query: Any = state.router.url.query
    return dict(parse_qsl(str(query)[:2_000]))


def chosen(said: dict[str, str], name: str, known: frozenset[str]) -> str:
    """A word of the address if it is one of ours."""
    value = said.get(name, "")
    return value if value in known else ""


def _number(text: str, most: int) -> int:
    return min(int(text), most) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def _address(text: str) -> str:
    try:
        return clean_email(text) if text else ""
    except InvalidInput:
        return ""
