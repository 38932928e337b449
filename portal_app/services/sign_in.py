"""Asking for a sign-in link and answering: the request learns nothing about the address, the worker looks it up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, insert, select, update

from portal_app.environment import environment
from portal_app.kit.clock import now
from portal_app.models.access import SignInRequest
from portal_app.security import magic_links, rate_limits
from portal_app.security.addresses import clean_email, mailbox_key, mask_email
from portal_app.security.return_paths import Audience, own_path
from portal_app.security.signing import hashed
from portal_app.services import accounts, jobs, mails, staff
from portal_app.services.desk import Desk
from portal_app.services.mails import Draft, Outgoing

ANSWER_JOB = "sign_in.answer"
RESEND_AFTER_SECONDS = 60
LOGIN_PATHS: dict[Audience, str] = {"customer": "/login", "staff": "/admin/login"}

_request = SignInRequest.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Asking:
    """What a browser sends when it asks; `email` as it was typed, `network` as the limits count it."""

    audience: Audience
    email: str
    network: str
    next_path: str = ""
    locale: str = "en"


@dataclass(frozen=True)
class Pending:
    """What the asking browser may know about its newest request, whether or not the address is known here."""

    audience: Audience
    masked_email: str
    asked_at: datetime
    expires_at: datetime
    tries_left: int

    @property
    def resend_at(self) -> datetime:
        """From when asking again makes sense."""
        return self.asked_at + timedelta(seconds=RESEND_AFTER_SECONDS)


def ask_for_link(desk: Desk, asking: Asking) -> str:
    """Write the request and the job that answers it; returns the cookie that binds the code to this browser.

    Nothing here depends on whether the address is known: the same statements, the same answer, the same time.
    A newer request ends the ones before it.

    Raises:
        InvalidInput: `email` is no mail address.
        TooManyRequests: this network, this mailbox or everybody together asked too often.
    """
    email = clean_email(asking.email)
    limiter = rate_limits.limiter()
    # The network first: one that has spent its own tries must not spend a stranger's mailbox.
    limiter.take(rate_limits.LINK_PER_NETWORK, asking.network)
    limiter.take(rate_limits.LINK_PER_MAILBOX, mailbox_key(email))
    limiter.take(rate_limits.LINK_EVERYWHERE, "all")
    request_id, browser, moment = magic_links.new_request_id(), magic_links.new_browser(), now()
    with desk.transaction():
        is_older = (_request.c.email == email) & (_request.c.audience == asking.audience)
        is_open = _request.c.used_at.is_(None) & _request.c.superseded_at.is_(None)
        desk.run(update(_request).where(is_older, is_open).values(superseded_at=moment))
        desk.run(
            insert(_request).values(
                id=request_id,
                audience=asking.audience,
                email=email,
                token_hash=None,
                code_hash="",
                browser_hash=hashed(browser),
                next_path=own_path(asking.next_path, asking.audience),
                locale=asking.locale,
                created_at=moment,
                expires_at=moment + timedelta(seconds=magic_links.LIFETIME_SECONDS),
                tries=0,
            )
        )
        payload = {"request_id": request_id}
        jobs.enqueue(desk, ANSWER_JOB, f"{ANSWER_JOB}:{request_id}", payload, priority=jobs.URGENT)
    return browser


def ask_again(desk: Desk, browser: str, network: str) -> str | None:
    """Like `ask_for_link`, for the address that this browser asked with; None if it has not, or too long ago.

    Raises:
        TooManyRequests: see `ask_for_link`.
    """
    row = desk.row(_newest_of(hashed(browser))) if browser else None
    desk.close()  # the limiter needs a connection of its own, and must not wait for this one
    if row is None:
        return None
    return ask_for_link(desk, Asking(row.audience, row.email, network, row.next_path, row.locale))


def find_pending(desk: Desk, browser_hash: str) -> Pending | None:
    """The newest request of the browser whose cookie has this hash, for the page that waits with it."""
    row = desk.row(_newest_of(browser_hash)) if browser_hash else None
    if row is None:
        return None
    left = max(0, magic_links.CODE_TRIES - row.tries)
    return Pending(row.audience, mask_email(row.email), row.created_at, row.expires_at, left)


def audience_of(desk: Desk, browser: str) -> Audience:
    """At which door this browser asked last."""
    row = desk.row(_newest_of(hashed(browser))) if browser else None
    return "staff" if row and row.audience == "staff" else "customer"


def answer(desk: Desk, request_id: str) -> Outgoing | None:
    """Look the address up, make link and code for one that is known, and write the mail that says so.

    Asked again, it makes the same mail again. None once there is nothing left to answer.
    """
    row = desk.row(select(_request).where(_request.c.id == request_id))
    if row is None or row.used_at or row.superseded_at or row.expires_at <= now():
        return None
    is_known = bool(_owners(desk, row.audience, row.email))
    with desk.transaction():
        if is_known:
            token, code = magic_links.link_token(row.id), magic_links.link_code(row.id)
            made = {"token_hash": hashed(token), "code_hash": magic_links.code_hash(row.id, code)}
            draft = _link_mail(row.audience, row.email, row.locale, (token, code))
        else:
            made, draft = {}, _unknown_mail(row.audience, row.email, row.locale)
        desk.run(update(_request).where(_request.c.id == row.id).values(answered_at=now(), **made))
        return mails.hand_over(desk, "em_" + row.id.removeprefix("sir_"), draft)


def _newest_of(browser_hash: str) -> Select[Any]:
    is_recent = _request.c.created_at > now() - timedelta(hours=1)
    chosen = select(_request).where(_request.c.browser_hash == browser_hash, is_recent)
    return chosen.order_by(_request.c.created_at.desc()).limit(1)


def _owners(desk: Desk, audience: Audience, email: str) -> list[object]:
    """Whoever may come in with this address."""
    if audience == "staff":
        member = staff.find_by_email(desk, email)
        return [member] if member else []
    return list(accounts.list_for(desk, email))


def _link_mail(audience: Audience, email: str, locale: str, secret: tuple[str, str]) -> Draft:
    token, code = secret
    kind = "staff_sign_in" if audience == "staff" else "sign_in_link"
    minutes = magic_links.LIFETIME_SECONDS // 60
    context = {"url": environment().url(f"/enter/{token}"), "code": code, "minutes": minutes}
    return Draft(kind, email, context, locale)


def _unknown_mail(audience: Audience, email: str, locale: str) -> Draft:
    kind = "staff_sign_in_unknown" if audience == "staff" else "sign_in_unknown"
    return Draft(kind, email, {"email": email, "url": environment().url(LOGIN_PATHS[audience])}, locale)
