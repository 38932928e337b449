"""Keys made from the one secret, and the two things of a browser that they seal: its passport and its tab."""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qs, urlencode

from portal_app.environment import environment

# Reflex keeps this header on the server (`istate/data.py`, `_PRIVATE_HEADERS`); every other one reaches the browser.
PASSPORT_HEADER = "x-auth-request-access-token"


@cache
def key_for(purpose: str) -> bytes:
    """A key of its own for each purpose, so that what one signs never passes for another."""
    return hmac.new(_secret(), f"portal|{purpose}".encode(), hashlib.sha256).digest()


def _secret() -> bytes:
    given = environment().secret_key.get_secret_value()
    if given:
        return given.encode()
    # Only outside of production, which does not start without a secret.
    path = environment().data_dir / "secret"
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"secret.{secrets.token_hex(4)}")
    try:
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(file, secrets.token_urlsafe(48).encode())
        os.close(file)
        # Linking refuses an existing name: of several processes that start at once, one wins.
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink(missing_ok=True)
    return path.read_bytes()


def hashed(secret: str) -> str:
    """What the database keeps of a cookie, link or key: enough to find it again, useless to whoever reads it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def bound_token(session_id: str, token: str) -> str:
    """The key of a tab's state: worthless without the session's cookie, another one after every sign-in."""
    message = f"{session_id or '-'}|{token}".encode()
    return hmac.new(key_for("client token"), message, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Passport:
    """What the envelope knows about a connection, handed to the guard in a header that no client can send."""

    session_id: str = ""
    kind: str = ""
    customer_id: str = ""
    client_ip: str = ""
    locale: str = "en"
    request_id: str = ""
    browser: str = ""  # the hash of the cookie that a browser gets when it asks for a sign-in link

    def write(self) -> str:
        """One header value."""
        return urlencode(self.__dict__)

    @classmethod
    def read(cls, value: str) -> "Passport":
        """The passport of a header; an empty one reads as nobody's."""
        fields = parse_qs(value)
        return cls(**{name: fields[name][0] for name in cls.__dataclass_fields__ if name in fields})
