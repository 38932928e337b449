"""A mail server for tests: takes, refuses or breaks off as it is told, with or without TLS."""

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope

from tests.served import free_port


@dataclass
class Sink:
    """What came, and what the next commands are answered with."""

    port: int = 0
    envelopes: list[Envelope] = field(default_factory=list)
    rcpt: str = "250 OK"
    data: str = "250 OK"
    breaks_after_data: int = 0
    logins: list[bytes] = field(default_factory=list)

    @property
    def messages(self) -> list[EmailMessage]:
        """Every mail that was taken."""
        return [message_from_bytes(bytes(one.content), policy=policy.default) for one in self.envelopes]

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt.format(address=address)

    async def handle_DATA(self, server: SMTP, session, envelope: Envelope) -> str:
        if self.data.startswith("250"):
            self.envelopes.append(envelope)
        if self.breaks_after_data:
            self.breaks_after_data -= 1
            server.transport.abort()
        return self.data


@contextmanager
def a_mail_server(sink: Sink, **options: Any) -> Iterator[Sink]:
    """Listen on a port of loopback until the block ends."""

    def accept(_server, _session, _envelope, _mechanism, data) -> AuthResult:
        sink.logins.append(data.password)
        return AuthResult(success=data.password == b"open sesame")

    sink.port = free_port()
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port, authenticator=accept, **options)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


def a_certificate(folder: Path, name: str = "localhost") -> ssl.SSLContext:
    """A server's context with a certificate that nobody has signed."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    files = ["-subj", f"/CN={name}", "-keyout", key, "-out", certificate]
    subprocess.run(["openssl", "req", "-x509", *kind, *files], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context
