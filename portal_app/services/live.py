"""Who is looking, in a few words, and what has changed since: for the frame around every page."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from portal_app.models.access import Staff
from portal_app.models.mirror import Customer
from portal_app.models.portal import PortalConfiguration
from portal_app.services.desk import Desk

_customer = Customer.__table__  # type: ignore[attr-defined]
_staff = Staff.__table__  # type: ignore[attr-defined]
_configuration = PortalConfiguration.__table__  # type: ignore[attr-defined]
_AT_ONCE = 500


@dataclass(frozen=True)
class Greeting:
    """What a page's head says about its visitor."""

    name: str = ""
    has_many_accounts: bool = False


def greet(desk: Desk) -> Greeting:
    """The visitor's name, and whether the same address owns other accounts to switch to."""
    actor = desk.actor
    if actor.kind == "staff":
        return Greeting(desk.value(select(_staff.c.name).where(_staff.c.id == actor.staff_id)) or "")
    if actor.kind not in ("customer", "choosing") or not actor.email:
        return Greeting()
    is_own = (_customer.c.email == actor.email) & ~_customer.c.is_deleted
    accounts = desk.value(select(func.count()).select_from(_customer).where(is_own))
    name = desk.value(select(_customer.c.name).where(_customer.c.id == actor.customer_id))
    return Greeting(name or "", accounts > 1)


def revisions(desk: Desk, customer_ids: Sequence[str]) -> dict[str, int]:
    """The revision of each of these customers.

    Asked by customer instead of "newer than", because PostgreSQL may commit a higher revision before a lower one.
    """
    found: dict[str, int] = {}
    for start in range(0, len(customer_ids), _AT_ONCE):
        chosen = _customer.c.id.in_(customer_ids[start : start + _AT_ONCE])
        found |= {row.id: row.revision for row in desk.rows(select(_customer.c.id, _customer.c.revision).where(chosen))}
    return found


def configuration_version(desk: Desk) -> int:
    """The number of the newest published configuration; 0 before the first."""
    return desk.value(select(func.coalesce(func.max(_configuration.c.version), 0)))
