"""Work for the worker, written down in the same transaction as the change it follows from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Executable, and_, case, or_, text

from portal_app.kit.clock import now
from portal_app.models import base
from portal_app.models.journal import Job
from portal_app.services.desk import Desk

URGENT, NORMAL, LATER, BULK = 0, 10, 20, 90
# Tries. What may not be lost outlives an outage of days: after the first ones, a try comes every ten minutes.
SOME, MANY = 12, 500

_jobs = Job.__table__
_OPEN = text("state in ('queued', 'running')")


def enqueue(  # noqa: PLR0913
    desk: Desk,
    kind: str,
    key: str,
    payload: Mapping[str, Any],
    run_after: datetime | None = None,
    *,
    priority: int = NORMAL,
    tries: int = SOME,
) -> None:
    """Have `kind` done once for `key`, not before `run_after`; only inside a transaction.

    A job of the same key that still waits takes over this payload and the earlier moment. One that runs already is
    run again when it ends, so nothing that happened meanwhile is missed.
    """
    enqueue_all(desk, [Wish(kind, key, payload, run_after, priority, tries)])


@dataclass(frozen=True)
class Wish:
    """A job to enqueue, as `enqueue` takes it."""

    kind: str
    key: str
    payload: Mapping[str, Any]
    run_after: datetime | None = None
    priority: int = NORMAL
    tries: int = SOME


def enqueue_all(desk: Desk, wishes: Sequence[Wish]) -> None:
    """Enqueue many jobs at once, each as `enqueue` does."""
    moment = now()
    common = {"state": "queued", "owner": "", "attempts": 0, "last_error": "", "created_at": moment, "is_dirty": False}
    rows = [
        {
            **common,
            "kind": wish.kind,
            "key": wish.key,
            "payload": dict(wish.payload),
            "priority": wish.priority,
            "run_after": wish.run_after or moment,
            "max_attempts": wish.tries,
        }
        for wish in wishes
    ]
    if rows:
        with desk.transaction() as connection:
            connection.execute(_enqueue(connection.dialect.name), rows)


@cache
def _enqueue(dialect: str) -> Executable:
    new = base.INSERT[dialect](_jobs)
    wanted, kept = new.excluded, _jobs.c
    # Of a job that runs, `run_after` is past; it becomes the moment of the next run.
    is_first_during_run = and_(kept.state == "running", kept.is_dirty.is_(False))
    is_sooner = or_(is_first_during_run, wanted.run_after < kept.run_after)
    return new.on_conflict_do_update(
        index_elements=["key"],
        index_where=_OPEN,
        set_={
            "payload": wanted.payload,
            "run_after": case((is_sooner, wanted.run_after), else_=kept.run_after),
            "priority": case((wanted.priority < kept.priority, wanted.priority), else_=kept.priority),
            "is_dirty": kept.state == "running",
        },
    )
