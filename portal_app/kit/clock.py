"""What time it is: wall time for sessions and signatures, billing time for what a page calls today."""

from datetime import UTC, datetime, timedelta

# Only the demo and tests move it, by as much as the sandbox's clock was moved.
_offset = timedelta(0)


def now() -> datetime:
    """Wall time, aware UTC: what sessions, links, signatures and leases live by."""
    return datetime.now(UTC)


def billing_now() -> datetime:
    """The moment that billing lives in; wall time unless the demo's clock was moved."""
    return now() + _offset


def set_billing_offset(seconds: int) -> None:
    """Follow the sandbox's clock in this process."""
    global _offset  # noqa: PLW0603
    _offset = timedelta(seconds=seconds)


def moment_of(unix_seconds: int) -> datetime:
    """Stripe's whole seconds as an aware UTC moment."""
    return datetime.fromtimestamp(unix_seconds, UTC)
