"""A request as the envelope sees it: what the browser sent, reduced to what we use, and who it comes from."""

import re
import secrets
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from portal_app.environment import environment
from portal_app.kit.i18n import LOCALES, best_locale
from portal_app.security.addresses import client_network
from portal_app.security.signing import PASSPORT_HEADER

Header = tuple[bytes, bytes]

LOCALE_COOKIE = "locale"  # set by the page itself, `components/i18n.js`
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# Who says these is the server or a proxy, never a browser; ours come from the peer and the cookie alone.
_NEVER_FROM_OUTSIDE = re.compile(
    r"cookie|proxy-authorization|x-auth-.*|x-amzn-oidc-.*|x-goog-iap-.*|cf-access-.*|x-forwarded-.*|forwarded|"
    r"x-real-ip|true-client-ip|reflex-.*|x-http-method-override|x-original-.*|x-rewrite-.*"
)
# Reflex sends a socket's headers on to the page, so a socket keeps only what the protocol needs.
_SOCKET_KEEPS = re.compile(r"host|user-agent|accept-language|upgrade|connection|sec-websocket-.*")


@dataclass(frozen=True)
class Incoming:
    """One request or handshake."""

    path: str
    query: str
    method: str
    is_socket: bool
    headers: dict[str, str]
    network: str
    request_id: str

    @classmethod
    def read(cls, scope: MutableMapping[str, Any]) -> "Incoming":
        """Read an ASGI scope; names are lower case, a repeated header is joined."""
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            key, text = name.decode("latin-1").lower(), value.decode("latin-1")
            separator = "; " if key == "cookie" else ", "
            headers[key] = f"{headers[key]}{separator}{text}" if key in headers else text
        given_id = headers.get("x-request-id", "")
        peer = (scope.get("client") or ("", 0))[0]
        return cls(
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            method=scope.get("method", "GET"),
            is_socket=scope["type"] == "websocket",
            headers=headers,
            network=client_network(peer, headers.get("x-forwarded-for", ""), environment().trusted_proxy_hops),
            request_id=given_id if _REQUEST_ID.fullmatch(given_id) else secrets.token_hex(8),
        )

    @property
    def is_change(self) -> bool:
        """Whether it may change something; a handshake opens the door to what may."""
        return self.is_socket or self.method not in ("GET", "HEAD", "OPTIONS")

    @property
    def is_navigation(self) -> bool:
        """Whether a person opened a page, as opposed to a page that fetches by itself."""
        return self.headers.get("sec-fetch-mode", "navigate") == "navigate"

    def cookie(self, name: str) -> str:
        """The value of a cookie, or an empty text."""
        try:
            morsel = SimpleCookie(self.headers.get("cookie", "")).get(name)
        except CookieError:
            return ""
        return morsel.value if morsel else ""

    @property
    def locale(self) -> str:
        """What this browser chose, else what it prefers."""
        chosen = self.cookie(LOCALE_COOKIE)
        return chosen if chosen in LOCALES else best_locale(_preferred(self.headers.get("accept-language", "")))

    def has_own_host(self) -> bool:
        """Whether it was sent to this portal; links and redirects are made of what it says otherwise."""
        given, own = _host(f"//{self.headers.get('host', '')}"), _host(environment().base_url)
        if given == own:
            return True
        return _is_loopback_allowed() and given[0] in _LOOPBACK

    def has_own_origin(self) -> bool:
        """Whether a page of this portal sent it.

        A page that sends no referrer has the origin "null"; then the browser's own word decides, which no script
        can set.
        """
        origin, site = self.headers.get("origin", ""), self.headers.get("sec-fetch-site", "")
        if origin in ("", "null"):
            return not self.is_socket and site == "same-origin"
        if origin == environment().origin:
            return True
        if not _is_loopback_allowed():
            return False
        given, own = _host(origin), _host(environment().base_url)
        return origin.startswith("http://") and given[0] in _LOOPBACK and given[1] == own[1]

    def kept_headers(self) -> list[Header]:
        """What the app behind may see: no session cookie, nothing that only a proxy may say, our own Host."""
        keeps = _SOCKET_KEEPS.fullmatch if self.is_socket else _is_harmless
        kept = [(name, value) for name, value in self.headers.items() if keeps(name) and name != "host"]
        kept.append(("host", _netloc()))
        kept.append(("x-request-id", self.request_id))
        if self.is_socket:
            kept.append(("origin", environment().origin))
        elif others := self._other_cookies():
            kept.append(("cookie", others))
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in kept]

    def _other_cookies(self) -> str:
        session = environment().cookie_name
        given = (part.strip() for part in self.headers.get("cookie", "").split(";"))
        return "; ".join(part for part in given if part and part.partition("=")[0].strip() != session)


def _is_harmless(name: str) -> bool:
    return name not in (PASSPORT_HEADER, "x-request-id") and not _NEVER_FROM_OUTSIDE.fullmatch(name)


def _netloc() -> str:
    return urlsplit(environment().base_url).netloc


def _host(url: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(url)
        default = 443 if environment().is_https else 80
        return (parts.hostname or "").rstrip("."), parts.port or default
    except ValueError:
        return "", None


def _is_loopback_allowed() -> bool:
    """A demo on one machine is opened as localhost or as 127.0.0.1; a served portal has one name."""
    return not environment().is_production and _host(environment().base_url)[0] in _LOOPBACK


def _preferred(accept_language: str) -> Iterable[str]:
    """Language tags, the most wanted first."""
    wanted: list[tuple[float, str]] = []
    for part in accept_language.split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), tag))
        except ValueError:
            continue
    return [tag for _, tag in sorted(wanted, key=lambda pair: pair[0])]
