"""Keeps what each subscription will be charged next, as Stripe computes it, so that no page has to ask."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, Select, and_, delete, or_, select, update

from portal_app.gateway.port import Json
from portal_app.kit.clock import billing_now, now
from portal_app.kit.errors import GatewayError, NotFound
from portal_app.models.base import upsert
from portal_app.models.mirror import Customer, Subscription, UpcomingInvoice
from portal_app.services import jobs, sync
from portal_app.services.desk import Desk

# Stripe renews a little after the hour; asking again before that would tell the same.
_AFTER_ITS_MOMENT = timedelta(minutes=10)
_LIVE = ("active", "trialing", "past_due", "unpaid")
_customers = Customer.__table__
_subscriptions = Subscription.__table__
_upcoming = UpcomingInvoice.__table__


def request(desk: Desk, customer_id: str) -> None:
    """Have the worker ask again for what this customer will be charged next, soon."""
    with desk.transaction():
        jobs.enqueue_all(desk, [sync.wish_for_preview(customer_id, priority=jobs.NORMAL)])


def refresh(desk: Desk, payload: Json) -> None:
    """The job: one preview for each subscription that will be charged again.

    Raises:
        GatewayError: Stripe did not answer; the job is tried again.
    """
    customer_id = payload["customer_id"]
    revision = desk.value(_revision(customer_id)) or 0
    charged = desk.rows(_charged_again(customer_id))
    desk.close()  # Stripe may think for a while
    asked_at = now()
    previews = [(row, _preview(desk, row.id)) for row in charged]
    found = [_row(row, preview, revision, asked_at) for row, preview in previews if isinstance(preview, dict)]
    with desk.transaction():
        # A refusal may be ours; what was known stays, and shows its age.
        kept = {row.id for row, preview in previews if preview != "nothing"}
        if _keep(desk, customer_id, found, kept) and desk.value(_revision(customer_id)) == revision:
            # Pages look again, but the answer itself is no reason to ask again.
            number = sync.raise_revision(desk, [customer_id])
            desk.run(update(_upcoming).where(_upcoming.c.customer_id == customer_id).values(revision=number))
        _ask_after(desk, customer_id, min((row["due_at"] for row in found if row["due_at"]), default=None))


def _revision(customer_id: str) -> Select[*tuple[Any, ...]]:
    return select(_customers.c.revision).where(_customers.c.id == customer_id)


def _charged_again(customer_id: str) -> Select[*tuple[Any, ...]]:
    """What ends with its period is charged no more; a payment plan ends later than that."""
    goes_on = or_(
        _subscriptions.c.cancel_at.is_(None), _subscriptions.c.cancel_at > _subscriptions.c.current_period_end
    )
    is_live = and_(_subscriptions.c.status.in_(_LIVE), ~_subscriptions.c.is_deleted)
    is_own = _subscriptions.c.customer_id == customer_id
    return select(_subscriptions.c.id, _subscriptions.c.current_period_end).where(is_own, is_live, goes_on)


def _preview(desk: Desk, subscription_id: str) -> Json | Literal["nothing", "refused"]:
    try:
        return desk.gateway.create_invoice_preview(subscription=subscription_id)
    except NotFound:
        return "nothing"
    except GatewayError as error:
        if error.is_final:
            return "refused"
        raise


def _row(row: Row[Any], preview: Json, revision: int, asked_at: datetime) -> dict[str, Any]:
    return {
        "subscription_id": row.id,
        "customer_id": preview["customer"],
        "revision": revision,
        "asked_at": asked_at,
        "amount_due": preview["amount_due"],
        "total": preview["total"],
        "currency": preview["currency"],
        "due_at": row.current_period_end,
        "data": preview,
    }


def _keep(desk: Desk, customer_id: str, found: Sequence[dict[str, Any]], kept: Collection[str]) -> bool:
    """Store the previews and drop what comes no more; whether a page would now say something else."""
    statement = select(_upcoming).where(_upcoming.c.customer_id == customer_id)
    known = {row.subscription_id: row._asdict() for row in desk.rows(statement)}
    gone = known.keys() - set(kept)
    if gone:
        desk.run(delete(_upcoming).where(_upcoming.c.subscription_id.in_(gone)))
    if found:
        with desk.transaction() as connection:
            upsert(connection, _upcoming, found)
    return bool(gone) or any(_said(row) != _said(known.get(row["subscription_id"])) for row in found)


def _said(row: Mapping[str, Any] | None) -> Any:
    """What of a preview a customer reads, and whether it is shown as old; its ids differ each time."""
    if row is None:
        return None
    lines = [(line["amount"], line["description"], line["quantity"]) for line in row["data"]["lines"]["data"]]
    return (
        row["revision"],
        row["amount_due"],
        row["total"],
        row["currency"],
        row["due_at"],
        row["data"]["ending_balance"],
        lines,
    )


def _ask_after(desk: Desk, customer_id: str, due_at: datetime | None) -> None:
    """Look again when the moment has passed, in case nobody tells us."""
    if due_at is None:
        return
    wait = max(due_at - billing_now(), timedelta(0)) + _AFTER_ITS_MOMENT
    jobs.enqueue_all(desk, [sync.wish_for_preview(customer_id, now() + wait)])
