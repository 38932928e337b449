"""Whether the portal can do its work now: what `/readyz` answers and what the worker leaves as a sign of life."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from portal_app.kit.clock import now
from portal_app.models.base import insert_into
from portal_app.models.journal import Fact, Job
from portal_app.services import mails
from portal_app.services.desk import Desk

HEARTBEAT = "worker.heartbeat"
_SILENT_AFTER = timedelta(seconds=45)
_LATE_AFTER = timedelta(minutes=5)

_fact = Fact.__table__  # type: ignore[attr-defined]
_job = Job.__table__  # type: ignore[attr-defined]


def beat(desk: Desk) -> None:
    """Say that a worker lives; it does so every few seconds, far more often than `problems` expects."""
    moment = now()
    with desk.transaction() as connection:
        beats = insert_into(connection, _fact).values(name=HEARTBEAT, value="beats", changed_at=moment)
        desk.run(beats.on_conflict_do_update(index_elements=["name"], set_={"changed_at": moment}))


def problems(desk: Desk) -> list[str]:
    """What keeps the portal from working, in stable words for a monitor; empty when it works."""
    try:
        beat_at = desk.value(select(_fact.c.changed_at).where(_fact.c.name == HEARTBEAT))
        waits_since = desk.value(select(func.min(_job.c.run_after)).where(_job.c.state == "queued"))
    except SQLAlchemyError:
        return ["database_unavailable"]
    found = []
    if beat_at is None or now() - beat_at > _SILENT_AFTER:
        found.append("worker_silent")
    if waits_since is not None and now() - waits_since > _LATE_AFTER:
        found.append("queue_late")
    if not mails.is_able_to_send():
        found.append("mail_not_configured")
    return found
