"""What is done again and again without anybody asking: missed events, old rows."""

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from portal_app.environment import environment
from portal_app.gateway.events import EVENTS
from portal_app.gateway.incoming import NotStripe, to_event
from portal_app.gateway.port import Json
from portal_app.kit.clock import now
from portal_app.models.access import RateCounter, Session, SignInRequest
from portal_app.models.base import upsert
from portal_app.models.journal import Fact, Job, WebhookEvent
from portal_app.services.desk import Desk
from portal_app.tasks import webhooks

SWEEP = "webhooks.sweep"
CLEAN = "housekeeping.clean"
_LOOKED_UNTIL = "webhooks.swept"
# Stripe lists events for this long.
_HORIZON = timedelta(days=30)
_OVERLAP = timedelta(hours=1)
_facts = Fact.__table__


def sweep(desk: Desk, payload: Json) -> None:
    """Take in the events that Stripe could not deliver, since the last time this was done; the rest is as usual.

    Raises:
        GatewayError: Stripe did not answer; the job is tried again.
    """
    if not environment().webhook_secrets:
        return
    started_at = now()
    since = _swept_until(desk)
    desk.close()  # Stripe may think for a while
    for page in desk.gateway.events(delivery_success=False, created_since=int(since.timestamp())):
        found = []
        for event in page:
            if event["type"] in EVENTS:
                try:
                    found.append(to_event(event, json.dumps(event).encode()))
                except NotStripe:
                    continue
        if found:
            webhooks.store(found)
    with desk.transaction() as connection:
        until = {"name": _LOOKED_UNTIL, "value": started_at.isoformat(), "changed_at": started_at}
        upsert(connection, _facts, [until])


def _swept_until(desk: Desk) -> datetime:
    earliest = now() - _HORIZON
    kept = desk.value(select(_facts.c.value).where(_facts.c.name == _LOOKED_UNTIL))
    return max(datetime.fromisoformat(kept) - _OVERLAP, earliest) if kept else earliest


def clean(desk: Desk, payload: Json) -> None:
    """Remove what nobody will ask for any more."""
    moment = now()
    for table, is_old in _old_rows(moment):
        with desk.transaction():
            desk.run(delete(table).where(is_old))


def _old_rows(moment: datetime) -> list[tuple[Any, Any]]:
    job, event = Job.__table__.c, WebhookEvent.__table__.c
    session, link = Session.__table__.c, SignInRequest.__table__.c
    rate = RateCounter.__table__.c

    def before(days: int) -> datetime:
        return moment - timedelta(days=days)

    return [
        (Job.__table__, (job.state == "done") & (job.finished_at < before(1))),
        (Job.__table__, (job.state == "dead") & (job.finished_at < before(90))),
        # Longer than Stripe can send or list one again, so that a duplicate is still known.
        (WebhookEvent.__table__, (event.state != "received") & (event.received_at < before(40))),
        (Session.__table__, session.seen_at < before(30)),
        (SignInRequest.__table__, link.expires_at < before(7)),
        (RateCounter.__table__, rate.expires_at < moment.timestamp()),
    ]
