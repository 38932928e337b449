"""Proves that a request to the webhook address is Stripe's, now, for this account's mode, and reads the event."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NoReturn

import stripe

from portal_app.kit.clock import moment_of, now

# In both directions: Stripe's package alone would take a signature from the future.
TOLERANCE_SECONDS = 300
LARGEST_BODY = 1_000_000


class Doubt(StrEnum):
    """Why a request is not taken for Stripe's; stable, for logs and tests."""

    TOO_LARGE = "too_large"
    NOT_TEXT = "not_text"
    NOT_SIGNED = "not_signed"
    WRONG_SIGNATURE = "wrong_signature"
    TOO_OLD = "too_old"
    FROM_THE_FUTURE = "from_the_future"
    NOT_JSON = "not_json"
    NOT_AN_EVENT = "not_an_event"
    OTHER_MODE = "other_mode"


class NotStripe(Exception):
    """The request is refused, and nothing of it is kept."""

    def __init__(self, doubt: Doubt) -> None:
        super().__init__(doubt.value)
        self.doubt = doubt


@dataclass(frozen=True)
class Event:
    """What the inbox keeps of an event; `body` is exactly what was signed."""

    id: str
    type: str
    object_id: str
    customer_id: str
    api_version: str
    created_at: datetime
    body: bytes


def read_event(body: bytes, header: str, secrets: Sequence[str], *, is_live: bool) -> Event:
    """The event in a signed body; several secrets while one is being rotated.

    Raises:
        NotStripe: with the doubt.
    """
    if len(body) > LARGEST_BODY:
        raise NotStripe(Doubt.TOO_LARGE)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise NotStripe(Doubt.NOT_TEXT) from None
    _verify(text, header, secrets)
    event = _parsed(text)
    if event["livemode"] is not is_live:
        raise NotStripe(Doubt.OTHER_MODE)
    return to_event(event, body)


def to_event(event: dict[str, Any], body: bytes) -> Event:
    """An event that Stripe itself has handed over, for the inbox.

    Raises:
        NotStripe: it has not the shape of an event.
    """
    try:
        subject = event["data"]["object"]
        created_at = moment_of(event["created"])
        if event["object"] != "event" or not isinstance(event["type"], str) or not isinstance(event["livemode"], bool):
            raise NotStripe(Doubt.NOT_AN_EVENT)
        customer = subject.get("id") if subject.get("object") == "customer" else subject.get("customer")
        texts = (event["id"], event["type"], subject.get("id"), customer, event.get("api_version"))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError):
        raise NotStripe(Doubt.NOT_AN_EVENT) from None
    event_id, kind, object_id, customer_id, api_version = (_plain(text) for text in texts)
    if not event_id.startswith("evt_"):
        raise NotStripe(Doubt.NOT_AN_EVENT)
    return Event(event_id, kind, object_id, customer_id, api_version, created_at, body)


def _plain(value: Any) -> str:
    """An id that every database takes; what is expanded, absent or strange is left to whoever reads the body."""
    return value if isinstance(value, str) and value.isprintable() and len(value) <= 255 else ""


def _verify(text: str, header: str, secrets: Sequence[str]) -> None:
    doubt = Doubt.NOT_SIGNED
    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(text, header, secret, tolerance=None)
        except (stripe.SignatureVerificationError, ValueError):
            doubt = Doubt.WRONG_SIGNATURE if "v1=" in header else Doubt.NOT_SIGNED
            continue
        return _check_time(header)
    raise NotStripe(doubt)


def _check_time(header: str) -> None:
    """The moment is part of what was signed, so it is Stripe's word."""
    signed_at = int(next(part[2:] for part in header.split(",") if part.startswith("t=")))
    age = now().timestamp() - signed_at
    if age > TOLERANCE_SECONDS:
        raise NotStripe(Doubt.TOO_OLD)
    if age < -TOLERANCE_SECONDS:
        raise NotStripe(Doubt.FROM_THE_FUTURE)


def _parsed(text: str) -> dict[str, Any]:
    try:
        event = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise NotStripe(Doubt.NOT_JSON) from None
    if not isinstance(event, dict) or not isinstance(event.get("livemode"), bool):
        raise NotStripe(Doubt.NOT_AN_EVENT)
    return event


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
