"""Mail and network addresses in the one spelling that look-ups and limits use."""

import ipaddress
import string

from email_validator import EmailNotValidError, validate_email

from portal_app.kit.errors import InvalidInput
from portal_app.kit.i18n import N_

_LONGEST = 254  # octets; RFC 5321, 4.5.3.1.3 with its erratum
_LOWER_ASCII = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
# Providers that ignore dots before the @, by the domain they deliver to.
_WITHOUT_DOTS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}
_HIDDEN = "•••"


def clean_email(typed: str) -> str:
    """The address as we keep it and look it up: one mailbox, lower case, its domain readable.

    Only ASCII letters are lowered: folding others would let one mailbox stand for a stranger's.

    Raises:
        InvalidInput: this is not one plain mail address.
    """
    text = typed.strip()
    if not text or len(text.encode("utf-8", "replace")) > _LONGEST:
        raise InvalidInput(N_("Enter an e-mail address, such as name@example.com."), field="email")
    try:
        found = validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        raise InvalidInput(N_("Enter an e-mail address, such as name@example.com."), field="email") from error
    return f"{found.local_part}@{found.domain}".translate(_LOWER_ASCII)


def wire_email(email: str) -> str:
    """A cleaned address as mail servers take it: its domain in ASCII."""
    local, _, domain = email.rpartition("@")
    if domain.isascii():
        return email
    return f"{local}@{validate_email(email, check_deliverability=False).ascii_domain}"


def mailbox_key(email: str) -> str:
    """What a limit counts: every spelling that ends in the same mailbox gives the same text."""
    local, _, domain = email.casefold().rpartition("@")
    local = local.split("+", 1)[0] or local
    if domain in _WITHOUT_DOTS:
        local, domain = local.replace(".", ""), _WITHOUT_DOTS[domain]
    return f"{local}@{domain}"


def mask_email(email: str) -> str:
    """`a•••@example.com`: enough for its owner to recognise, too little for anyone else to write to."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}{_HIDDEN}@{domain}" if local else _HIDDEN


def client_network(peer: str, forwarded_for: str, trusted_hops: int) -> str:
    """The network that a limit counts: an IPv4 address, or the /64 that one IPv6 subscriber owns.

    `forwarded_for` is believed only as far as our own proxies wrote it: the entry of hop `trusted_hops` from the
    right. What does not parse, or is too short, falls back to the peer.
    """
    chosen = peer
    entries = [entry.strip() for entry in forwarded_for.split(",")] if forwarded_for else []
    if 0 < trusted_hops <= len(entries):
        chosen = entries[-trusted_hops]
    address = _address(chosen) or _address(peer)
    if address is None:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    text = text.strip()
    if text.startswith("["):  # [2001:db8::1]:443
        text = text[1:].split("]", 1)[0]
    elif text.count(":") == 1:  # 192.0.2.1:443
        text = text.split(":", 1)[0]
    try:
        return ipaddress.ip_address(text.split("%", 1)[0])
    except ValueError:
        return None
