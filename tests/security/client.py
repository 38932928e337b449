"""A raw client: Reflex's socket protocol without a browser, so that nothing the page would hide stays untried."""

import asyncio
import contextlib
import itertools
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import socketio

from portal_app.environment import environment
from tests.served import Served

ROOT = "reflex___state____state"
HYDRATE = f"{ROOT}.hydrate_and_load"
NAVIGATE = f"{ROOT}.reflex___state____on_load_internal_state.on_load_internal"
CONFIGURATION = f"{ROOT}.portal_app___state___configuration____configuration_state"
SESSION = f"{ROOT}.portal_app___state___session____customer_session"
_NAMESPACE = "/_event"


_addresses = itertools.count(1)


def an_address() -> str:
    """The address of somebody who has not been here yet, as the portal's one trusted proxy would name it."""
    number = next(_addresses)
    return f"198.18.{number // 250}.{number % 250 + 1}"


class Tab:
    """One open tab: what it was sent, and what it shows after that."""

    def __init__(self, served: Served, cookie: str = "", *, token: str = "", path: str = "/", ip: str = "") -> None:
        self.served, self.cookie, self.path = served, cookie, path
        self.ip = ip or an_address()
        self.token = token or str(uuid.uuid4())
        self.frames: list[dict[str, Any]] = []
        self.vars: dict[str, Any] = {}  # by name; two states may have one of the same name, see `states`
        self.states: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.closed = asyncio.Event()
        self._heard = asyncio.Event()

    async def open(self, *, origin: str | None = None, boots: bool = True, headers: dict | None = None) -> "Tab":
        """Shake hands; `boots=False` leaves out what a page says first."""
        self.io = socketio.AsyncClient(reconnection=False)
        self.io.on("event", self._hear, namespace=_NAMESPACE)
        self.io.on("new_token", self._take_token, namespace=_NAMESPACE)
        self.io.on("disconnect", self._close, namespace=_NAMESPACE)
        given = {"Origin": self.served.origin if origin is None else origin, "X-Forwarded-For": self.ip}
        given |= headers or {}
        if self.cookie:
            given["Cookie"] = f"{environment().cookie_name}={self.cookie}"
        await self.io.connect(
            f"{self.served.origin}?token={self.token}",
            headers={name: value for name, value in given.items() if value},
            transports=["websocket"],
            namespaces=[_NAMESPACE],
            socketio_path="/_event",
            auth={"event": self._named(HYDRATE, {})} if boots else None,
            wait_timeout=5,
        )
        return self

    async def is_refused(self, **how: Any) -> bool:
        """Whether the handshake fails; the tab is closed if not."""
        if await self.is_refused_and_stays_open(**how):
            return True
        await self.close()
        return False

    async def is_refused_and_stays_open(self, **how: Any) -> bool:
        """Whether the handshake fails; the tab stays open if not."""
        try:
            await self.open(**how)
        except socketio.exceptions.ConnectionError:
            return True
        return False

    async def loaded(self) -> "Tab":
        """Wait until the page's loaders have run."""
        assert await self.until(lambda tab: tab.vars.get("is_hydrated") is True), self.frames
        return self

    async def send(self, handler: str, /, **arguments: Any) -> None:
        """Call a handler by its full name."""
        await self.send_raw(self._named(handler, arguments))

    async def send_raw(self, data: Any) -> None:
        """Send whatever, shaped or not."""
        await self.io.emit("event", data, namespace=_NAMESPACE)

    async def navigate(self, path: str) -> None:
        """Client-side routing to another page."""
        self.path = path
        await self.send(NAVIGATE)

    async def until(self, is_so: Callable[["Tab"], bool], seconds: float = 5.0) -> bool:
        """Wait for a frame after which `is_so`; tells whether it came."""
        deadline = time.monotonic() + seconds
        while not is_so(self):
            self._heard.clear()
            try:
                await asyncio.wait_for(self._heard.wait(), max(0.0, deadline - time.monotonic()))
            except TimeoutError:
                return is_so(self)
        return True

    async def settle(self) -> None:
        """Wait until everything sent so far has been dealt with: the answer to one more event comes after it."""
        seen = self.vars.get("notice_number", 0)
        await self.send(f"{SESSION}.dismiss")
        await self.until(lambda tab: tab.vars.get("notice_number", 0) > seen or tab.closed.is_set(), 3)

    async def is_closed(self, seconds: float = 5.0) -> bool:
        """Whether the server closes the socket in time."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.closed.wait(), seconds)
        return self.closed.is_set()

    async def close(self) -> None:
        await self.io.disconnect()

    def said(self, since: int = 0) -> str:
        """All frames as text, for looking for what must not be there."""
        return json.dumps(self.frames[since:], ensure_ascii=False)

    def _named(self, name: str, payload: dict[str, Any]) -> dict[str, Any]:
        route = {"pathname": self.path, "asPath": self.path, "query": {}}
        return {"name": name, "payload": payload, "router_data": route}

    async def _hear(self, data: Any) -> None:
        data = json.loads(data) if isinstance(data, str) else data
        self.frames.append(data)
        for state, changed in (data.get("delta") or {}).items():
            fresh = {name.removesuffix("_rx_state_"): value for name, value in changed.items()}
            self.vars |= fresh
            self.states[state] = self.states.get(state, {}) | fresh
        self.events += data.get("events") or []
        self._heard.set()

    async def _take_token(self, token: str) -> None:
        self.token = token

    async def _close(self, *_reason: Any) -> None:
        self.closed.set()
        self._heard.set()
