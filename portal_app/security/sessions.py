"""Signed-in browsers: how a session is opened, found, prolonged and ended. The cookie itself is never stored."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal, TypedDict, Unpack
from zoneinfo import available_timezones

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from portal_app.kit import bus
from portal_app.kit.clock import now
from portal_app.kit.i18n import LOCALES
from portal_app.models import base
from portal_app.models.access import Session, Staff
from portal_app.security.signing import hashed
from portal_app.security.visitor import Visitor

Kind = Literal["customer", "staff", "choosing"]

IDLE_SECONDS: dict[str, int] = {"customer": 30 * 60, "choosing": 30 * 60, "staff": 15 * 60}
ABSOLUTE_SECONDS = 12 * 3600
FRESH_SECONDS = 15 * 60
WARNING_SECONDS = 120
# The clocks of several machines differ by less; a moment further ahead means that ours ran backwards.
_SKEW = timedelta(seconds=5)
_TOUCH_AFTER = timedelta(seconds=60)

_session = Session.__table__  # type: ignore[attr-defined]
_staff = Staff.__table__  # type: ignore[attr-defined]
_columns = select(_session, _staff.c.role, _staff.c.disabled_at).join_from(
    _session, _staff, _session.c.staff_id == _staff.c.id, isouter=True
)


class Opening(TypedDict, total=False):
    """What a new session is told; `within` joins an open transaction, so that a link is spent together with it.

    `proved_at` is for a session that follows from another: changing the account proves nothing anew.
    """

    email: str
    customer_id: str
    staff_id: str
    locale: str
    zone: str
    user_agent: str
    replaces: str
    proved_at: datetime
    within: Connection


@dataclass(frozen=True)
class LiveSession:
    """A session that is good at this moment.

    Attributes:
        seconds_left: until it ends unless the person does something.
    """

    id: str
    kind: Kind
    email: str
    customer_id: str
    staff_id: str
    role: str
    locale: str
    zone: str
    seen_at: datetime
    proved_at: datetime
    seconds_left: float

    @property
    def is_fresh(self) -> bool:
        """Whether the person proved who they are only minutes ago."""
        return now() - self.proved_at <= timedelta(seconds=FRESH_SECONDS)

    @property
    def is_worth_touching(self) -> bool:
        """Whether the last written sign of life is old enough to write a new one."""
        return now() - self.seen_at > _TOUCH_AFTER

    def as_visitor(self, client_ip: str = "", request_id: str = "") -> Visitor:
        """Whom a call under this session is for."""
        return Visitor(
            kind=self.kind,
            session_id=self.id,
            email=self.email,
            customer_id=self.customer_id,
            staff_id=self.staff_id,
            role=self.role,
            locale=self.locale,
            zone=self.zone,
            client_ip=client_ip,
            request_id=request_id,
        )


def open_session(kind: Kind, **opening: Unpack[Opening]) -> tuple[str, str]:
    """Sign a browser in; returns the cookie, which is shown this once, and the session's id.

    `replaces` names the session that this browser had before: it ends, as at every change of privilege.
    """
    cookie, session_id, moment = secrets.token_urlsafe(32), "ses_" + secrets.token_hex(12), now()
    row = {
        "id": session_id,
        "cookie_hash": hashed(cookie),
        "kind": kind,
        "email": opening.get("email", ""),
        "customer_id": opening.get("customer_id", ""),
        "staff_id": opening.get("staff_id", ""),
        "locale": opening.get("locale") or "en",
        "zone": opening.get("zone") or "UTC",
        "user_agent": opening.get("user_agent", "")[:200],
        "created_at": moment,
        "seen_at": moment,
        "proved_at": opening.get("proved_at") or moment,
        "end_reason": "",
    }
    replaced = opening.get("replaces", "")
    with _writing(opening.get("within")) as connection:
        connection.execute(insert(_session).values(**row))
        if replaced:
            _end(connection, _session.c.id == replaced, "replaced")
    if replaced:
        bus.announce("session.ended", id=replaced, reason="replaced")
    return cookie, session_id


def find_by_cookie(cookie: str) -> LiveSession | None:
    """The live session that this cookie opens."""
    return _find(_session.c.cookie_hash == hashed(cookie)) if cookie else None


def find(session_id: str) -> LiveSession | None:
    """The live session with this id."""
    return _find(_session.c.id == session_id) if session_id else None


def find_many(session_ids: Sequence[str]) -> dict[str, LiveSession]:
    """Those of `session_ids` that are live, by id: one query for every open socket of a process."""
    found: dict[str, LiveSession] = {}
    with base.reading() as connection:
        for start in range(0, len(session_ids), 500):
            chosen = _columns.where(_session.c.id.in_(session_ids[start : start + 500]))
            for row in connection.execute(chosen):
                if live := _alive(row):
                    found[row.id] = live
    return found


def reasons(session_ids: Sequence[str]) -> dict[str, str]:
    """Why each of these sessions ended, by id; one that nobody ended has run out."""
    with base.reading() as connection:
        chosen = select(_session.c.id, _session.c.end_reason).where(_session.c.id.in_(session_ids))
        return {row.id: row.end_reason for row in connection.execute(chosen)}


def touch(session_id: str) -> None:
    """Somebody did something: the idle time starts anew. Never revives a session that has ended."""
    _change(session_id, seen_at=now())


def set_locale(session_id: str, locale: str) -> None:
    """Speak `locale` in this session from now on.

    Raises:
        ValueError: there is no catalogue for it.
    """
    if locale not in LOCALES:
        raise ValueError(f"no catalogue for {locale!r}")
    _change(session_id, locale=locale)


def set_zone(session_id: str, zone: str) -> None:
    """Say days and hours in `zone` in this session from now on.

    Raises:
        ValueError: the zone does not exist.
    """
    if not is_zone(zone):
        raise ValueError("no such time zone")
    _change(session_id, zone=zone)


def is_zone(name: str) -> bool:
    """Whether there is a time zone of this name."""
    return name in _zones()


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def end(session_id: str, reason: str = "signed_out") -> None:
    """End one session; its open pages are told and their sockets closed."""
    _end_and_tell(_session.c.id == session_id, reason)


def end_all_of(*, customer_id: str = "", staff_id: str = "", but: str = "", reason: str = "revoked") -> list[str]:
    """End every session of a customer or of a member of staff, except `but`; returns the ids that ended now.

    Raises:
        ValueError: neither of the two was named.
    """
    if bool(customer_id) == bool(staff_id):
        raise ValueError("name a customer or a member of staff")
    whose = _session.c.customer_id == customer_id if customer_id else _session.c.staff_id == staff_id
    return _end_and_tell(whose & (_session.c.id != but), reason)


def _end_and_tell(which: ColumnElement[bool], reason: str) -> list[str]:
    with base.appending() as connection:
        ended = _end(connection, which, reason)
    for session_id in ended:
        bus.announce("session.ended", id=session_id, reason=reason)
    return ended


def _end(connection: Connection, which: ColumnElement[bool], reason: str) -> list[str]:
    ending = update(_session).where(which, _session.c.ended_at.is_(None)).values(ended_at=now(), end_reason=reason)
    return list(connection.scalars(ending.returning(_session.c.id)))


def _change(session_id: str, **values: Any) -> None:
    with base.appending() as connection:
        connection.execute(
            update(_session).where(_session.c.id == session_id, _session.c.ended_at.is_(None)).values(**values)
        )


def _find(which: ColumnElement[bool]) -> LiveSession | None:
    with base.reading() as connection:
        return _alive(connection.execute(_columns.where(which)).first())


def _alive(row: Row | None) -> LiveSession | None:
    if row is None or row.ended_at is not None:
        return None
    moment = now()
    # A clock that ran backwards must refuse rather than prolong.
    if moment < row.created_at - _SKEW or moment < row.seen_at - _SKEW:
        return None
    if row.kind == "staff" and (not row.role or row.disabled_at is not None):
        return None
    ends_at = min(
        row.seen_at + timedelta(seconds=IDLE_SECONDS[row.kind]),
        # By the proof: another account is a new session, and would otherwise go on for ever without a new proof.
        min(row.created_at, row.proved_at) + timedelta(seconds=ABSOLUTE_SECONDS),
    )
    if moment >= ends_at:
        return None
    return LiveSession(
        id=row.id,
        kind=row.kind,
        email=row.email,
        customer_id=row.customer_id,
        staff_id=row.staff_id,
        role=row.role or "",
        locale=row.locale,
        zone=row.zone,
        seen_at=row.seen_at,
        proved_at=row.proved_at,
        seconds_left=(ends_at - moment).total_seconds(),
    )


@contextmanager
def _writing(within: Connection | None) -> Iterator[Connection]:
    if within is not None:
        yield within
        return
    with base.appending() as connection:
        yield connection
