"""Signing in without HTTP: somebody asks, the worker answers, the letter is read."""

from dataclasses import dataclass

from sqlalchemy import select

from portal_app.models.access import SignInRequest
from portal_app.models.journal import Email
from portal_app.security.return_paths import Audience
from portal_app.services import sign_in
from portal_app.services.desk import Desk
from portal_app.services.entry import Browser
from portal_app.services.sign_in import Asking
from portal_app.tasks import outbox

HOME_NETWORK = "198.51.100.7"

_request = SignInRequest.__table__
_email = Email.__table__


@dataclass(frozen=True)
class Letter:
    """A mail that came, and the browser that asked for it."""

    browser: Browser
    kind: str
    to: str
    subject: str
    text: str
    html: str
    links: list[str]
    code: str

    @property
    def token(self) -> str:
        """The secret of the link."""
        return self.links[0].rpartition("/")[2]


def ask(desk: Desk, email: str, audience: Audience = "customer", next_path: str = "") -> Browser:
    """Ask for a link; returns the browser that may type the code."""
    cookie = sign_in.ask_for_link(desk, Asking(audience, email, HOME_NETWORK, next_path))
    return Browser(HOME_NETWORK, asking=cookie)


def answer_all(desk: Desk) -> None:
    """What the worker does with every request that nobody has answered."""
    for request_id in desk.rows(select(_request.c.id).where(_request.c.answered_at.is_(None))):
        outbox.answer_sign_in(desk, {"request_id": request_id.id})


def a_letter(desk: Desk, email: str, audience: Audience = "customer", next_path: str = "") -> Letter:
    """Ask, and read what came."""
    browser = ask(desk, email, audience, next_path)
    answer_all(desk)
    row = desk.row(select(_email).order_by(_email.c.created_at.desc(), _email.c.id.desc()))
    return Letter(browser, row.kind, row.recipient, row.subject, row.text, row.html, row.links, row.code)


def elsewhere(network: str = "203.0.113.9") -> Browser:
    """A browser that has not asked."""
    return Browser(network)
