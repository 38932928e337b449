"""What is known of the inbox and of fetches, and how to forget all of it."""

from sqlalchemy import delete, func, select
from sqlmodel import SQLModel

from portal_app.models import base
from portal_app.models.journal import Job, WebhookEvent
from portal_app.services import sync

_events = WebhookEvent.__table__
_jobs = Job.__table__


def forget() -> None:
    """An empty database again."""
    with base.writing() as connection:
        for table in reversed(SQLModel.metadata.sorted_tables):
            connection.execute(delete(table))


def fetches() -> int:
    """How many objects were, or are to be, asked for."""
    with base.reading() as connection:
        return connection.execute(
            select(func.coalesce(func.sum(_jobs.c.attempts), 0)).where(_jobs.c.kind == sync.FETCH)
        ).scalar()


def states() -> list[str]:
    with base.reading() as connection:
        return [row.state for row in connection.execute(select(_events.c.state).order_by(_events.c.id))]
