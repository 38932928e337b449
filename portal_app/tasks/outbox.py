"""Sends mails: the answer to a sign-in request, and whatever services have queued."""

import asyncio
import ipaddress
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

import aiosmtplib

from portal_app.environment import environment
from portal_app.kit.errors import PortalError
from portal_app.kit.i18n import N_
from portal_app.services import mails, sign_in
from portal_app.services.desk import Desk
from portal_app.services.mails import Outgoing

log = logging.getLogger(__name__)

_PATIENCE_SECONDS = 20
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")  # RFC 3463


class NotTaken(PortalError):
    """The mail server has not taken a mail; `reason` says why without naming the address.

    Attributes:
        is_final: it never will.
    """

    code: ClassVar[str] = "mail_not_taken"
    sentence: ClassVar[str] = N_("This mail could not be sent.")

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__()
        self.reason = reason
        self.is_final = is_final


@dataclass(frozen=True)
class MailServer:
    """Where `SMTP_URL` sends mails: by TLS from the start (`smtps://`), or changing to it first of all (`smtp://`)."""

    host: str
    port: int
    username: str | None
    password: str | None
    is_tls_from_start: bool

    @property
    def must_change_to_tls(self) -> bool:
        """Everywhere but on this machine: where it is not offered, somebody may have cut it out."""
        return not self.is_tls_from_start and not self._is_on_this_machine

    @property
    def _is_on_this_machine(self) -> bool:
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def mail_server(smtp_url: str) -> MailServer | None:
    """The server that `smtp[s]://user:password@host:port` names; None where it names none.

    Raises:
        NotTaken: it cannot be read.
    """
    if not smtp_url:
        return None
    parts = urlsplit(smtp_url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise NotTaken("SMTP_URL must look like smtp://user:password@mail.example.com:587")
    is_tls = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname,
        port=parts.port or (465 if is_tls else 587),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        is_tls_from_start=is_tls,
    )


def answer_sign_in(desk: Desk, payload: Mapping[str, Any]) -> None:
    """The job behind `services.sign_in.ask_for_link`."""
    if outgoing := sign_in.answer(desk, payload["request_id"]):
        _send(desk, outgoing)


def send_email(desk: Desk, payload: Mapping[str, Any]) -> None:
    """The job behind `services.mails.queue`."""
    if outgoing := mails.find_outgoing(desk, payload["email_id"]):
        _send(desk, outgoing)


JOBS = {sign_in.ANSWER_JOB: answer_sign_in, mails.SEND_JOB: send_email}


def _send(desk: Desk, outgoing: Outgoing) -> None:
    """Hand one mail to the server and write down what came of it.

    Raises:
        NotTaken: not this time; the job is to be done again.
    """
    try:
        server = mail_server(environment().smtp_url.get_secret_value())
        if server is None and not mails.is_able_to_send():
            raise NotTaken("SMTP_URL is missing, so no mail can be sent")
        if server:
            _deliver(server, outgoing)
    except NotTaken as refusal:
        mails.mark_refused(desk, outgoing.email_id, refusal.reason, is_final=refusal.is_final)
        log.error("mail %s not sent: %s", outgoing.email_id, refusal.reason)
        if refusal.is_final:
            return
        raise
    mails.mark_sent(desk, outgoing.email_id)


def _deliver(server: MailServer, outgoing: Outgoing) -> None:
    """One connection, one mail, one recipient."""
    sending = aiosmtplib.send(
        outgoing.message,
        recipients=[outgoing.message["To"].addresses[0].addr_spec],
        hostname=server.host,
        port=server.port,
        username=server.username,
        password=server.password,
        use_tls=server.is_tls_from_start,
        start_tls=server.must_change_to_tls,
        timeout=_PATIENCE_SECONDS,
    )
    try:
        asyncio.run(sending)
    except (aiosmtplib.SMTPException, OSError) as error:
        # The server's own words may repeat the address.
        raise _reason(error) from None


def _reason(error: Exception) -> NotTaken:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        error = error.recipients[0]
    if isinstance(error, aiosmtplib.SMTPResponseException):
        status = _STATUS.search(error.message)
        words = f"{error.code} {status.group()}" if status else str(error.code)
        # A refused login or sender is ours to repair, and the mail is still good then.
        is_about_mail = isinstance(error, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError)
        return NotTaken(f"{words} ({type(error).__name__})", is_final=is_about_mail and error.code >= 500)
    return NotTaken(type(error).__name__)
