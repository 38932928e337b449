"""What only the portal knows: the merchant's configuration, its pictures and the customers' answers."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary
from sqlmodel import Field

from portal_app.models.base import Record


class PortalConfiguration(Record, table=True):
    """One published version of the merchant's choices; the highest number is effective."""

    __tablename__ = "portal_configuration"

    version: int = Field(primary_key=True)
    data: dict[str, Any] = Field(sa_type=JSON)
    published_at: datetime
    published_by: str


class Picture(Record, table=True):
    """A logo, re-encoded by us; its id is the hash of its bytes, so that its address never goes stale."""

    __tablename__ = "picture"

    id: str = Field(primary_key=True)
    media_type: str
    width: int
    height: int
    content: bytes = Field(sa_type=LargeBinary)
    created_at: datetime


class CancellationResponse(Record, table=True):
    """Why a customer canceled, in his words and Stripe's; kept when he undoes it."""

    __tablename__ = "cancellation_response"

    id: str = Field(primary_key=True)
    customer_id: str = Field(index=True)
    subscription_id: str = Field(index=True)
    operation_id: str
    number: str = Field(unique=True)
    feedback: str = ""
    comment: str = ""
    created_at: datetime
    ends_at: datetime | None = None
    undone_at: datetime | None = None
