"""Which of our words describes an invoice."""

from datetime import datetime
from typing import Literal

from portal_app.services.invoices.payments import Attempt

State = Literal["paid", "due", "overdue", "processing", "confirm", "written_off", "void"]

_CLOSED: dict[str, State] = {"paid": "paid", "uncollectible": "written_off", "void": "void"}


def state_of(status: str, due_at: datetime | None, is_tried: bool, attempt: Attempt | None, now: datetime) -> State:
    """Our word; `attempt` is the newest payment of an open invoice.

    An invoice that is charged automatically has no due date: it is overdue once a try has failed.
    """
    if status in _CLOSED:
        return _CLOSED[status]
    if attempt and attempt.state == "processing":
        return "processing"
    if attempt and attempt.state == "confirm":
        return "confirm"
    if due_at is not None:
        return "overdue" if due_at < now else "due"
    return "overdue" if is_tried else "due"
