"""Who may come in: links, sessions, staff and how often somebody asked. Secrets are kept as hashes only."""

from datetime import datetime

from sqlmodel import Field

from portal_app.models.base import Record


class SignInRequest(Record, table=True):
    """Somebody asked for a mailed link; for a customer's address or a member of staff.

    The worker makes link and code when it answers; until then, and for an address that owns nothing, the hashes
    are empty. `browser_hash` is the asking browser's cookie: the code works only there.
    """

    __tablename__ = "sign_in_request"

    id: str = Field(primary_key=True)
    audience: str  # customer | staff
    email: str = Field(index=True)
    token_hash: str | None = Field(default=None, unique=True)
    code_hash: str = ""
    browser_hash: str = Field(default="", index=True)
    next_path: str = ""
    locale: str = "en"
    created_at: datetime
    expires_at: datetime
    answered_at: datetime | None = None
    used_at: datetime | None = None
    superseded_at: datetime | None = None
    tries: int = 0


class Session(Record, table=True):
    """A signed-in browser. `kind` is customer, staff, or choosing: proved an address that owns several customers."""

    __tablename__ = "session"

    id: str = Field(primary_key=True)
    cookie_hash: str = Field(unique=True)
    kind: str
    email: str = ""
    customer_id: str = Field(default="", index=True)
    staff_id: str = Field(default="", index=True)
    locale: str = "en"
    zone: str = "UTC"
    created_at: datetime
    seen_at: datetime
    proved_at: datetime
    ended_at: datetime | None = None
    end_reason: str = ""
    user_agent: str = ""


class Staff(Record, table=True):
    """A member of the merchant's team. `role` is owner, admin, support, finance or read_only."""

    __tablename__ = "staff"

    id: str = Field(primary_key=True)
    email: str = Field(unique=True)
    name: str = ""
    role: str
    created_at: datetime
    disabled_at: datetime | None = None


class RateCounter(Record, table=True):
    """A window of the rate limits, so that they survive a restart."""

    __tablename__ = "rate_counter"

    key: str = Field(primary_key=True)
    count: int = 0
    expires_at: float = Field(default=0.0, index=True)
