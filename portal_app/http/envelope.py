"""The ASGI envelope around everything: pages, assets, our routes and Reflex's socket.

It turns the cookie into a session, hands that on where no client can forge it, binds the tab's token to it, refuses
what no page of ours sends, and dresses every answer.
"""

import asyncio
import logging
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from portal_app.environment import environment
from portal_app.http.dressing import Dressing, refuse
from portal_app.http.headers import AudienceOf, BuiltPages
from portal_app.http.incoming import Incoming
from portal_app.http.socket_gate import SocketGate, bounded
from portal_app.kit.logs import count
from portal_app.security import magic_links, sessions
from portal_app.security.policy import judge
from portal_app.security.sessions import LiveSession
from portal_app.security.signing import PASSPORT_HEADER, Passport, bound_token, hashed
from portal_app.security.visitor import Visitor, acting_as

log = logging.getLogger(__name__)

LARGEST_BODY = 1_000_000
# Reflex's side doors: uploads into any state, lists of handlers, long polling.
_CLOSED_DOORS = ("/_upload", "/_all_routes", "/auth-codespace", "/_health")
# For machines inside the house, which know no name: they ask by address.
_NAMELESS = frozenset({"/healthz", "/readyz", "/metrics", "/ping"})
# They prove themselves by a signature or a key, never by the cookie, which they do not get.
_WITHOUT_COOKIE = ("/webhooks/", "/v1/", "/unsubscribe/")
_SOCKET = "/_event"
_CHOOSER, _DOORS = "/login/account", {"staff": "/admin/login", "staff_write": "/admin/login"}


class Envelope:
    """Outermost of all; `audience_of` names the audience of the page at an address, or None where there is none."""

    def __init__(self, app: ASGIApp, pages: BuiltPages, audience_of: AudienceOf, larger_bodies: dict[str, int]) -> None:
        self._app, self._pages, self._audience_of = app, pages, audience_of
        self._larger_bodies = larger_bodies
        self._gate = SocketGate()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, handshake or lifespan."""
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        incoming = Incoming.read(scope)
        dressing = Dressing(send, incoming, self._pages)
        try:
            with structlog.contextvars.bound_contextvars(request_id=incoming.request_id):
                await self._serve(incoming, scope, receive, dressing)
        except Exception as error:
            # Never further: whoever stands outside would answer without our headers.
            log.error("request %s failed", incoming.request_id, exc_info=error)
            count("errors.request")
            await dressing.fail()

    async def _serve(self, incoming: Incoming, scope: Scope, receive: Receive, dressing: Dressing) -> None:
        if refusal := self._refusal(incoming):
            count(f"refused.{refusal[0]}")
            return await refuse(dressing, scope, refusal[1])
        session = await self._session(incoming)
        if door := self._door(incoming, session):
            return await dressing.redirect(door)
        passed = self._passed_on(incoming, scope, session)
        with acting_as(_visitor(incoming, session)):
            if not incoming.is_socket:
                body = dressing.bounded(receive, self._larger_bodies.get(incoming.path, LARGEST_BODY))
                return await self._app(passed, body, dressing)
            session_id = session.id if session else ""
            if why := self._gate.refusal(incoming.network, session_id) or _token_problem(incoming):
                count(f"refused.socket_{why}")
                return await refuse(dressing, scope, 403 if why == "token" else 429)
            with self._gate.open(incoming.network, session_id):
                return await self._app(passed, bounded(receive), dressing)

    def _refusal(self, incoming: Incoming) -> tuple[str, int] | None:
        path = incoming.path
        if incoming.is_socket != path.startswith(_SOCKET) or path.startswith(_CLOSED_DOORS):
            return "door", 404
        if path not in _NAMELESS and not incoming.has_own_host():
            return "host", 421
        length = incoming.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._larger_bodies.get(path, LARGEST_BODY):
            return "size", 413
        if incoming.is_change and not path.startswith(_WITHOUT_COOKIE) and not incoming.has_own_origin():
            return "origin", 403
        return None

    async def _session(self, incoming: Incoming) -> LiveSession | None:
        path = incoming.path
        if path.startswith(_WITHOUT_COOKIE) or path in _NAMELESS or self._pages.is_asset(path):
            return None
        if not (cookie := incoming.cookie(environment().cookie_name)):
            return None
        session = await asyncio.to_thread(sessions.find_by_cookie, cookie)
        # Opening a page and sending a form are a person's deeds; a handshake is the browser's.
        is_deed = not incoming.is_socket and (incoming.is_change or incoming.is_navigation)
        if session and is_deed and session.is_worth_touching:
            await asyncio.to_thread(sessions.touch, session.id)
        return session

    def _door(self, incoming: Incoming, session: LiveSession | None) -> str:
        """Where the first request for a page leads instead, as a courtesy: the guard is what keeps strangers out."""
        audience = None if incoming.is_change else self._audience_of(incoming.path)
        if audience is None:
            return ""
        verdict = judge(audience, session)  # type: ignore[arg-type]
        if verdict in ("allowed", "not_allowed"):
            return ""
        door = _CHOOSER if verdict == "still_choosing" else _DOORS.get(audience, "/login")
        wanted = incoming.path + (f"?{incoming.query}" if incoming.query else "")
        return f"{door}?next={quote(wanted, safe='')}" if wanted != "/" else door

    def _passed_on(self, incoming: Incoming, scope: Scope, session: LiveSession | None) -> Scope:
        """The scope for the app behind."""
        headers, session_id = incoming.kept_headers(), session.id if session else ""
        changed: dict[str, Any] = {"client": (incoming.network, 0), "headers": headers}
        if not incoming.is_socket:
            changed["scheme"] = "https" if environment().is_https else "http"
        if self._pages.is_folder(incoming.path):
            # Starlette would answer with a redirect to an address of its own making.
            changed["path"] = incoming.path + "/"
        if incoming.is_socket:
            headers.append((PASSPORT_HEADER.encode(), _passport(incoming, session).write().encode("latin-1")))
            asked = parse_qsl(incoming.query)
            token = next((value for name, value in asked if name == "token"), "")
            others = [(name, value) for name, value in asked if name != "token"]
            changed["query_string"] = urlencode([*others, ("token", bound_token(session_id, token))]).encode()
        return {**scope, **changed}


def _token_problem(incoming: Incoming) -> str:
    token = next((value for name, value in parse_qsl(incoming.query) if name == "token"), "")
    return "" if 16 <= len(token) <= 64 else "token"


def _passport(incoming: Incoming, session: LiveSession | None) -> Passport:
    return Passport(
        session_id=session.id if session else "",
        kind=session.kind if session else "",
        customer_id=session.customer_id if session else "",
        client_ip=incoming.network,
        locale=incoming.locale,
        request_id=incoming.request_id,
        browser=_asking_browser(incoming),
    )


def _asking_browser(incoming: Incoming) -> str:
    """The page that waits for a code shows what this browser asked for; its cookie stays here all the same."""
    cookie = incoming.cookie(magic_links.browser_cookie_name())
    return hashed(cookie) if cookie else ""


def _visitor(incoming: Incoming, session: LiveSession | None) -> Visitor:
    if session:
        return session.as_visitor(incoming.network, incoming.request_id)
    return Visitor("nobody", locale=incoming.locale, client_ip=incoming.network, request_id=incoming.request_id)
