"""Who looks at this tab, what it is told, and when its session ends."""

import asyncio
from typing import Literal

import reflex as rx
from reflex_base.event.context import EventContext

from portal_app.kit import bus
from portal_app.kit.errors import InvalidInput
from portal_app.kit.i18n import LOCALES
from portal_app.security import sessions
from portal_app.security.policy import may_write, policy
from portal_app.security.visitor import visitor
from portal_app.services import live
from portal_app.services.desk import ask

Tone = Literal["done", "info", "error"]
# "": nothing to say. "warning": ends in `session_seconds`. With any other the page leaves for `door`:
# "needed": nobody is signed in. "ended": idle for too long, or signed out. "revoked": ended from elsewhere.
# "choosing": an account must be chosen first. "stale": this act wants a fresh proof of the address.
# "replaced": this browser signed in anew; the page is loaded again.
SessionState = Literal["", "warning", "needed", "ended", "revoked", "choosing", "stale", "replaced"]
# Why a session ended, as the database has it; what is not here came from elsewhere.
_TOLD: dict[str, SessionState] = {"": "ended", "signed_out": "ended", "replaced": "replaced"}
DOOR, STAFF_DOOR, CHOOSER = "/login", "/admin/login", "/login/account"


class CustomerSession(rx.State):
    """The visitor of this tab in words: a customer, or nobody yet; and the one notice that every page can show.

    Nothing here is an authority: the guard asks the database who is there, at every event.
    """

    name: str = ""
    email: str = ""
    initials: str = ""
    has_many_accounts: bool = False
    is_signed_in: bool = False
    locale: str = "en"

    notice: str = ""
    notice_number: int = 0  # rises with each, so that the same sentence is announced again
    notice_tone: str = "info"
    notice_code: str = ""
    notice_reference: str = ""

    session_state: str = ""
    session_seconds: int = 0
    door: str = DOOR

    @rx.event
    @policy("public")
    async def load(self) -> None:
        """Show who is there; anybody may."""
        await self._greet()

    @rx.event
    @policy("customer", is_activity=False)
    async def enter(self) -> None:
        """Show who is there, on a page for customers: anybody else is sent to the door by the guard."""
        await self._greet()

    @rx.event
    @policy("choosing", is_activity=False)
    async def enter_choosing(self) -> None:
        """Show who is there, where an account is chosen."""
        await self._greet()

    @rx.event
    @policy("public")
    async def stay(self) -> None:
        """Answer the warning: the session goes on, and its other tabs put their warning away too."""
        if visitor().session_id:
            await asyncio.to_thread(sessions.touch, visitor().session_id)
        self.session_state = ""

    @rx.event
    @policy("public", is_activity=False)
    def dismiss(self) -> None:
        """Put the notice away."""
        self._say("")

    @rx.event
    @policy("public")
    async def choose_locale(self, locale: str) -> None:
        """Say amounts, days and notices in another language; the page's own words change in the browser."""
        if locale not in LOCALES:
            raise InvalidInput(field="locale")
        if visitor().session_id:
            await asyncio.to_thread(sessions.set_locale, visitor().session_id, locale)
        self.locale = locale
        bus.announce("tab.changed", token=EventContext.get().token, locale=locale)

    @rx.event
    @policy("public", is_activity=False)
    async def report_zone(self, zone: str) -> None:
        """Say days and hours in the browser's own zone; one that does not exist changes nothing."""
        if not visitor().session_id or zone == visitor().zone or not sessions.is_zone(zone):
            return
        await asyncio.to_thread(sessions.set_zone, visitor().session_id, zone)
        bus.announce("tab.changed", token=EventContext.get().token)

    async def _greet(self) -> None:
        somebody, greeting = visitor(), await ask(live.greet)
        self.is_signed_in = somebody.kind == "customer"
        self.name, self.email, self.locale = greeting.name, somebody.email, somebody.locale
        self.initials = initials_of(greeting.name or somebody.email)
        self.has_many_accounts = greeting.has_many_accounts

    def _say(self, text: str, tone: Tone = "done", *, code: str = "", reference: str = "") -> None:
        self.notice, self.notice_tone, self.notice_code, self.notice_reference = text, tone, code, reference
        self.notice_number += 1


class StaffSession(rx.State):
    """The member of the merchant's team at this tab, in words."""

    name: str = ""
    email: str = ""
    initials: str = ""
    role: str = ""
    can_write: bool = False

    @rx.event
    @policy("staff")
    async def load(self) -> None:
        """Show who is there; anybody else is sent to the merchant's door by the guard."""
        somebody, greeting = visitor(), await ask(live.greet)
        self.name, self.email, self.role = greeting.name, somebody.email, somebody.role
        self.initials = initials_of(greeting.name or somebody.email)
        self.can_write = may_write(somebody.role)


async def notify(state: rx.State, text: str, tone: Tone = "done", *, code: str = "", reference: str = "") -> None:
    """Show one sentence in the notice region of the tab that `state` belongs to; inside `async with self`."""
    session = await state.get_state(CustomerSession)
    session._say(text, tone, code=code, reference=reference)


def told_for(reason: str) -> SessionState:
    """What the tabs of a session are told that ended for `reason`."""
    return _TOLD.get(reason, "revoked")


def initials_of(name: str) -> str:
    """Two letters that stand for a person: of the first and the last word, or of an address."""
    words = [word for word in name.partition("@")[0].replace(".", " ").replace("-", " ").split() if word[0].isalnum()]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else ""
