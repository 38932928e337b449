"""Delivers events to webhook endpoints: signed, retried, at least once, in no promised order."""

import asyncio
import http.client
import json
import random
import time
from urllib.parse import urlsplit

from stripe import WebhookSignature

from portal_app.sandbox.account import Object
from portal_app.sandbox.bench import Bench
from portal_app.sandbox.faults import Fault

# Stripe waits for hours; a demonstration waits for seconds, growing.
RETRY_SECONDS = (1, 2, 4, 8, 15, 30, 60, 60, 120, 120, 300, 300, 600, 600, 1200)
TIMEOUT_SECONDS = 10
IDLE_SECONDS = 0.5

Waiting = tuple[int, str, str, str, int]


def post(url: str, body: bytes, signature: str) -> int | None:
    """The status an endpoint answers with; nothing where it does not answer."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature,
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    }
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


class Deliveries:
    """Works off the queue, each endpoint in its own line."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.woken = asyncio.Event()
        self.lines: dict[str, asyncio.Task[None]] = {}
        self.busy: set[int] = set()
        # Only used to mix up an order.
        self.chance = random.Random(1)  # noqa: S311

    async def run(self) -> None:
        """Deliver for ever."""
        while True:
            waiting = [w for w in self.bench.store.waiting_deliveries(time.time()) if w[0] not in self.busy]
            by_endpoint: dict[str, list[Waiting]] = {}
            for one in waiting:
                by_endpoint.setdefault(f"{one[1]}/{one[3]}", []).append(one)
            for line, mine in by_endpoint.items():
                if line not in self.lines or self.lines[line].done():
                    self.busy |= {one[0] for one in mine}
                    self.lines[line] = asyncio.create_task(self._work_off(mine))
            self.woken.clear()
            try:
                await asyncio.wait_for(self.woken.wait(), self._pause())
            except TimeoutError:
                continue

    def _pause(self) -> float:
        following = self.bench.store.next_delivery_at()
        if following is None:
            return IDLE_SECONDS
        return min(IDLE_SECONDS, max(0.02, following - time.time()))

    async def _work_off(self, mine: list[Waiting]) -> None:
        for one in mine:
            try:
                await self._deliver(one)
            finally:
                self.busy.discard(one[0])
        self.woken.set()

    async def _deliver(self, one: Waiting) -> None:
        delivery_id, name, event_id, endpoint_id, attempts = one
        account = self.bench.account(name)
        event, endpoint = account.find(event_id), account.find(endpoint_id)
        if event is None or endpoint is None or endpoint.get("deleted") or endpoint["status"] != "enabled":
            self.bench.store.note_delivery(delivery_id, None, None, False)
            return
        fault = self.bench.faults(name).for_delivery(event["type"]) if attempts == 0 else None
        if fault and fault.kind in ("delay", "reorder", "drop"):
            self._misplace(delivery_id, fault)
            return
        status = await self._send(event, endpoint)
        if fault and fault.kind == "duplicate":
            status = await self._send(event, endpoint)
        self._note(one, event, status)

    def _misplace(self, delivery_id: int, fault: Fault) -> None:
        if fault.kind == "drop":
            self.bench.store.note_delivery(delivery_id, None, None, False)
            return
        wait = fault.seconds if fault.kind == "delay" else self.chance.uniform(0, fault.seconds)
        # A second look must not be misplaced again, so this counts as an attempt.
        self.bench.store.note_delivery(delivery_id, None, time.time() + wait, False)

    async def _send(self, event: Object, endpoint: Object) -> int | None:
        text = json.dumps(event, indent=2)
        signature = WebhookSignature.generate_signature_header(text, endpoint["_secret"])
        return await asyncio.to_thread(post, endpoint["url"], text.encode(), signature)

    def _note(self, one: Waiting, event: Object, status: int | None) -> None:
        delivery_id, name, _, _, attempts = one
        is_done = status is not None and 200 <= status < 300
        next_at = None
        if not is_done and attempts < len(RETRY_SECONDS):
            next_at = time.time() + RETRY_SECONDS[attempts]
        account = self.bench.account(name)
        with account.transaction():
            self.bench.store.note_delivery(delivery_id, status, next_at, is_done)
            fresh = account.find(event["id"])
            if is_done and fresh:
                fresh["pending_webhooks"] = max(0, fresh["pending_webhooks"] - 1)
                account.put(fresh)
