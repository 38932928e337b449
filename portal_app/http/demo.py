"""The demo's own pages: pick somebody, read every mail, move the clock. Absent from a portal that serves customers."""

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from portal_app.environment import environment
from portal_app.http.answers import come_in, see
from portal_app.http.plain import plain_page
from portal_app.kit.clock import billing_now
from portal_app.kit.errors import GatewayError, InvalidInput, NotFound
from portal_app.kit.words import say_day, say_time
from portal_app.security.visitor import visitor
from portal_app.services import demo, entry, mails
from portal_app.services.desk import ask
from portal_app.services.entry import Browser

log = logging.getLogger(__name__)

# What a mail may do in the frame that shows it: be drawn. No script, no form, nothing fetched from elsewhere.
_MAIL_POLICY = (
    "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'"
)
_STEPS = (1, 7, 31, 366)
_LONGEST_DAYS = 3660
_FOLLOW_SECONDS = 1.0
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


async def show_people(request: Request) -> Response:
    """Who can be tried, each by one click."""
    return await plain_page(
        "demo.html",
        customers=[person for person in demo.PEOPLE if not person.is_staff],
        staff=[person for person in demo.PEOPLE if person.is_staff],
        is_missing=request.query_params.get("problem") == "missing",
        base_url=environment().base_url,
    )


async def enter(request: Request) -> Response:
    """Sign in as one of the sample people, without a mail."""
    form = await _form(request)
    browser = Browser(
        network=visitor().client_ip, session_id=visitor().session_id, locale=visitor().locale, user_agent="demo"
    )
    try:
        person = demo.find_person(str(form.get("email", "")))
        return come_in(await ask(entry.enter_as, person.email, browser))
    except NotFound:
        return see("/demo?problem=missing")


async def show_outbox(_request: Request) -> Response:
    """Every mail, newest first."""
    locale = visitor().locale
    shown = [
        {"mail": mail, "at": f"{say_day(mail.created_at, locale, 'UTC')}, {say_time(mail.created_at, locale, 'UTC')}"}
        for mail in await ask(mails.newest)
    ]
    return await plain_page("outbox.html", mails=shown, has_frames=True)


async def list_outbox(_request: Request) -> Response:
    """The same for scripts."""
    names = ("kind", "to", "subject", "text", "html", "code", "state")
    found = [
        {name: getattr(mail, name) for name in names}
        | {"links": list(mail.links), "created_at": mail.created_at.isoformat()}
        for mail in await ask(mails.newest)
    ]
    return JSONResponse(found, headers={"cache-control": "no-store"})


async def show_mail(request: Request) -> Response:
    """One mail's HTML, for a frame."""
    found = [mail for mail in await ask(mails.newest) if mail.id == request.path_params["email_id"]]
    headers = {
        "cache-control": "no-store",
        "content-security-policy": _MAIL_POLICY,
        "x-frame-options": "SAMEORIGIN",
        "referrer-policy": "no-referrer",
    }
    return HTMLResponse(found[0].html if found else "", 200 if found else 404, headers)


async def show_clock(request: Request) -> Response:
    """What day it is in the shop, and how to make it another."""
    today, locale = billing_now(), visitor().locale
    return await plain_page(
        "clock.html",
        today=say_day(today, locale, "UTC"),
        time=say_time(today, locale, "UTC"),
        earliest=(today + timedelta(days=1)).date().isoformat(),
        steps=_STEPS,
        problem=request.query_params.get("problem", ""),
        is_moved="moved" in request.query_params,
    )


async def move_clock(request: Request) -> Response:
    """Put the shop's clock forward, by days or to a day."""
    form = await _form(request)
    try:
        await ask(demo.move_clock, _moment(form))
    except (InvalidInput, GatewayError, NotFound) as refusal:
        return see(f"/demo/clock?problem={refusal.code}")
    return see("/demo/clock?moved")


def _moment(form: FormData) -> datetime:
    days, day = str(form.get("days", "")), str(form.get("day", ""))
    if days.isascii() and days.isdecimal() and 0 < len(days) < 5 and 0 < int(days) <= _LONGEST_DAYS:
        return billing_now() + timedelta(days=int(days))
    if _DAY.fullmatch(day):
        try:
            wanted = datetime.fromisoformat(day).replace(tzinfo=UTC)
        except ValueError:
            raise InvalidInput(field="day") from None
        if wanted - billing_now() <= timedelta(days=_LONGEST_DAYS):
            return wanted
    raise InvalidInput(field="day")


async def _form(request: Request) -> FormData:
    async with request.form(max_files=0, max_fields=4) as form:
        return form


@contextlib.asynccontextmanager
async def following_clock() -> AsyncIterator[None]:
    """A lifespan task: what this process calls today is the shop's day, from its start and whoever moves the clock."""

    async def follow() -> None:
        while True:
            try:
                await ask(demo.follow_clock)
            except SQLAlchemyError:
                log.warning("demo: the clock could not be read")
            await asyncio.sleep(_FOLLOW_SECONDS)

    if not environment().is_demo:
        yield
        return
    following = asyncio.create_task(follow(), name="demo clock")
    try:
        yield
    finally:
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following


def routes() -> list[Route]:
    """The demo's doors, where this is one; otherwise there is nothing at these addresses."""
    if not environment().is_demo:
        return []
    return [
        Route("/demo", show_people, methods=["GET"]),
        Route("/demo/enter", enter, methods=["POST"]),
        Route("/demo/outbox", show_outbox, methods=["GET"]),
        Route("/demo/outbox.json", list_outbox, methods=["GET"]),
        Route("/demo/outbox/{email_id}", show_mail, methods=["GET"]),
        Route("/demo/clock", show_clock, methods=["GET"]),
        Route("/demo/clock", move_clock, methods=["POST"]),
    ]
