"""The secrets of a mailed sign-in: how link and code are made, what the database keeps of them, how they are compared.

Both follow from the request's random id and a key outside of the database. Nothing secret is stored, and a mail that
has to be sent a second time says the same as the first.
"""

import base64
import hashlib
import hmac
import re
import secrets

from portal_app.environment import environment
from portal_app.security.signing import key_for

# https://pages.nist.gov/800-63-4/sp800-63b.html leaves 10 minutes for out-of-band secrets, OWASP ASVS 6.5.5 as well.
# Mail is slower than a text message, so we give 15; docs/decisions.md names the deviation.
LIFETIME_SECONDS = 15 * 60
CODE_TRIES = 5

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_NOT_DIGITS = re.compile(r"[\s-]+")


def browser_cookie_name() -> str:
    """Where the asking browser keeps what binds the code to it."""
    return environment().cookie_name + "-browser"


def link_cookie_name() -> str:
    """Where a link's token waits for the click, so that it leaves the address at once."""
    return environment().cookie_name + "-link"


def new_request_id() -> str:
    """128 random bits: link and code cannot be guessed from anything else."""
    return "sir_" + secrets.token_hex(16)


def new_browser() -> str:
    """What the asking browser keeps in its cookie, so that the code works there and nowhere else."""
    return secrets.token_urlsafe(32)


def link_token(request_id: str) -> str:
    """The secret part of the mailed link: 256 bits."""
    digest = hmac.new(key_for("sign-in link"), request_id.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def link_code(request_id: str) -> str:
    """The six digits of the same mail."""
    digest = hmac.new(key_for("sign-in code"), request_id.encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest) % 1_000_000:06d}"


def code_hash(request_id: str, code: str) -> str:
    """What is kept of a code: keyed, since a million plain hashes are tried in a blink."""
    message = f"{request_id}|{code}".encode()
    return hmac.new(key_for("sign-in code hash"), message, hashlib.sha256).hexdigest()


def is_token(text: str) -> bool:
    """Whether `text` has a token's shape; everything else needs no look-up."""
    return bool(_TOKEN.fullmatch(text))


def typed_code(text: str) -> str:
    """Six digits out of what somebody typed or pasted, in any script's digits; empty if they are not."""
    digits = _NOT_DIGITS.sub("", text[:40])
    return "".join(str(int(d)) for d in digits) if len(digits) == 6 and digits.isdecimal() else ""


def is_code(given: str, request_id: str, kept_hash: str) -> bool:
    """Whether `given` is this request's code; takes as long whether or not it ever had one."""
    return hmac.compare_digest(code_hash(request_id, given), kept_hash or "-" * 64) and given != ""
