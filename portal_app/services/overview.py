"""The facts on the merchant's first pages: what is published, what the mirror holds, and whether Stripe is heard."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, func, select

from portal_app.environment import environment
from portal_app.models.access import Staff
from portal_app.models.journal import Fact, WebhookEvent
from portal_app.models.mirror import Customer, Invoice, Subscription
from portal_app.services import configuration, readiness
from portal_app.services.configuration import Configuration
from portal_app.services.desk import Desk

# Beyond this a portal is simply large: counting on would read the whole table for a figure nobody compares.
COUNT_LIMIT = 100_000

_staff = Staff.__table__  # type: ignore[attr-defined]
_facts = Fact.__table__  # type: ignore[attr-defined]
_events = WebhookEvent.__table__  # type: ignore[attr-defined]
_customers = Customer.__table__  # type: ignore[attr-defined]
_subscriptions = Subscription.__table__  # type: ignore[attr-defined]
_invoices = Invoice.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Count:
    """How many; with `is_more` at least so many."""

    number: int
    is_more: bool = False


@dataclass(frozen=True)
class Publication:
    """What is published, by whom (a name, else an address, empty for the system), and how many see it."""

    configuration: Configuration
    author: str
    customers: Count


@dataclass(frozen=True)
class Overview:
    """The state of the portal in facts.

    Attributes:
        problems: what keeps it from working, in the words of `readiness.problems`.
    """

    publication: Publication
    subscriptions: Count
    invoices: Count
    heard_at: datetime | None
    worked_at: datetime | None
    has_webhook: bool
    problems: tuple[str, ...]


def publication(desk: Desk) -> Publication:
    """What customers see now."""
    found = configuration.current(desk)
    return Publication(found, _author(desk, found), _count(desk, _customers))


def overview(desk: Desk) -> Overview:
    """Everything that the merchant's first page says."""
    return Overview(
        publication=publication(desk),
        subscriptions=_count(desk, _subscriptions),
        invoices=_count(desk, _invoices),
        heard_at=desk.value(select(func.max(_events.c.received_at))),
        worked_at=desk.value(select(_facts.c.changed_at).where(_facts.c.name == readiness.HEARTBEAT)),
        has_webhook=bool(environment().webhook_secrets),
        problems=tuple(readiness.problems(desk)),
    )


def _author(desk: Desk, found: Configuration) -> str:
    row = desk.row(select(_staff.c.name, _staff.c.email).where(_staff.c.id == found.published_by))
    return row.name or row.email if row else ""


def _count(desk: Desk, table: Table) -> Count:
    some = select(table.c.id).where(~table.c.is_deleted).limit(COUNT_LIMIT + 1).subquery()
    number = desk.value(select(func.count()).select_from(some))
    return Count(min(number, COUNT_LIMIT), number > COUNT_LIMIT)
