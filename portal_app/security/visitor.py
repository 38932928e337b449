"""Who is there: established by the guard or a route for the very call, never by an argument."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

Kind = Literal["nobody", "choosing", "customer", "staff", "system"]


@dataclass(frozen=True)
class Visitor:
    """Whoever this call is for. `choosing` has proved an address that owns several customers."""

    kind: Kind
    session_id: str = ""
    email: str = ""
    customer_id: str = ""
    staff_id: str = ""
    role: str = ""
    locale: str = "en"
    zone: str = "UTC"
    request_id: str = ""
    client_ip: str = ""

    @property
    def is_signed_in(self) -> bool:
        """Whether a person proved who they are; a chooser still has to say as whom."""
        return self.kind in ("customer", "staff")

    @property
    def actor_id(self) -> str:
        """The id that the audit log names."""
        return self.customer_id or self.staff_id


NOBODY = Visitor("nobody")
SYSTEM = Visitor("system")

_current: ContextVar[Visitor] = ContextVar("portal_visitor", default=NOBODY)


def visitor() -> Visitor:
    """Whom the guard established for this call; nobody outside of one."""
    return _current.get()


@contextmanager
def acting_as(somebody: Visitor) -> Iterator[None]:
    """Run the block for `somebody`; threads started by `ask` inherit it."""
    token = _current.set(somebody)
    try:
        yield
    finally:
        _current.reset(token)


def establish(somebody: Visitor) -> None:
    """Set the visitor for the rest of this task: the guard's way, since Reflex runs the handler after it."""
    _current.set(somebody)
