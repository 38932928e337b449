"""The number that rises when something changed that a customer's open pages may show."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from portal_app.kit import bus
from portal_app.kit.clock import now
from portal_app.models.mirror import Customer
from portal_app.services import jobs
from portal_app.services.desk import Desk
from portal_app.services.jobs import Wish

REFRESH_UPCOMING = "upcoming.refresh"
# Changes come in bursts; one preview at the end of the burst is enough.
_BURST = timedelta(seconds=1)
_customers = Customer.__table__


def touch(desk: Desk, *customer_ids: str) -> None:
    """Have these customers' open pages look again, and their upcoming invoices asked for anew."""
    raise_revision(desk, customer_ids)
    moment = now() + _BURST
    jobs.enqueue_all(desk, [wish_for_preview(customer_id, moment) for customer_id in customer_ids])


def wish_for_preview(customer_id: str, run_after: datetime | None = None, priority: int = jobs.LATER) -> Wish:
    """The job that asks Stripe what this customer will be charged next."""
    key, payload = f"{REFRESH_UPCOMING}:{customer_id}", {"customer_id": customer_id}
    return Wish(REFRESH_UPCOMING, key, payload, run_after, priority, jobs.MANY)


def raise_revision(desk: Desk, customer_ids: Iterable[str]) -> int:
    """Give these customers the next number and tell open pages at commit; returns the number.

    Writers take turns, so whoever has seen a number has seen every change below it.
    """
    wanted = sorted(set(customer_ids))
    with desk.transaction() as connection:
        number = (connection.execute(select(func.max(_customers.c.revision))).scalar() or 0) + 1
        connection.execute(update(_customers).where(_customers.c.id.in_(wanted)).values(revision=number))
        desk.after_commit(lambda: _announce(wanted))
    return number


def _announce(customer_ids: Sequence[str]) -> None:
    for customer_id in customer_ids:
        bus.announce("customer.changed", id=customer_id)
