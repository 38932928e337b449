"""Hears events: reads what waits in the inbox and does for each object what `deciding` says."""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, select, update

from portal_app.gateway.port import Json
from portal_app.kit.clock import now
from portal_app.kit.errors import NotFound
from portal_app.models.journal import WebhookEvent
from portal_app.services.desk import Desk
from portal_app.services.sync.deciding import Heard, decide, grafted
from portal_app.services.sync.shapes import SHAPES, Refusal, cleaned, id_of
from portal_app.services.sync.store import apply, bury, request_fetch, tell

log = logging.getLogger(__name__)

# Small, because whoever else wants to write waits for the end of a batch.
BATCH = 50
# Asked of Stripe with the object they are part of.
_PARENTS = {"tax_id": "customer", "invoice_payment": "invoice"}
_REASONS_TO_FETCH = (Refusal.OLDER_SHAPE, Refusal.MALFORMED)
_events = WebhookEvent.__table__


def hear(desk: Desk, limit: int = BATCH) -> int:
    """Take waiting events, look at each object once, and note what became of them; returns how many there were."""
    with desk.transaction():
        waiting = desk.rows(
            select(_events).where(_events.c.state == "received").order_by(_events.c.object_id).limit(limit)
        )
        states = dict.fromkeys((row.id for row in waiting), "ignored")
        heard = sorted((one for row in waiting if (one := _read(row))), key=_subject)
        told: set[str] = set()
        for subject, group in groupby(heard, key=_subject):
            events = list(group)
            states |= dict.fromkeys((one.event_id for one in events), _hear_of(desk, subject, events, told))
        tell(desk, told)
        _note(desk, states)
    return len(waiting)


def fetch(desk: Desk, payload: Json) -> None:
    """The job that brings one object up to date.

    Raises:
        GatewayError: Stripe did not answer; the job is tried again.
    """
    kind, object_id, known_at = payload["kind"], payload["object_id"], now()
    try:
        found = desk.gateway.retrieve(kind, object_id)
    except NotFound:
        bury(desk, kind, object_id, known_at)
        return
    applied = apply(desk, found, known_at)
    if applied.outcome == "older":
        # An event was applied while Stripe answered, and may tell of less than the answer: only Stripe can say.
        request_fetch(desk, kind, object_id)
    if applied.refusal:
        log.info("mirror: %s %s refused: %s", kind, object_id, applied.refusal)


def _read(row: Row[Any]) -> Heard | None:
    """A stored event; None when it is about nothing that the mirror keeps."""
    data = json.loads(row.body)["data"]
    payload, previous = data.get("object"), data.get("previous_attributes") or {}
    if not isinstance(payload, dict) or not isinstance(previous, dict):
        return None
    heard = Heard(row.id, row.type, row.created_at, row.api_version, cleaned(payload), previous)
    try:
        return heard if all(_subject(heard)) else None
    except (TypeError, KeyError):
        # An event that names its object in no way we know must not hold up the others.
        log.error("mirror: event %s (%s) does not say what it is about", row.id, row.type)
        return None


def _subject(heard: Heard) -> tuple[str, str]:
    """Kind and id of the row that an event may change; empty when there is none."""
    data, kind = heard.data, str(heard.data.get("object"))
    if kind == "discount":
        subscription = id_of(data.get("subscription"))
        return ("subscription", subscription) if subscription else ("customer", id_of(data.get("customer")))
    if kind == "charge" and id_of(data.get("payment_intent")):
        return "payment_intent", id_of(data["payment_intent"])
    return (kind, str(data.get("id") or "")) if kind in SHAPES else ("", "")


def _hear_of(desk: Desk, subject: tuple[str, str], events: Sequence[Heard], told: set[str]) -> str:
    """Deal with all waiting events of one object; returns their new state."""
    with desk.transaction() as connection:
        try:
            with connection.begin_nested():
                return _follow(desk, subject, events, told)
        except Exception:
            # One object that breaks our rules must not hold up the others; the job shows where it breaks.
            log.exception("mirror: could not apply an event of %s %s", *subject)
        return _fetch_later(desk, subject, events)


def _follow(desk: Desk, subject: tuple[str, str], events: Sequence[Heard], told: set[str]) -> str:
    kind, object_id = subject
    table = SHAPES[kind].table
    row = desk.row(select(table).where(table.c.id == object_id))
    decision = decide(kind, row, events, now())
    if decision.event is not None:
        gone = {"object": kind, "id": object_id, "deleted": True}
        payload = gone if decision.event.is_end else grafted(kind, row, decision.event.data)
        applied = apply(desk, payload, now(), decision.event.at, told=told)
        if applied.refusal not in _REASONS_TO_FETCH:
            return "ignored" if applied.refusal else "applied"
    elif not decision.needs_fetch:
        return "applied"
    return _fetch_later(desk, subject, events, decision.fetch_after)


def _fetch_later(
    desk: Desk, subject: tuple[str, str], events: Sequence[Heard], run_after: datetime | None = None
) -> str:
    """Have the object fetched, or what it is part of; returns the events' new state."""
    kind, object_id = subject
    if parent := _PARENTS.get(kind):
        kind, object_id = parent, id_of(events[-1].data.get(parent))
    if not object_id:
        return "ignored"
    request_fetch(desk, kind, object_id, run_after)
    return "fetched"


def _note(desk: Desk, states: Mapping[str, str]) -> None:
    """Mark events as dealt with; their bodies go, since Stripe has them for a month and we have the object."""
    for state in set(states.values()):
        ids = [event_id for event_id, found in states.items() if found == state]
        desk.run(update(_events).where(_events.c.id.in_(ids)).values(state=state, applied_at=now(), body=b""))
