"""What happens at its hour, once for all workers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from portal_app.kit.clock import now
from portal_app.models.base import upsert
from portal_app.models.journal import Fact
from portal_app.services import jobs
from portal_app.services.desk import Desk
from portal_app.services.sync import backfill
from portal_app.tasks import housekeeping

_facts = Fact.__table__


@dataclass(frozen=True)
class Tick:
    """A job for each period; `offset` moves the period's start away from midnight, UTC."""

    kind: str
    every: timedelta
    offset: timedelta = timedelta(0)
    is_at_once: bool = True

    def slot(self, moment: datetime) -> int:
        """The number of the period that `moment` lies in; the same for every worker."""
        return int((moment - self.offset).timestamp() // self.every.total_seconds())


TICKS = (
    Tick(housekeeping.SWEEP, timedelta(minutes=10)),
    Tick(housekeeping.CLEAN, timedelta(hours=1)),
    # A new portal is filled by a person; the first repair can wait for its night.
    Tick(backfill.REPAIR, timedelta(days=1), offset=timedelta(hours=3), is_at_once=False),
)


def tick(desk: Desk) -> None:
    """Enqueue what has become due; however many workers look, each slot is enqueued once."""
    moment = now()
    for one in TICKS:
        name, slot = f"schedule.{one.kind}", str(one.slot(moment))
        if desk.value(select(_facts.c.value).where(_facts.c.name == name)) == slot:
            continue
        with desk.transaction() as connection:
            known = desk.value(select(_facts.c.value).where(_facts.c.name == name))
            upsert(connection, _facts, [{"name": name, "value": slot, "changed_at": moment}])
            if known != slot and (known is not None or one.is_at_once):
                jobs.enqueue(desk, one.kind, one.kind, {}, priority=jobs.LATER)
