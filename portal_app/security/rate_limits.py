"""How often somebody may ask: fixed windows that begin with the first try, counted in the database or in Redis."""

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import redis
from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy.exc import SQLAlchemyError

from portal_app.environment import environment
from portal_app.kit.errors import TooManyRequests
from portal_app.security.rate_storage import DatabaseStorage
from portal_app.security.signing import hashed

log = logging.getLogger(__name__)

T = TypeVar("T")

_STORE_PATIENCE_SECONDS = 1
_RETRY_STORE_SECONDS = 5.0


@dataclass(frozen=True)
class Limit:
    """`amount` tries in `seconds`. The demo gets `demo_amount`: whoever shows it around signs in more often."""

    name: str
    amount: int
    seconds: int
    demo_amount: int

    @property
    def item(self) -> RateLimitItemPerSecond:
        """The limit in the library's words."""
        amount = self.demo_amount if environment().mode in ("demo", "development") else self.amount
        return RateLimitItemPerSecond(amount, self.seconds, namespace=f"portal/{self.name}")


LINK_PER_MAILBOX = Limit("link/mailbox", 3, 15 * 60, demo_amount=60)
LINK_PER_NETWORK = Limit("link/network", 10, 3600, demo_amount=600)
LINK_EVERYWHERE = Limit("link/all", 300, 3600, demo_amount=3000)
# Whoever asks for somebody's link may type its code: over the days, that must not add up to a chance.
WRONG_CODE_PER_MAILBOX = Limit("code/mailbox", 30, 24 * 3600, demo_amount=600)
REDEEM_PER_NETWORK = Limit("redeem/network", 10, 5 * 60, demo_amount=200)

_NOBODY_HOME = (SQLAlchemyError, redis.RedisError, OSError)


class Limiter:
    """Counts in the shared store; while that is away, in this process. Never simply lets through.

    Keys are addresses of people, so the store gets their hashes.
    """

    def __init__(self, store: Storage) -> None:
        self._shared = FixedWindowRateLimiter(store)
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._shared_again_at = 0.0
        self._lock = threading.Lock()

    def take(self, limit: Limit, key: str) -> None:
        """Count one try.

        Raises:
            TooManyRequests: the window is full; it says when it ends.
        """
        item, counted = limit.item, hashed(key)
        if not self._ask(lambda window: window.hit(item, counted)):
            raise self._refusal(item, counted)

    def require_room(self, limit: Limit, key: str) -> None:
        """Refuse where the window is full already, without counting this try.

        Raises:
            TooManyRequests: see `take`.
        """
        item, counted = limit.item, hashed(key)
        if not self._ask(lambda window: window.test(item, counted)):
            raise self._refusal(item, counted)

    def _refusal(self, item: RateLimitItemPerSecond, counted: str) -> TooManyRequests:
        ends_at = self._ask(lambda window: window.get_window_stats(item, counted).reset_time)
        return TooManyRequests(retry_after_seconds=max(1, math.ceil(ends_at - time.time())))

    def _ask(self, question: Callable[[FixedWindowRateLimiter], T]) -> T:
        if time.monotonic() >= self._shared_again_at:
            try:
                return question(self._shared)
            except _NOBODY_HOME as error:
                with self._lock:
                    self._shared_again_at = time.monotonic() + _RETRY_STORE_SECONDS
                log.error("rate limits: the store is away (%s), counting in this process", type(error).__name__)
        return question(self._own)


@cache
def _limiter(redis_url: str, database_url: str) -> Limiter:
    if not redis_url:
        return Limiter(DatabaseStorage())
    seconds = _STORE_PATIENCE_SECONDS
    return Limiter(RedisStorage(redis_url, socket_timeout=seconds, socket_connect_timeout=seconds))


def limiter() -> Limiter:
    """The limiter of this process; the store follows the environment."""
    return _limiter(environment().redis_url, environment().database_url)
