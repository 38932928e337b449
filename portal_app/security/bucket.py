"""A token bucket: so many at once, so many a second."""

import time


class Bucket:
    """One per socket. `refused` counts what did not pass."""

    __slots__ = ("_at", "_burst", "_level", "_rate", "refused")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._level, self._at = burst, time.monotonic()
        self.refused = 0

    def take(self) -> bool:
        """Whether one more may pass now."""
        now = time.monotonic()
        self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        if self._level < 1:
            self.refused += 1
            return False
        self._level -= 1
        return True
