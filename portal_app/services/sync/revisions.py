"""The number that rises when something changed that a customer's open pages may show."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import func, select, update

from portal_app.kit import bus
from portal_app.kit.clock import now
from portal_app.models.mirror import Customer
from portal_app.services import jobs
from portal_app.services.desk import Desk

REFRESH_UPCOMING = "upcoming.refresh"
# Changes come in bursts; one preview at the end of the burst is enough.
_BURST = timedelta(seconds=1)
_customers = Customer.__table__


def touch(desk: Desk, *customer_ids: str) -> None:
    """Have these customers' open pages look again, and their upcoming invoices asked for anew."""
    raise_revision(desk, customer_ids)
    for customer_id in customer_ids:
        payload = {"customer_id": customer_id}
        key = f"{REFRESH_UPCOMING}:{customer_id}"
        jobs.enqueue(desk, REFRESH_UPCOMING, key, payload, now() + _BURST, priority=jobs.LATER)


def raise_revision(desk: Desk, customer_ids: Iterable[str]) -> int:
    """Give these customers the next number and tell open pages at commit; returns the number.

    Writers take turns, so whoever has seen a number has seen every change below it.
    """
    wanted = sorted(set(customer_ids))
    with desk.transaction() as connection:
        number = (connection.execute(select(func.max(_customers.c.revision))).scalar() or 0) + 1
        connection.execute(update(_customers).where(_customers.c.id.in_(wanted)).values(revision=number))
        for customer_id in wanted:
            desk.after_commit(lambda known=customer_id: bus.announce("customer.changed", id=known))
    return number
