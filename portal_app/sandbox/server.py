"""The HTTP face of the sandbox."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from portal_app.sandbox.account import Account
from portal_app.sandbox.bench import Bench
from portal_app.sandbox.errors import StripeError
from portal_app.sandbox.faults import Fault
from portal_app.sandbox.levers import Levers
from portal_app.sandbox.reception import Answer, Call, Reception, refusal

MEDIA = "application/json"
CUT_OFF = 4_096


class CutOff(Response):
    """An answer that breaks off: the connection dies before the body is whole."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", str(CUT_OFF).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": False})


class Api:
    """Everything below /v1."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.reception = Reception(bench)

    async def __call__(self, request: Request) -> Response:
        """Answer one request, misbehaving where that was ordered."""
        try:
            body = await request.body()
        except ClientDisconnect:
            return Response(status_code=400)
        call = Call(request.method, request.url.path, request.url.query, body, dict(request.headers))
        try:
            account, is_publishable = self.reception.admit(call)
            fault = self.bench.faults(account.name).for_request(call.method, call.path)
            if fault and not fault.is_after_work:
                # The request is lost before Stripe sees it, so its idempotency key stays free.
                return await _misbehave(fault)
            answer = await self._answer(call, account, is_publishable, fault)
            return await _misbehave(fault) if fault and fault.kind != "slow" else _as_response(answer)
        except StripeError as error:
            return _as_response(refusal(error))

    def _claim(self, account: Account, key: str | None) -> "Claim":
        return Claim(self.reception.in_progress, (account.name, key) if key else None)

    async def _answer(self, call: Call, account: Account, is_publishable: bool, fault: Fault | None) -> Answer:
        key = self.reception.idempotency_key(call)
        with self._claim(account, key):
            answer = self.reception.answer(call, account, is_publishable)
            if fault and fault.kind == "slow":
                await asyncio.sleep(fault.seconds)
        if fault and fault.kind == "server_error_after":
            self._forget_success(call, account)
        return answer

    def _forget_success(self, call: Call, account: Account) -> None:
        """The work is done, yet Stripe will repeat its 500 under this key."""
        key = self.reception.idempotency_key(call)
        kept = self.bench.store.reply(account.name, key) if key else None
        if key and kept:
            self.bench.store.keep_reply(account.name, key, (kept[0], 500, _broken().body, kept[3]))


class Claim:
    """Holds an idempotency key while its request is being worked on."""

    def __init__(self, in_progress: set[tuple[str, str]], claim: tuple[str, str] | None) -> None:
        self.in_progress = in_progress
        self.claim = claim

    def __enter__(self) -> None:
        if self.claim is None:
            return
        if self.claim in self.in_progress:
            raise StripeError(
                409,
                "invalid_request_error",
                "There is currently another in-progress request using this Idempotent Key (that probably means you "
                f"submitted twice, and the other request is still going through): {self.claim[1]}. Please try again "
                "later.",
                "idempotency_key_in_use",
            )
        self.in_progress.add(self.claim)

    def __exit__(self, *_: object) -> None:
        if self.claim is not None:
            self.in_progress.discard(self.claim)


def _broken() -> Answer:
    return Answer(500, json.dumps({"error": {"type": "api_error", "message": "An unknown error occurred."}}))


async def _misbehave(fault: Fault) -> Response:
    kind = fault.kind.removesuffix("_after").removesuffix("_before")
    if kind == "timeout":
        await asyncio.sleep(fault.seconds)
        return CutOff()
    if kind == "reset":
        return CutOff()
    if kind == "bad_gateway":
        return Response("<html><body>502 Bad Gateway</body></html>", 502, media_type="text/html")
    if kind == "garbage":
        return Response('{"id": "in_', 200, media_type=MEDIA)
    if kind == "server_error":
        return _as_response(_broken())
    if kind == "conflict":
        error = StripeError(409, "invalid_request_error", "This object cannot be accessed right now.", "lock_timeout")
    else:
        error = StripeError(429, "invalid_request_error", "Request rate limit exceeded.", "rate_limit")
    answer = refusal(error)
    if fault.retry_after is not None:
        answer.headers["retry-after"] = str(fault.retry_after)
    if fault.should_retry is not None:
        answer.headers["stripe-should-retry"] = str(fault.should_retry).lower()
    return _as_response(answer)


def _as_response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, headers=answer.headers, media_type=MEDIA)


def build(bench: Bench) -> Starlette:
    """The application: Stripe's operations and the levers."""
    api: Callable[[Request], Awaitable[Response]] = Api(bench).__call__
    everything = Route("/v1/{path:path}", api, methods=["GET", "POST", "DELETE"])
    return Starlette(routes=[everything, *Levers(bench).routes()])
