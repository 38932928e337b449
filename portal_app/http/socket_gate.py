"""How many sockets may be open, how large and how frequent their messages may be. Counted per process."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Iterator

from starlette.types import Message, Receive

from portal_app.kit.logs import count
from portal_app.security.bucket import Bucket

IN_TOTAL, PER_NETWORK, PER_SESSION = 2_000, 50, 20
EVENTS_PER_SECOND, EVENT_BURST = 20, 60
LARGEST_MESSAGE = 65_536
# A person's tab never gets near it: a socket that was refused so much is a script.
_CLOSED_AFTER = 200
_FIRST_WORD_SECONDS = 20
_HANDSHAKES_PER_SECOND, _HANDSHAKE_BURST = 5, 200
_FORGET_AFTER_SECONDS = 120


class SocketGate:
    """One per process."""

    def __init__(self) -> None:
        self._networks: Counter[str] = Counter()
        self._sessions: Counter[str] = Counter()
        self._handshakes: dict[str, tuple[float, Bucket]] = {}

    def refusal(self, network: str, session_id: str) -> str:
        """Why one more socket may not open now, in a word; empty if it may."""
        if self._networks.total() >= IN_TOTAL:
            return "total"
        if self._networks[network] >= PER_NETWORK:
            return "network"
        if session_id and self._sessions[session_id] >= PER_SESSION:
            return "session"
        return "" if self._may_shake_hands(network) else "rate"

    @contextlib.contextmanager
    def open(self, network: str, session_id: str) -> Iterator[None]:
        """Hold a place for a socket while the block runs."""
        self._networks[network] += 1
        self._sessions[session_id] += 1
        try:
            yield
        finally:
            for counter, key in ((self._networks, network), (self._sessions, session_id)):
                counter[key] -= 1
                if not counter[key]:
                    del counter[key]

    def _may_shake_hands(self, network: str) -> bool:
        moment = time.monotonic()
        if len(self._handshakes) > IN_TOTAL:
            self._handshakes = {
                key: (at, bucket)
                for key, (at, bucket) in self._handshakes.items()
                if moment - at < _FORGET_AFTER_SECONDS
            }
        _, bucket = self._handshakes.get(network, (0.0, Bucket(_HANDSHAKES_PER_SECOND, _HANDSHAKE_BURST)))
        self._handshakes[network] = (moment, bucket)
        return bucket.take()


def bounded(receive: Receive) -> Receive:
    """`receive` of a socket whose messages are neither too large nor too many; it has to say something soon."""
    bucket, has_spoken = Bucket(EVENTS_PER_SECOND, EVENT_BURST), False

    async def next_message() -> Message:
        if has_spoken:
            return await receive()
        try:
            return await asyncio.wait_for(receive(), _FIRST_WORD_SECONDS)
        except TimeoutError:
            return _closed("silent")

    async def pass_on() -> Message:
        nonlocal has_spoken
        while True:
            message = await next_message()
            if message["type"] != "websocket.receive":
                return message
            has_spoken = True
            if len(message.get("text") or message.get("bytes") or "") > LARGEST_MESSAGE:
                return _closed("large")
            if bucket.take():
                return message
            count("dropped.flood")
            if bucket.refused >= _CLOSED_AFTER:
                return _closed("flood")

    return pass_on


def _closed(why: str) -> Message:
    count(f"closed.{why}")
    return {"type": "websocket.disconnect", "code": 1008}
