"""What every answer says besides its content: a strict content policy, what may be kept, what a browser may do."""

import base64
import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

from portal_app.environment import environment

Header = tuple[bytes, bytes]
AudienceOf = Callable[[str], str | None]

_FALLBACKS = ("/404.html", "/__spa-fallback.html")
_NAMED_BY_CONTENT = re.compile(r"/assets/.+|.+[.-][0-9a-f]{8,}\.\w+")
_SIDECARS = (".br", ".gz", ".zst")
# Signed-in pages of customers may show Stripe's card fields; sign-in, legal and merchant pages have none of it.
_WITH_CARDS = ("customer", "fresh")


class _InlineScripts(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self._is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self._is_open = not dict(attrs).get("src")
            if self._is_open:
                self.found.append("")

    def handle_data(self, data: str) -> None:
        if self._is_open:
            self.found[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._is_open = False


def script_hashes(html: str) -> list[str]:
    """`'sha256-…'` of every inline script: hashed is the text between the tags, byte for byte."""
    parser = _InlineScripts()
    parser.feed(html)
    digests = {hashlib.sha256(script.encode()).digest() for script in parser.found}
    return sorted(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def content_policy(hashes: list[str], *, has_cards: bool) -> str:
    """Scripts are ours, named by their content; none is made of text. React's style attributes need the exception."""
    own_socket = environment().origin.replace("http", "ws", 1)
    scripts, frames, connections = _card_sources() if has_cards else ([], [], [])
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self'", *hashes, *scripts)),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            " ".join(("connect-src 'self'", own_socket, *connections)),
            " ".join(("frame-src", *frames)) if frames else "frame-src 'none'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _card_sources() -> tuple[list[str], list[str], list[str]]:
    """Where card fields come from: Stripe, or the sandbox that plays it."""
    if base := environment().stripe_api_base:
        parts = urlsplit(base)
        origin = f"{parts.scheme}://{parts.netloc}"
        return [origin], [origin], [origin]
    stripe_js = "https://js.stripe.com"
    return [stripe_js], [stripe_js, "https://hooks.stripe.com"], ["https://api.stripe.com"]


class BuiltPages:
    """The front-end build as the envelope knows it, read once at start."""

    def __init__(self, folder: Path, audience_of: AudienceOf) -> None:
        self._audience_of = audience_of
        self._files: set[str] = set()
        self._hashes: dict[str, list[str]] = {"": []}
        for file in sorted(folder.rglob("*")) if folder.is_dir() else ():
            name = "/" + file.relative_to(folder).as_posix()
            if file.is_file() and file.suffix not in _SIDECARS:
                self._files.add(name)
                if file.suffix == ".html":
                    self._remember(name, script_hashes(file.read_text(encoding="utf-8")))

    def _remember(self, name: str, hashes: list[str]) -> None:
        self._hashes[name] = hashes
        self._hashes[name.removesuffix("/index.html") or "/"] = hashes
        if name in _FALLBACKS:
            self._hashes[""] = sorted({*self._hashes[""], *hashes})

    def is_asset(self, path: str) -> bool:
        """A built file that is the same for everybody: needs no session."""
        return path in self._files and not path.endswith(".html")

    def is_folder(self, path: str) -> bool:
        """A page that lies in a folder of its own, asked for without the slash at the end."""
        return f"{path}/index.html" in self._files

    def policy(self, path: str) -> str:
        """The content policy of the page at this address; an address without a file gets the fallback page's."""
        hashes = self._hashes.get(path.rstrip("/") or "/", self._hashes[""])
        return content_policy(hashes, has_cards=self._audience_of(path) in _WITH_CARDS)

    def caching(self, path: str, status: int) -> list[Header]:
        """Hashed assets for ever, public pages after asking again, everything else never."""
        if _NAMED_BY_CONTENT.fullmatch(path) and path in self._files and status in (200, 206, 304):
            return [(b"cache-control", b"public, max-age=31536000, immutable")]
        if self.is_asset(path) or self._audience_of(path) == "public":
            return [(b"cache-control", b"no-cache")]
        return [(b"cache-control", b"no-store"), (b"vary", b"Cookie")]


def fixed_headers() -> list[Header]:
    """On every answer, whoever made it."""
    headers = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), usb=()",
        "x-frame-options": "DENY",
        "x-permitted-cross-domain-policies": "none",
    }
    if environment().is_https:
        headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
    return [(name.encode(), value.encode()) for name, value in headers.items()]
