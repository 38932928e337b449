"""The inbox of Stripe's events: stored before they are answered, many in one commit, each id once."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from portal_app.gateway.incoming import Event
from portal_app.kit.clock import now
from portal_app.models import base
from portal_app.models.base import insert_into
from portal_app.models.journal import WebhookEvent

log = logging.getLogger(__name__)

_MOST_AT_ONCE = 500
_events = WebhookEvent.__table__


def store(events: Sequence[Event]) -> None:
    """Write events down, durably, in one transaction; one that is known already changes nothing."""
    received_at = now()
    rows = [
        {
            "id": event.id,
            "type": event.type,
            "object_id": event.object_id,
            "customer_id": event.customer_id,
            "api_version": event.api_version,
            "created_at": event.created_at,
            "received_at": received_at,
            "body": event.body,
            "state": "received",
        }
        for event in events
    ]
    with base.appending() as connection:
        connection.execute(insert_into(connection, _events).on_conflict_do_nothing(index_elements=["id"]), rows)


class Inbox:
    """One writer takes whatever waits into one commit: a burst costs a few commits instead of one an event."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Event, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        # Its own thread: the shared ones may all be waiting for Stripe.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inbox")

    async def put(self, event: Event) -> None:
        """Return when the event is stored; raises what kept it from being stored."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((event, stored))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write(), name="webhook inbox")
        await stored

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            taken, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
            error: Exception | None = None
            try:
                await loop.run_in_executor(self._thread, store, [event for event, _ in taken])
            except Exception as caught:
                log.exception("webhooks: %s events could not be stored", len(taken))
                error = caught
            for _, stored in taken:
                if not stored.done():  # whoever waited may be gone
                    _resolve(stored, error)


def _resolve(stored: asyncio.Future[None], error: Exception | None) -> None:
    if error is None:
        stored.set_result(None)
    else:
        stored.set_exception(error)
