"""What happened and what is still to be done: events heard, operations asked, jobs, mails and the audit log."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, text
from sqlmodel import Field

from portal_app.models.base import Record


class WebhookEvent(Record, table=True):
    """The inbox: Stripe's event as it came, and what became of it."""

    __tablename__ = "webhook_event"
    __table_args__ = (Index("webhook_event_open", "state", "object_id"),)

    id: str = Field(primary_key=True)
    type: str
    object_id: str = ""
    customer_id: str = ""
    api_version: str = ""
    created_at: datetime
    received_at: datetime
    body: bytes = Field(sa_type=LargeBinary)
    state: str = "received"  # received | applied | fetched | ignored
    applied_at: datetime | None = None


class Operation(Record, table=True):
    """What we ask of Stripe, written down before the call; `id` is the idempotency key."""

    __tablename__ = "operation"
    __table_args__ = (
        # One open operation a target: a second click finds the first, and an undo waits for what it undoes.
        Index(
            "operation_open",
            "customer_id",
            "target_id",
            unique=True,
            sqlite_where=text("state in ('planned', 'sent', 'unknown')"),
            postgresql_where=text("state in ('planned', 'sent', 'unknown')"),
        ),
    )

    id: str = Field(primary_key=True)
    customer_id: str = Field(index=True)
    kind: str
    target_id: str
    parameters: dict[str, Any] = Field(sa_type=JSON)
    state: str = "planned"  # planned | sent | done | failed | unknown
    actor: str = ""
    created_at: datetime
    sent_at: datetime | None = None
    finished_at: datetime | None = None
    error_code: str = ""
    error_text: str = ""
    result: dict[str, Any] | None = Field(default=None, sa_type=JSON)


class Job(Record, table=True):
    """Work to do, enqueued in the transaction it follows from; claimed by a lease."""

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "job_open_key",
            "key",
            unique=True,
            sqlite_where=text("state in ('queued', 'running')"),
            postgresql_where=text("state in ('queued', 'running')"),
        ),
        Index("job_due", "state", "priority", "run_after"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    key: str
    payload: dict[str, Any] = Field(sa_type=JSON)
    state: str = "queued"  # queued | running | done | dead
    priority: int = 0  # the smallest first
    run_after: datetime
    lease_until: datetime | None = None
    owner: str = ""
    attempts: int = 0
    max_attempts: int = 12
    last_error: str = ""
    created_at: datetime
    finished_at: datetime | None = Field(default=None, index=True)
    is_dirty: bool = False  # enqueued again while it ran


class Email(Record, table=True):
    """A mail to send or sent; the same row is what the outbox shows."""

    __tablename__ = "email"

    id: str = Field(primary_key=True)
    kind: str
    recipient: str = Field(index=True)
    customer_id: str = Field(default="", index=True)
    subject: str
    text: str
    html: str
    locale: str = "en"
    message_id: str
    links: list[str] = Field(sa_type=JSON)
    code: str = ""
    state: str = "queued"  # queued | sent | failed
    error: str = ""
    created_at: datetime
    sent_at: datetime | None = None


# What the audit log may say; `docs/audit.md` tells when each is written.
AUDIT_ACTIONS = frozenset(
    {
        "configuration.changed",
        "session.opened",
        "staff.added",
        "subscription.canceled",
        "subscription.cancellation_scheduled",
        "subscription.cancellation_undone",
    }
)


class AuditEntry(Record, table=True):
    """Who did what to which object, with before and after; each entry carries the hash of the one before it."""

    __tablename__ = "audit_entry"

    number: int = Field(primary_key=True)
    at: datetime
    actor_kind: str  # customer | staff | system | stripe
    actor_id: str = ""
    customer_id: str = Field(default="", index=True)
    action: str = Field(index=True)
    target_id: str = ""
    before: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    after: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    request_id: str = ""
    previous_hash: str = ""
    hash: str


class Fact(Record, table=True):
    """A named value that processes share: heartbeats, cursors, the demo's clock."""

    __tablename__ = "fact"

    name: str = Field(primary_key=True)
    value: str
    changed_at: datetime
