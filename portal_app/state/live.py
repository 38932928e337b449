"""Open pages that change by themselves: whoever hears of a change loads again what the open tabs show.

No task waits for a tab, and no handler exists that a client could call. A change is heard by the bus, or found by
one poll of the process that compares what its tabs were told with what the database says.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import reflex as rx
from reflex_base.registry import RegisteredEventHandler
from reflex_base.utils.format import format_event_handler

from portal_app.kit.bus import Bus
from portal_app.kit.errors import PortalError
from portal_app.kit.logs import count
from portal_app.security import sessions
from portal_app.security.policy import judge, policy_of
from portal_app.security.sessions import LiveSession
from portal_app.security.visitor import Visitor, acting_as
from portal_app.services import live
from portal_app.services.desk import ask
from portal_app.state.session import CustomerSession
from portal_app.state.sockets import Sockets, Tab

log = logging.getLogger(__name__)

_AT_ONCE = 16


class LivePages:
    """One per process."""

    def __init__(self, app: rx.App, sockets: Sockets, bus: Bus, poll_seconds: float) -> None:
        self._app, self._sockets, self._poll_seconds = app, sockets, poll_seconds
        self._told: dict[str, int] = {}  # customer → the revision that their tabs here have been told
        self._version = -1
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy: dict[str, bool] = {}  # customer → changed again while being told
        self._slots = asyncio.Semaphore(_AT_ONCE)
        sockets.on_open = self._remember
        bus.on("customer.changed", lambda message: self._customer_changed(message["id"]))
        bus.on("configuration.published", lambda _message: self._later(self._tell_everybody()))
        bus.on("tab.changed", lambda message: self._later(self._tab_changed(**message)))

    async def _remember(self, tab: Tab) -> None:
        """Before the tab loads its page: whatever comes after this revision has to be told."""
        customer_id = tab.passport.customer_id
        if customer_id and customer_id not in self._told:
            found = await ask(live.revisions, [customer_id])
            self._told.setdefault(customer_id, found.get(customer_id, 0))

    def _later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _customer_changed(self, customer_id: str) -> None:
        if customer_id not in self._told:
            return
        if customer_id in self._busy:
            self._busy[customer_id] = True
            return
        self._busy[customer_id] = False
        self._later(self._tell_customer(customer_id))

    async def _tell_customer(self, customer_id: str) -> None:
        """Tell their tabs; a change that comes meanwhile is told once, afterwards."""
        try:
            is_changed = True
            while is_changed:
                self._busy[customer_id] = False
                self._told |= await ask(live.revisions, [customer_id])
                await self._reload(self._sockets.tabs(customer_id))
                is_changed = self._busy[customer_id]
        finally:
            del self._busy[customer_id]

    async def _tell_everybody(self) -> None:
        self._version = await ask(live.configuration_version)
        await self._reload(self._sockets.tabs())

    async def _tab_changed(self, token: str, locale: str = "") -> None:
        """The visitor chose a language, or the browser said its zone: what is on screen is said anew."""
        if tab := self._sockets.find(token):
            if locale:
                self._sockets.change_passport(tab, replace(tab.passport, locale=locale))
            await self._reload([tab])

    async def _reload(self, tabs: Sequence[Tab]) -> None:
        ids = sorted({tab.passport.session_id for tab in tabs if tab.is_signed_in})
        alive = await asyncio.to_thread(sessions.find_many, ids) if ids else {}
        # A tab whose session has ended is told nothing more; the sweep closes it.
        shown = [tab for tab in tabs if tab.path and (not tab.is_signed_in or tab.passport.session_id in alive)]
        await asyncio.gather(*(self._reload_tab(tab, alive.get(tab.passport.session_id)) for tab in shown))

    async def _reload_tab(self, tab: Tab, session: LiveSession | None) -> None:
        """Run the loaders of the page that the tab shows, for whoever opened it, in one update."""
        passport = tab.passport
        somebody = (
            session.as_visitor(passport.client_ip, passport.request_id)
            if session
            else Visitor("nobody", locale=passport.locale, client_ip=passport.client_ip)
        )
        token = self._sockets.token_of(tab)
        if token is None:
            return
        async with self._slots:
            with acting_as(somebody):
                async with self._app.modify_state(rx.BaseStateToken(ident=token, cls=CustomerSession)) as root:
                    if root.router_data:  # else the page has not loaded yet, and will see the newest by itself
                        for loader in self._loaders(tab.path):
                            await _run(loader, root, session)
        count("live.reloaded")

    def _loaders(self, path: str) -> list[RegisteredEventHandler]:
        known = self._app._registration_context.event_handlers
        return [known[format_event_handler(loader)] for loader in self._app.get_load_events(path)]  # type: ignore[arg-type]

    @contextlib.asynccontextmanager
    async def polling(self) -> AsyncIterator[None]:
        """A lifespan task: two indexed queries a round for the whole process, one while nobody is here."""
        task = asyncio.create_task(self._poll(), name="portal poll")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _poll(self) -> None:
        while True:
            try:
                await self._poll_once()
            except Exception:
                log.exception("the poll for changes failed")
            await asyncio.sleep(self._poll_seconds)

    async def _poll_once(self) -> None:
        version = await ask(live.configuration_version)
        if self._version not in (-1, version):
            await self._tell_everybody()
        self._version = version
        here = {tab.passport.customer_id for tab in self._sockets.tabs() if tab.passport.customer_id}
        for gone in self._told.keys() - here:
            del self._told[gone]
        if not self._told:
            return
        found = await ask(live.revisions, sorted(self._told))
        for customer_id, revision in found.items():
            if self._told.get(customer_id, revision) != revision:
                self._customer_changed(customer_id)


async def _run(loader: RegisteredEventHandler, root: Any, session: LiveSession | None) -> None:
    rule = policy_of(loader.handler.fn)
    if rule is None or judge(rule.audience, session) != "allowed":
        return
    try:
        await loader.handler.fn(await root.get_state(loader.states[0]))
    except PortalError:
        # What the visitor looked at is gone or switched off; the page says so when it is opened or acted on.
        count("live.refused")
    except Exception:
        log.exception("loading %s again failed", loader.handler.fn.__qualname__)
