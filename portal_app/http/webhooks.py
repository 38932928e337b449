"""Where Stripe tells what has happened: proved, stored, answered; the worker does the rest."""

import logging

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from portal_app.environment import environment
from portal_app.gateway.incoming import LARGEST_BODY, Doubt, NotStripe, read_event
from portal_app.tasks.webhooks import Inbox

log = logging.getLogger(__name__)

PATH = "/webhooks/stripe"
LARGER_BODIES = {PATH: LARGEST_BODY}


def routes() -> list[Route]:
    """`POST /webhooks/stripe`; it does not exist while no secret is configured."""
    inbox = Inbox()

    async def receive(request: Request) -> JSONResponse:
        settings = environment()
        if not settings.webhook_secrets:
            return JSONResponse({"error": "switched_off"}, status_code=404)
        try:
            body = await _body(request)
            signature = request.headers.get("stripe-signature", "")
            event = read_event(body, signature, settings.webhook_secrets, is_live=_is_live())
        except NotStripe as refused:
            log.warning("webhooks: refused (%s)", refused.doubt.value)
            status = 413 if refused.doubt is Doubt.TOO_LARGE else 400
            return JSONResponse({"error": refused.doubt.value}, status_code=status)
        await inbox.put(event)
        return JSONResponse({"received": True})

    return [Route(PATH, receive, methods=["POST"])]


async def _body(request: Request) -> bytes:
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise NotStripe(Doubt.NOT_JSON)
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BODY:
            raise NotStripe(Doubt.TOO_LARGE)
        chunks.append(chunk)
    return b"".join(chunks)


def _is_live() -> bool:
    """A key for test data hears of test data only, and a live key of nothing else."""
    return not environment().stripe_secret_key.get_secret_value().startswith(("sk_test_", "rk_test_"))
