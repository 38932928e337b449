"""The open tabs of this process: what comes in is filtered, what a session loses is told and closed.

Every hook into Reflex's socket namespace stands here, because upstream plans to replace Socket.IO.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.istate.manager.memory import StateManagerMemory

from portal_app.kit.bus import Bus
from portal_app.kit.logs import count
from portal_app.security import sessions
from portal_app.security.sessions import WARNING_SECONDS, LiveSession
from portal_app.security.signing import PASSPORT_HEADER, Passport
from portal_app.state.guard import HYDRATE, NAVIGATE
from portal_app.state.session import DOOR, STAFF_DOOR, CustomerSession, SessionState, told_for

log = logging.getLogger(__name__)

_SWEEP_SECONDS = 1.0
_PATIENCE_SECONDS = 1.0
_SAY_AGAIN_SECONDS = 15
_LONGEST_PATH = 2_000
# A stranger who comes back within it finds what he typed; otherwise whoever connects often fills the memory.
_KEPT_SECONDS = 60.0
_EVENT_KEYS = ("name", "payload", "router_data")


@dataclass
class Tab:
    """One open socket and what it shows."""

    sid: str
    passport: Passport
    path: str = ""
    seconds_told: float = 0.0

    @property
    def is_signed_in(self) -> bool:
        """Whether it was opened under a session."""
        return bool(self.passport.session_id)


class Sockets:
    """One per process."""

    def __init__(self, app: rx.App, bus: Bus) -> None:
        self._app = app
        self._space: Any = app.event_namespace
        self._known = app._registration_context.event_handlers
        self._tasks: set[asyncio.Task[None]] = set()
        self._tabs: dict[str, Tab] = {}
        self._left: dict[str, float] = {}  # key of a state that nobody may come back to → when it is forgotten
        self.on_open: Callable[[Tab], Awaitable[None]] | None = None
        self._hook_in()
        bus.on("session.ended", lambda message: self._end_soon(message["id"], message.get("reason", "")))

    def tabs(self, customer_id: str | None = None) -> list[Tab]:
        """The open tabs of a customer, or all of them."""
        return [tab for tab in self._tabs.values() if customer_id in (None, tab.passport.customer_id)]

    def find(self, token: str) -> Tab | None:
        """The tab whose state has this key, if its socket is here."""
        record = self._space._token_manager.token_to_socket.get(token)
        return self._tabs.get(record.sid) if record else None

    def token_of(self, tab: Tab) -> str | None:
        """The key of a tab's state; None once it has gone."""
        return self._space._token_manager.sid_to_token.get(tab.sid)

    def change_passport(self, tab: Tab, passport: Passport) -> None:
        """Let every later event of this socket show another passport: for a language chosen before signing in."""
        tab.passport = passport
        if connection := self._space._static_router_data.get(tab.sid):
            connection["headers"][PASSPORT_HEADER] = passport.write()

    async def tell(self, tab: Tab, state: SessionState, *, seconds: float = 0, door: str = "") -> None:
        """Show the session's state in one tab. It needs no handler, so no client can call it."""
        if token := self.token_of(tab):
            async with self._app.modify_state(rx.BaseStateToken(ident=token, cls=CustomerSession)) as root:
                session = await root.get_state(CustomerSession)
                session.door = door or session.door
                session.session_state, session.session_seconds = state, int(seconds)

    def _hook_in(self) -> None:
        space = self._space
        connect, receive, leave = space.on_connect, space.on_event, space.on_disconnect

        async def on_connect(sid: str, environ: dict[str, Any], auth: Any = None) -> None:
            headers = dict(environ.get("asgi.scope", {}).get("headers", ()))
            tab = Tab(sid, Passport.read(headers.get(PASSPORT_HEADER.encode(), b"").decode()))
            self._tabs[sid] = tab
            try:
                if self.on_open:
                    await self.on_open(tab)
                await connect(sid, environ, auth)
            except BaseException:
                self._tabs.pop(sid, None)
                raise

        async def on_event(sid: str, data: Any = None) -> None:
            tab = self._tabs.get(sid)
            # Reflex answers an unknown name with a traceback and a future that nobody ends.
            if tab is None or not _is_well_formed(data) or data["name"] not in self._known:
                count("dropped.malformed")
                return
            if data["name"] in (HYDRATE, NAVIGATE):
                tab.path = data.get("router_data", {}).get("pathname", "")
            await receive(sid, {key: data[key] for key in _EVENT_KEYS if key in data})

        def on_disconnect(sid: str, *_reason: Any) -> Any:
            tab, token = self._tabs.pop(sid, None), space._token_manager.sid_to_token.get(sid)
            if tab and token and not tab.is_signed_in:
                self._left[token] = time.monotonic() + _KEPT_SECONDS
            return leave(sid)

        space.on_connect, space.on_event, space.on_disconnect = on_connect, on_event, on_disconnect

    def _end_soon(self, session_id: str, reason: str) -> None:
        for tab in self.tabs():
            if tab.passport.session_id == session_id:
                self._later(self._end(tab, told_for(reason)))

    async def _end(self, tab: Tab, state: SessionState) -> None:
        """Tell the page, so that it leaves by a full navigation; then close, whether it listened or not."""
        door = STAFF_DOOR if tab.passport.kind == "staff" else DOOR
        if token := self.token_of(tab):
            self._left[token] = time.monotonic() + _PATIENCE_SECONDS
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self.tell(tab, state, door=door), _PATIENCE_SECONDS)
        with contextlib.suppress(Exception):
            await self._app.sio.disconnect(  # type: ignore[union-attr]
                tab.sid, namespace=self._space.namespace
            )

    def _later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @contextlib.asynccontextmanager
    async def sweeping(self) -> AsyncIterator[None]:
        """A lifespan task: one query a second for all open sessions, none while nobody is here."""
        task = asyncio.create_task(self._sweep(), name="portal sweep")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            try:
                self._forget()
                await self._sweep_once()
            except Exception:
                log.exception("the sweep over open sessions failed")

    async def _sweep_once(self) -> None:
        tabs = [tab for tab in self.tabs() if tab.is_signed_in]
        if not tabs:
            return
        open_ids = sorted({tab.passport.session_id for tab in tabs})
        alive = await asyncio.to_thread(sessions.find_many, open_ids)
        for tab in tabs:
            if session := alive.get(tab.passport.session_id):
                self._warn(tab, session)
        if over := [session_id for session_id in open_ids if session_id not in alive]:
            for session_id, reason in (await asyncio.to_thread(sessions.reasons, over)).items():
                self._end_soon(session_id, reason)

    def _forget(self) -> None:
        """Drop states that nobody may come back to, long before they expire. Redis bounds its own memory."""
        manager, moment = self._app.state_manager, time.monotonic()
        for token in [token for token, at in self._left.items() if at <= moment]:
            del self._left[token]
            if isinstance(manager, StateManagerMemory) and token not in self._space._token_manager.token_to_socket:
                manager._purge_token(rx.BaseStateToken(ident=token, cls=rx.State))

    def _warn(self, tab: Tab, session: LiveSession) -> None:
        left = session.seconds_left
        if left > WARNING_SECONDS:
            if tab.seconds_told:
                tab.seconds_told = 0.0
                self._later(self.tell(tab, ""))
        elif not tab.seconds_told or tab.seconds_told - left >= _SAY_AGAIN_SECONDS:
            tab.seconds_told = left
            self._later(self.tell(tab, "warning", seconds=left))


def _is_well_formed(data: Any) -> bool:
    """The event's outer shape; its arguments are the guard's business."""
    if not isinstance(data, dict) or not isinstance(data.get("name"), str):
        return False
    route, payload = data.get("router_data", {}), data.get("payload", {})
    if not isinstance(payload, dict) or not isinstance(route, dict) or not isinstance(route.get("query", {}), dict):
        return False
    paths = [route.get(key, "") for key in ("pathname", "asPath")]
    return all(isinstance(path, str) and len(path) < _LONGEST_PATH for path in paths)
