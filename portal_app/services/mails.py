"""Mails to send: written down in the transaction of what they tell, sent by the worker, kept for the outbox."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select, update

from portal_app.documents.emails import KINDS, Brand, Mail, message_of, render
from portal_app.environment import environment
from portal_app.kit.clock import now
from portal_app.kit.errors import InvalidInput
from portal_app.models.base import insert_into
from portal_app.models.journal import Email
from portal_app.security.addresses import clean_email, wire_email
from portal_app.services import configuration, jobs, pictures
from portal_app.services.desk import Desk

SEND_JOB = "email.send"

_email = Email.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Draft:
    """A mail to write: its kind, one address, and what the kind's dataclass in `documents.emails.kinds` takes."""

    kind: str
    recipient: str
    context: Mapping[str, object]
    locale: str = "en"
    customer_id: str = ""


@dataclass(frozen=True)
class Outgoing:
    """A mail on its way: exactly one recipient."""

    email_id: str
    recipient: str
    message: EmailMessage


@dataclass(frozen=True)
class SentEmail:
    """A mail as the outbox shows it; its bodies are empty where they would let somebody in."""

    id: str
    kind: str
    to: str
    subject: str
    text: str
    html: str
    links: tuple[str, ...]
    code: str
    state: str
    created_at: datetime


def queue(  # noqa: PLR0913
    desk: Desk,
    kind: str,
    recipient: str,
    context: Mapping[str, object],
    *,
    locale: str = "en",
    customer_id: str = "",
) -> str:
    """Write a mail and the job that sends it into the desk's transaction; returns the mail's id.

    `context` is what the kind's dataclass in `documents.emails.kinds` takes. Its addresses come from
    `environment().url()`. A recipient that is no address makes a mail that has failed, and stops nothing else.

    Raises:
        ValueError: the kind is secret and must not wait in the database; see `hand_over`.
    """
    if KINDS[kind].is_secret:
        raise ValueError(f"{kind} lets somebody in: hand it over instead of queueing it")
    email_id = "em_" + secrets.token_hex(12)
    with desk.transaction():
        row = _row(email_id, Draft(kind, recipient, context, locale, customer_id), brand_of(desk))
        _write_down(desk, row)
        if row["state"] == "queued":
            key, payload = f"{SEND_JOB}:{email_id}", {"email_id": email_id}
            jobs.enqueue(desk, SEND_JOB, key, payload, priority=jobs.URGENT, tries=jobs.MANY)
    return email_id


def hand_over(desk: Desk, email_id: str, draft: Draft) -> Outgoing:
    """Write a mail down and return it, for a job that sends it at once and makes the same one again if that fails.

    The body of a secret kind is kept only where `/demo/outbox` shows it.

    Raises:
        ValueError: the recipient is not exactly one address.
    """
    with desk.transaction():
        brand = brand_of(desk)
        row = _row(email_id, draft, brand)
        message = _message(row, brand)
        if KINDS[draft.kind].is_secret and not environment().is_demo:
            row |= {"text": "", "html": "", "links": [], "code": ""}
        _write_down(desk, row)
    return Outgoing(email_id, row["recipient"], message)


def find_outgoing(desk: Desk, email_id: str) -> Outgoing | None:
    """A queued mail, ready to send; None once it is sent or has failed for good."""
    row = desk.row(select(_email).where(_email.c.id == email_id, _email.c.state == "queued"))
    return Outgoing(row.id, row.recipient, _message(row._asdict(), brand_of(desk))) if row else None


def mark_sent(desk: Desk, email_id: str) -> None:
    """The mail server has taken it."""
    _mark(desk, email_id, state="sent", sent_at=now(), error="")


def mark_refused(desk: Desk, email_id: str, error: str, *, is_final: bool) -> None:
    """The mail server has not taken it; `error` is its answer without the address. Final ones are not tried again."""
    _mark(desk, email_id, error=error[:200], **({"state": "failed"} if is_final else {}))


def is_able_to_send() -> bool:
    """Whether mails go anywhere: to a mail server, or to the demo's outbox."""
    return bool(environment().smtp_url.get_secret_value()) or environment().is_demo


def newest(desk: Desk, limit: int = 100) -> list[SentEmail]:
    """The outbox, newest first."""
    columns = (
        _email.c.id,
        _email.c.kind,
        _email.c.recipient.label("to"),
        _email.c.subject,
        _email.c.text,
        _email.c.html,
        _email.c.links,
        _email.c.code,
        _email.c.state,
        _email.c.created_at,
    )
    rows = desk.rows(select(*columns).order_by(_email.c.created_at.desc(), _email.c.id.desc()).limit(limit))
    return [_sent(row._asdict()) for row in rows]


def brand_of(desk: Desk) -> Brand:
    """The merchant as mails show it; a new portal is called by its host."""
    chosen, host = configuration.current(desk), _host()
    logo = environment().url(pictures.address_of(chosen.logo_id)) if chosen.logo_id else ""
    return Brand(
        name=chosen.business_name or host,
        colour=chosen.brand_colour,
        home_url=environment().url("/"),
        logo_url=logo,
        support_email=chosen.support_email,
        support_url=chosen.support_url,
    )


def sender() -> str:
    """The address that mails come from."""
    return parseaddr(environment().mail_from)[1] or f"no-reply@{_host()}"


def _host() -> str:
    return urlsplit(environment().base_url).hostname or "localhost"


def _sent(values: dict[str, Any]) -> SentEmail:
    values["links"] = tuple(values["links"])
    return SentEmail(**values)


def _row(email_id: str, draft: Draft, brand: Brand) -> dict[str, Any]:
    written = render(draft.kind, draft.context, brand, draft.locale)
    address = _address(draft.recipient)
    return {
        "id": email_id,
        "kind": draft.kind,
        "recipient": address,
        "customer_id": draft.customer_id,
        "subject": written.subject,
        "text": written.text,
        "html": written.html,
        "locale": draft.locale,
        # The same at every try, so that a mailbox that got it twice can tell.
        "message_id": f"<{email_id}@{sender().rpartition('@')[2]}>",
        "links": list(written.links),
        "code": written.code,
        "state": "queued" if address else "failed",
        "error": "" if address else "not an address",
        "created_at": now(),
        "sent_at": None,
    }


def _address(recipient: str) -> str:
    try:
        return clean_email(recipient)
    except InvalidInput:
        return ""


def _write_down(desk: Desk, row: Mapping[str, Any]) -> None:
    with desk.transaction() as connection:
        writing = insert_into(connection, _email).values(**row)
        connection.execute(writing.on_conflict_do_nothing(index_elements=["id"]))


def _mark(desk: Desk, email_id: str, **values: Any) -> None:
    with desk.transaction():
        desk.run(update(_email).where(_email.c.id == email_id, _email.c.state == "queued").values(**values))


def _message(row: Mapping[str, Any], brand: Brand) -> EmailMessage:
    known = {name: row[name] for name in ("message_id", "subject", "text", "html", "created_at")}
    return message_of(
        Mail(
            sender=sender(),
            business=brand.name,
            reply_to=brand.support_email,
            recipient=wire_email(row["recipient"]),
            **known,
        )
    )
