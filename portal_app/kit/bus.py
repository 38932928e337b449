"""How one process tells the others, and itself, that something changed: a customer, a session, the configuration.

Inside a process: plain calls. Across processes: Redis pub/sub where there is Redis. A message that is lost is not a
change that is lost: `state.live` and `state.sockets` also look into the database.
"""

import asyncio
import contextlib
import hashlib
import json
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from functools import cache
from typing import Any

import redis
import redis.asyncio

from portal_app.environment import environment

log = logging.getLogger(__name__)

Listener = Callable[[dict[str, Any]], None]
_PATIENCE_SECONDS = 2


class Bus:
    """One per process."""

    def __init__(self, redis_url: str = "", channel: str = "portal:bus") -> None:
        self._redis_url, self._channel = redis_url, channel
        self._me = secrets.token_hex(6)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sender: redis.Redis | None = None
        self._listeners: dict[str, list[Listener]] = {}

    def on(self, topic: str, listener: Listener) -> None:
        """Call `listener` with each message, on the event loop; it must not wait."""
        self._listeners.setdefault(topic, []).append(listener)

    def announce(self, topic: str, **message: Any) -> None:
        """Tell this process and the others. From any thread; never raises, for the database carries the truth."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._deliver, topic, message)
        if not self._redis_url:
            return
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            self._send(topic, message)
        else:
            running.run_in_executor(None, self._send, topic, message)

    def _send(self, topic: str, message: dict[str, Any]) -> None:
        try:
            if self._sender is None:
                self._sender = redis.Redis.from_url(
                    self._redis_url, socket_timeout=_PATIENCE_SECONDS, socket_connect_timeout=_PATIENCE_SECONDS
                )
            self._sender.publish(self._channel, json.dumps([self._me, topic, message]))
        except redis.RedisError as error:
            log.warning("bus: could not publish (%s)", type(error).__name__)

    def _deliver(self, topic: str, message: dict[str, Any]) -> None:
        for listener in self._listeners.get(topic, ()):
            listener(message)

    async def _listen(self) -> None:
        while True:
            try:
                async with redis.asyncio.Redis.from_url(self._redis_url) as client, client.pubsub() as subscription:
                    await subscription.subscribe(self._channel)
                    async for raw in subscription.listen():
                        self._hear(raw)
            except redis.RedisError as error:
                log.warning("bus: lost Redis (%s), trying again", type(error).__name__)
                await asyncio.sleep(1)

    def _hear(self, raw: dict[str, Any]) -> None:
        if raw["type"] != "message":
            return
        sender, topic, message = json.loads(raw["data"])
        if sender != self._me:
            self._deliver(topic, message)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hear and be heard inside the block: a lifespan task of the server, after it has forked."""
        self._loop = asyncio.get_running_loop()
        listening = asyncio.create_task(self._listen(), name="portal bus") if self._redis_url else None
        try:
            yield
        finally:
            self._loop = None
            if listening:
                listening.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await listening


@cache
def bus() -> Bus:
    """The bus of this process."""
    # Redis numbers its databases, but its channels are common to all of them: each portal takes one of its own.
    mark = hashlib.sha256(environment().base_url.encode()).hexdigest()[:16]
    return Bus(environment().redis_url, f"portal:{mark}")


def announce(topic: str, **message: Any) -> None:
    """Tell whoever listens, here and in the other processes.

    Topics: `customer.changed` (id), `session.ended` (id, reason), `configuration.published` (version).
    """
    bus().announce(topic, **message)
