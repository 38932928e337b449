"""The lease table's other half: a worker claims a job, keeps its lease while it works, and writes down how it ended."""

import logging
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, and_, case, select, update

from portal_app.gateway.port import Json
from portal_app.kit.clock import now
from portal_app.kit.errors import PortalError
from portal_app.models import base
from portal_app.models.journal import Job

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
_LONGEST_PAUSE_SECONDS = 600.0
_jobs = Job.__table__


@dataclass(frozen=True)
class Claimed:
    """A job that this worker holds; `attempt` tells a second lease of the same job from the first."""

    id: int
    kind: str
    key: str
    payload: Json
    owner: str
    attempt: int
    max_attempts: int


def claim(owner: str, ahead: timedelta = timedelta(0)) -> Claimed | None:
    """Take the most urgent job that is due, or will be within `ahead`, for the time of one lease.

    No two workers get the same.
    """
    moment = now()
    is_due = and_(_jobs.c.state == "queued", _jobs.c.run_after <= moment + ahead)
    first = select(_jobs.c.id).where(is_due).order_by(_jobs.c.priority, _jobs.c.run_after, _jobs.c.id).limit(1)
    with base.reading() as connection:  # most looks find nothing, and need no lock for it
        if connection.execute(first).first() is None:
            return None
    taken = {"state": "running", "owner": owner, "lease_until": moment + LEASE, "attempts": _jobs.c.attempts + 1}
    statement = (
        update(_jobs)
        .where(_jobs.c.id == first.with_for_update(skip_locked=True).scalar_subquery())
        .values(**taken)
        .returning(_jobs)
    )
    with base.appending() as connection:
        row = connection.execute(statement).first()
    return _claimed(row) if row else None


def renew(job: Claimed) -> bool:
    """Keep the lease for another while; false when it has been lost."""
    with base.appending() as connection:
        renewed = update(_jobs).where(_is_held(job)).values(lease_until=now() + LEASE)
        return connection.execute(renewed).rowcount == 1


def finish(job: Claimed) -> bool:
    """Mark it done, or queue it again when it was asked for meanwhile; false when the lease was lost."""
    again = _jobs.c.is_dirty
    return _end(
        job,
        state=case((again, "queued"), else_="done"),
        attempts=case((again, 0), else_=_jobs.c.attempts),
        finished_at=case((again, None), else_=now()),
        last_error="",
    )


def fail(job: Claimed, error: Exception) -> bool:
    """Try again later, a little later each time; after the last try it is dead and waits for a person."""
    is_dead = job.attempt >= job.max_attempts
    if is_dead:
        log.error("job %s (%s) is dead after %s tries: %s", job.id, job.kind, job.attempt, describe(error))
    later = now() + pause(job.attempt)
    return _end(
        job,
        # Asked for again while it ran: the new wish has tries of its own.
        state=case((_jobs.c.is_dirty, "queued"), else_="dead" if is_dead else "queued"),
        attempts=case((_jobs.c.is_dirty, 0), else_=_jobs.c.attempts),
        run_after=later,
        finished_at=now() if is_dead else None,
        last_error=describe(error),
    )


def release_expired() -> int:
    """Give jobs back whose worker went away; one that keeps taking its worker along is dead in the end."""
    moment = now()
    is_lost = and_(_jobs.c.state == "running", _jobs.c.lease_until < moment)
    is_poison = and_(_jobs.c.attempts >= _jobs.c.max_attempts, _jobs.c.is_dirty.is_(False))
    with base.reading() as connection:
        if connection.execute(select(_jobs.c.id).where(is_lost).limit(1)).first() is None:
            return 0
    statement = (
        update(_jobs)
        .where(is_lost)
        .values(
            state=case((is_poison, "dead"), else_="queued"),
            finished_at=case((is_poison, moment), else_=None),
            last_error=case((is_poison, "lease_expired"), else_=_jobs.c.last_error),
            owner="",
            lease_until=None,
            is_dirty=False,
        )
    )
    with base.appending() as connection:
        return connection.execute(statement).rowcount


def pause(attempt: int) -> timedelta:
    """How long to wait after a try: doubling, bounded, and never the same for two jobs."""
    seconds = min(2.0**attempt, _LONGEST_PAUSE_SECONDS)
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311


def describe(error: Exception) -> str:
    """What kept a job from its end, without what the error's text may quote."""
    return error.code if isinstance(error, PortalError) else type(error).__name__


def _is_held(job: Claimed) -> Any:
    return and_(
        _jobs.c.id == job.id, _jobs.c.owner == job.owner, _jobs.c.attempts == job.attempt, _jobs.c.state == "running"
    )


def _end(job: Claimed, **values: Any) -> bool:
    with base.appending() as connection:
        ended = update(_jobs).where(_is_held(job)).values(**values, owner="", lease_until=None, is_dirty=False)
        return connection.execute(ended).rowcount == 1


def _claimed(row: Row[Any]) -> Claimed:
    return Claimed(row.id, row.kind, row.key, row.payload, row.owner, row.attempts, row.max_attempts)
