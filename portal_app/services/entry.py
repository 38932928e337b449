"""Coming in: a link, a code or a chosen account becomes a session, each at most once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote

from sqlalchemy import ColumnElement, Row, select, update

from portal_app.kit.clock import now
from portal_app.kit.errors import NotFound, SignInRequired, TooManyRequests
from portal_app.models.access import SignInRequest
from portal_app.security import magic_links, rate_limits, sessions
from portal_app.security.addresses import mailbox_key, mask_email
from portal_app.security.return_paths import Audience, own_path
from portal_app.security.signing import hashed
from portal_app.security.visitor import Visitor
from portal_app.services import accounts, audit, staff
from portal_app.services.desk import Desk

CHOOSER_PATH = "/login/account"

Means = Literal["link", "code", "account", "demo"]
Problem = Literal["link", "code", "code_shape", "code_over"]

# Several machines' clocks differ by less.
_SKEW = timedelta(seconds=5)
_request = SignInRequest.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Browser:
    """Who knocks: `asking` is the cookie from when a link was asked for, `session_id` the session it had so far."""

    network: str
    asking: str = ""
    session_id: str = ""
    locale: str = "en"
    user_agent: str = ""


@dataclass(frozen=True)
class Invitation:
    """What a link that still works says before the click: whom it signs in, and whether that was asked for here."""

    audience: Audience
    email: str
    is_asking_browser: bool


@dataclass(frozen=True)
class Entered:
    """A browser that has come in: the session's cookie, shown this once, and where it goes."""

    cookie: str
    session_id: str
    path: str


@dataclass(frozen=True)
class Refused:
    """Why nobody came in.

    `link`: it is spent, replaced, too old or never was. `code`: wrong. `code_shape`: not six digits, which costs no
    try. `code_over`: there is nothing left to try here.
    """

    problem: Problem
    tries_left: int = 0


def find_invitation(desk: Desk, token: str, browser: Browser) -> Invitation | None:
    """What this link would do; looking spends nothing. In another browser the address is masked.

    Raises:
        TooManyRequests: this network has tried too many links that do not work.
    """
    limiter = rate_limits.limiter()
    limiter.require_room(rate_limits.REDEEM_PER_NETWORK, browser.network)
    row = None
    if magic_links.is_token(token):
        row = desk.row(select(_request).where(_request.c.token_hash == hashed(token), _is_open(now())))
        desk.close()  # the limiter needs a connection of its own, and must not wait for this one
    if row is None:
        limiter.take(rate_limits.REDEEM_PER_NETWORK, browser.network)
        return None
    is_here = bool(browser.asking) and hashed(browser.asking) == row.browser_hash
    return Invitation(row.audience, row.email if is_here else mask_email(row.email), is_here)


def audience_of(desk: Desk, token: str) -> Audience:
    """Whose door a link belongs to, also when it no longer opens it."""
    found = None
    if magic_links.is_token(token):
        found = desk.value(select(_request.c.audience).where(_request.c.token_hash == hashed(token)))
    return "staff" if found == "staff" else "customer"


def enter_by_link(desk: Desk, token: str, browser: Browser) -> Entered | Refused:
    """Spend a link; of any number of tries at once, one comes in.

    Raises:
        TooManyRequests: this network has tried too many that do not work.
    """
    limiter = rate_limits.limiter()
    limiter.require_room(rate_limits.REDEEM_PER_NETWORK, browser.network)
    entered = None
    if magic_links.is_token(token):
        with desk.transaction():
            row = _spend(desk, _request.c.token_hash == hashed(token))
            entered = _come_in(desk, row, browser, "link") if row else None
    if entered is None:
        limiter.take(rate_limits.REDEEM_PER_NETWORK, browser.network)
    return entered or Refused("link")


def enter_by_code(desk: Desk, typed: str, browser: Browser) -> Entered | Refused:
    """Spend the code of the link that this very browser asked for; five tries, whether or not there is such a code.

    Raises:
        TooManyRequests: see `enter_by_link`.
    """
    limiter = rate_limits.limiter()
    limiter.require_room(rate_limits.REDEEM_PER_NETWORK, browser.network)
    email = desk.value(select(_request.c.email).where(_request.c.browser_hash == hashed(browser.asking))) or ""
    desk.close()  # see `find_invitation`
    if not _may_try_codes(email):
        return Refused("code_over")
    with desk.transaction():
        outcome = _try_code(desk, magic_links.typed_code(typed), browser)
    if isinstance(outcome, Refused):
        limiter.take(rate_limits.REDEEM_PER_NETWORK, browser.network)
        if outcome.problem == "code":
            limiter.take(rate_limits.WRONG_CODE_PER_MAILBOX, mailbox_key(email))
    return outcome


def choose_account(desk: Desk, customer_id: str, next_path: str, browser: Browser) -> Entered:
    """Open one of the accounts behind the address that the desk's visitor has proved; the session before it ends.

    Raises:
        SignInRequired: nobody has proved an address here.
        NotFound: it is none of this address's accounts.
    """
    session = sessions.find(desk.actor.session_id)
    if session is None or session.kind not in ("choosing", "customer") or not session.email:
        raise SignInRequired
    account = accounts.get(desk, session.email, customer_id)
    chosen = _Identity("customer", session.email, customer_id=account.customer_id, proved_at=session.proved_at)
    with desk.transaction():
        return _open(desk, chosen, browser, "account", own_path(next_path))


def enter_as(desk: Desk, email: str, browser: Browser) -> Entered:
    """Come in without a link: the demo's one click, and nothing else. Staff by their address, or customers by theirs.

    Raises:
        NotFound: nobody has this address.
    """
    member = staff.find_by_email(desk, email)
    audience: Audience = "staff" if member else "customer"
    with desk.transaction():
        who = _identity(desk, audience, email)
        if who is None:
            raise NotFound
        return _open(desk, who, browser, "demo", _way_in(who, own_path("", audience)))


@dataclass(frozen=True)
class _Identity:
    """Whom a session is for. `proved_at` is None for a proof made at this moment."""

    kind: sessions.Kind
    email: str
    customer_id: str = ""
    staff_id: str = ""
    role: str = ""
    proved_at: datetime | None = None


def _is_open(moment: datetime) -> ColumnElement[bool]:
    # A clock that ran backwards refuses rather than prolongs: `created_at` may not lie ahead.
    return (
        _request.c.used_at.is_(None)
        & _request.c.superseded_at.is_(None)
        & (_request.c.expires_at > moment)
        & (_request.c.created_at <= moment + _SKEW)
    )


def _may_try_codes(email: str) -> bool:
    """Whether this mailbox's codes are still worth typing; the link in its mails works all the same."""
    try:
        rate_limits.limiter().require_room(rate_limits.WRONG_CODE_PER_MAILBOX, mailbox_key(email))
    except TooManyRequests:
        return False
    return True


def _spend(desk: Desk, which: ColumnElement[bool]) -> Row[Any] | None:
    """One statement decides: the row, for whoever came first, and None for everybody after."""
    moment = now()
    spending = update(_request).where(which, _is_open(moment)).values(used_at=moment)
    return desk.run(spending.returning(_request.c.email, _request.c.audience, _request.c.next_path)).first()


def _try_code(desk: Desk, code: str, browser: Browser) -> Entered | Refused:
    is_this = _is_open(now()) & (_request.c.browser_hash == hashed(browser.asking))
    can_try = is_this & (_request.c.tries < magic_links.CODE_TRIES)
    if not browser.asking or not desk.value(select(_request.c.id).where(can_try)):
        return Refused("code_over")
    if not code:
        return Refused("code_shape")
    counting = update(_request).where(can_try).values(tries=_request.c.tries + 1)
    tried = desk.run(counting.returning(_request.c.id, _request.c.code_hash, _request.c.tries)).first()
    if tried is None:
        return Refused("code_over")
    row = None
    if magic_links.is_code(code, tried.id, tried.code_hash):
        row = _spend(desk, _request.c.id == tried.id)
    entered = _come_in(desk, row, browser, "code") if row else None
    return entered or Refused("code", magic_links.CODE_TRIES - tried.tries)


def _come_in(desk: Desk, row: Row[Any], browser: Browser, means: Means) -> Entered | None:
    """None where the address has lost what it owned since the link was made."""
    who = _identity(desk, row.audience, row.email)
    if who is None:
        return None
    return _open(desk, who, browser, means, _way_in(who, own_path(row.next_path, row.audience)))


def _way_in(who: _Identity, path: str) -> str:
    """Where to, by way of the chooser for whoever owns several accounts."""
    if who.kind != "choosing":
        return path
    return CHOOSER_PATH if path == "/" else f"{CHOOSER_PATH}?next={quote(path, safe='/')}"


def _identity(desk: Desk, audience: Audience, email: str) -> _Identity | None:
    if audience == "staff":
        member = staff.find_by_email(desk, email)
        return _Identity("staff", email, staff_id=member.id, role=member.role) if member else None
    owned = accounts.list_for(desk, email)
    if len(owned) == 1:
        return _Identity("customer", email, customer_id=owned[0].customer_id)
    return _Identity("choosing", email) if owned else None


def _open(desk: Desk, who: _Identity, browser: Browser, means: Means, path: str) -> Entered:
    with desk.transaction() as connection:
        opening: sessions.Opening = {
            "email": who.email,
            "customer_id": who.customer_id,
            "staff_id": who.staff_id,
            "locale": browser.locale,
            "user_agent": browser.user_agent,
            "replaces": browser.session_id,
            "within": connection,
        }
        if who.proved_at:
            opening["proved_at"] = who.proved_at
        cookie, session_id = sessions.open_session(who.kind, **opening)
        # From here on the desk acts for whoever came in.
        desk.actor = Visitor(
            who.kind,
            session_id=session_id,
            email=who.email,
            customer_id=who.customer_id,
            staff_id=who.staff_id,
            role=who.role,
            request_id=desk.actor.request_id,
        )
        audit.record(desk, "session.opened", session_id, after={"means": means}, customer_id=who.customer_id)
    return Entered(cookie, session_id, path)
