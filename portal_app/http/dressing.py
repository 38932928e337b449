"""Answers on their way out: every one gets the headers, a failed one gets a calm page, an endless body is cut."""

import html
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from portal_app.http.headers import BuiltPages, Header, fixed_headers
from portal_app.http.incoming import Incoming
from portal_app.kit.i18n import N_, words_in
from portal_app.kit.logs import count

_REFUSALS = {
    403: N_("This was not sent from a page of this portal."),
    404: N_("There is nothing here."),
    413: N_("This is too large to be sent here."),
    421: N_("This portal has another address."),
    429: N_("Too many at once. Try again in a moment."),
}
_BROKEN_HEADING = N_("This did not work")
_BROKEN = N_("Something went wrong on our side. If it happens again, tell us this reference: {reference}")
_PAGE = """<!doctype html><html lang="{locale}"><head><meta charset="utf-8"><title>{heading}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<style>body{{font:1.0625rem/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.25rem}}</style>
</head><body><main><h1>{heading}</h1><p>{text}</p></main></body></html>"""


class Dressing:
    """The `send` of one request."""

    def __init__(self, send: Send, incoming: Incoming, pages: BuiltPages) -> None:
        self._send, self._incoming, self._pages = send, incoming, pages
        self._has_started = self._is_replaced = self._is_too_large = False

    async def __call__(self, message: Message) -> None:
        """Pass a message of the app on, dressed."""
        if self._is_replaced:
            return
        if message["type"] == "http.response.start":
            self._has_started = True
            if self._is_too_large or message["status"] == 500:
                self._is_replaced = True
                return await (self.answer(413) if self._is_too_large else self._apologize())
            message = {**message, "headers": self._headers(message.get("headers", ()), message["status"])}
        elif message["type"] == "websocket.accept":
            self._has_started = True
            message = {**message, "headers": [*message.get("headers", ()), *fixed_headers()]}
        await self._send(message)

    async def answer(self, status: int) -> None:
        """A refusal in one sentence."""
        text = words_in(self._incoming.locale)(_REFUSALS[status])
        await self._whole(status, [(b"content-type", b"text/plain; charset=utf-8")], text.encode())

    async def redirect(self, address: str) -> None:
        """See there instead; `address` is one of our own paths."""
        await self._whole(303, [(b"location", address.encode("latin-1"))], b"")

    async def fail(self) -> None:
        """The app raised: apologize if nothing has been said yet."""
        if self._incoming.is_socket:
            if not self._has_started:
                await self._send({"type": "websocket.close", "code": 1011})
        elif not self._has_started:
            await self._apologize()

    def bounded(self, receive: Receive, largest: int) -> Receive:
        """`receive` of a body that ends at `largest` bytes, whatever length it claims."""
        taken = 0

        async def pass_on() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > largest:
                self._is_too_large = True
                count("refused.size")
                return {"type": "http.disconnect"}
            return message

        return pass_on

    async def _apologize(self) -> None:
        self._has_started = True
        say = words_in(self._incoming.locale)
        page = _PAGE.format(
            locale=say.locale,
            heading=html.escape(say(_BROKEN_HEADING)),
            text=html.escape(say(_BROKEN, reference=self._incoming.request_id)),
        )
        await self._whole(500, [(b"content-type", b"text/html; charset=utf-8")], page.encode())

    async def _whole(self, status: int, headers: list[Header], body: bytes) -> None:
        self._has_started = True
        length = (b"content-length", str(len(body)).encode())
        dressed = self._headers([*headers, length, (b"cache-control", b"no-store")], status)
        await self._send({"type": "http.response.start", "status": status, "headers": dressed})
        await self._send({"type": "http.response.body", "body": b"" if self._incoming.method == "HEAD" else body})

    def _headers(self, own: Any, status: int) -> list[Header]:
        own = [(bytes(name).lower(), bytes(value)) for name, value in own]
        said, path = {name for name, _ in own}, self._incoming.path
        added = [*fixed_headers(), (b"x-request-id", self._incoming.request_id.encode())]
        added.append((b"content-security-policy", self._pages.policy(path).encode()))
        if b"cache-control" not in said:
            added += self._pages.caching(path, status)
        varies = [value for name, value in (*own, *added) if name == b"vary"]
        dressed = [(name, value) for name, value in own if name != b"vary"]
        dressed += [(name, value) for name, value in added if name not in said and name != b"vary"]
        named = dict.fromkeys(part.strip() for value in varies for part in value.split(b","))
        return [*dressed, (b"vary", b", ".join(named))] if named else dressed


async def refuse(dressing: Dressing, scope: Scope, status: int) -> None:
    """Refuse a request, or a handshake with a whole answer where the server can give one."""
    if scope["type"] != "websocket":
        return await dressing.answer(status)
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        return await dressing({"type": "websocket.close", "code": 1008})
    headers = [*fixed_headers(), (b"content-length", b"0"), (b"cache-control", b"no-store")]
    await dressing({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await dressing({"type": "websocket.http.response.body", "body": b""})
