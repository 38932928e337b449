"""Puts a letter into its envelope: the headers, both bodies and exactly one recipient."""

from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime


@dataclass(frozen=True)
class Mail:
    """What is sent. `sender` and `recipient` are plain addresses, `business` and `reply_to` the merchant's."""

    message_id: str
    sender: str
    business: str
    reply_to: str
    recipient: str
    subject: str
    text: str
    html: str
    created_at: datetime


def message_of(mail: Mail) -> EmailMessage:
    """The message as a mail server takes it.

    Raises:
        ValueError: an address is not exactly one, or a header would break into two. Whoever writes a name into
            Stripe decides neither where a mail goes nor what else it says.
    """
    is_plain = mail.recipient.isascii() and mail.sender.isascii()
    message = EmailMessage(policy=SMTP if is_plain else SMTPUTF8)
    message["From"] = _address(mail.sender, mail.business)
    message["To"] = _address(mail.recipient)
    if mail.reply_to:
        message["Reply-To"] = _address(mail.reply_to, mail.business)
    message["Subject"] = _plain(mail.subject)
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _address(address: str, name: str = "") -> Address:
    """One address as an object: a plain string would be taken as a list of them."""
    name = _plain(name)
    local, _, domain = address.rpartition("@")
    if local.isascii():
        try:
            return Address(name, addr_spec=address)
        except (MessageError, IndexError) as error:
            raise ValueError("not exactly one address") from error
    # Python parses no local part outside of ASCII (RFC 6532); taken apart, it is quoted and stays one.
    return Address(name, username=local, domain=domain)


def _plain(text: str) -> str:
    """A text that no mail program takes for an encoded one (RFC 2047) and decodes into another address."""
    return text.replace("=?", "= ?")
