"""The portal's own routes behind the real envelope, in this process, and browsers that knock there."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Select, func, select
from starlette.applications import Starlette

from portal_app.environment import environment
from portal_app.http.envelope import Envelope
from portal_app.http.headers import BuiltPages
from portal_app.http.routes import LARGER_BODIES, all_routes
from portal_app.models.access import Session, SignInRequest
from portal_app.security import rate_limits, sessions
from portal_app.security.visitor import SYSTEM, Visitor
from portal_app.services import mails
from portal_app.services.desk import open_desk
from portal_app.services.mails import SentEmail
from tests.cast import ADA, BEA, MIA, let_in
from tests.letters import answer_all

ORIGIN = "http://localhost:3000"

_request, _session = SignInRequest.__table__, Session.__table__


def the_doors(folder: Path) -> Envelope:
    """Every route of ours; no page is built."""

    def audience_of(_path: str) -> None:
        return None

    served = Starlette(routes=all_routes(lambda: True))
    return Envelope(served, BuiltPages(folder / "built", audience_of), audience_of, LARGER_BODIES)


@dataclass
class Knocking:
    """A browser: it keeps cookies, says its Origin when it sends a form, and follows no redirect by itself."""

    app: Envelope
    origin: str = ORIGIN
    headers: dict[str, str] = field(default_factory=dict)
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    def get(self, path: str, **given) -> httpx.Response:
        return asyncio.run(self.ask("GET", path, **given))

    def head(self, path: str, **given) -> httpx.Response:
        return asyncio.run(self.ask("HEAD", path, **given))

    def post(self, path: str, **fields: str) -> httpx.Response:
        """Send a form."""
        return asyncio.run(self.ask("POST", path, data=fields))

    async def ask(self, method: str, path: str, **given) -> httpx.Response:
        headers = {**self.headers, **given.pop("headers", {})}
        if method == "POST":
            headers = {"origin": self.origin, **headers}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url=self.origin, cookies=self.cookies, headers=headers
        ) as client:
            answer = await client.request(method, path, **given)
            self.cookies = client.cookies
        return answer

    @property
    def session_cookie(self) -> str:
        """What the browser holds of its session."""
        return self.cookies.get(environment().cookie_name) or ""

    def follow(self, url: str) -> httpx.Response:
        """Open a mailed link as far as its page."""
        self.get(url.removeprefix(self.origin))
        return self.get("/enter")

    def sign_in(self, email: str = ADA.email, door: str = "/auth/login", **fields: str) -> httpx.Response:
        """Ask, read the mail, open its link, click."""
        self.post(door, email=email, **fields)
        self.follow(newest_mail().links[0])
        return self.post("/enter")

    @property
    def visitor(self) -> Visitor | None:
        """Whom the envelope would take this browser for."""
        found = sessions.find_by_cookie(self.session_cookie)
        return found.as_visitor() if found else None


@pytest.fixture
def app(desk, tmp_path) -> Envelope:
    """The doors of a portal that knows Ada, Bea and Mia."""
    rate_limits._limiter.cache_clear()
    let_in(ADA, BEA, MIA)
    return the_doors(tmp_path)


@pytest.fixture
def browser(app) -> Knocking:
    return Knocking(app)


def sent_mails() -> Sequence[SentEmail]:
    """What the worker has sent by now; each look at the database is a new one."""
    with open_desk(actor=SYSTEM) as desk:
        answer_all(desk)
        return mails.newest(desk)


def newest_mail() -> SentEmail:
    return sent_mails()[0]


def sessions_open() -> int:
    return _value(select(func.count()).select_from(_session).where(_session.c.ended_at.is_(None)))


def requests_made() -> int:
    return _value(select(func.count()).select_from(_request))


def _value(statement: Select) -> Any:
    with open_desk() as desk:
        return desk.value(statement)
