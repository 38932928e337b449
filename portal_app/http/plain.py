"""Pages that the server draws itself, without a script: the one behind a mailed link, and the demo's."""

import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from portal_app.kit.i18n import words_in
from portal_app.security.visitor import visitor
from portal_app.services import configuration, pictures
from portal_app.services.desk import ask

SHEET = "/plain.css"
_HERE = Path(__file__).parent
# The style sheets of the kit are plain CSS and lie beside it; without Tailwind they need `plain.css` below them.
_KIT = _HERE.parent / "components" / "styles"
_PARTS = ("tokens", "base", "controls", "records", "feedback", "shell")
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "frame-src {frames}",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


@cache
def _sheet() -> tuple[str, str]:
    parts = [(_HERE / "plain.css"), *(_KIT / f"{part}.css" for part in _PARTS)]
    css = "\n".join(path.read_text(encoding="utf-8") for path in parts)
    return css, hashlib.sha256(css.encode()).hexdigest()[:12]


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("portal_app.http"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


async def plain_page(template: str, *, status: int = 200, has_frames: bool = False, **said: object) -> HTMLResponse:
    """A page in the merchant's look and the visitor's language: not kept, no referrer, nothing from elsewhere."""
    chosen, words = await ask(configuration.current), words_in(visitor().locale)
    page = (
        _environment()
        .get_template(template)
        .render(
            _=words,
            locale=words.locale,
            business=chosen.business_name,
            logo=pictures.address_of(chosen.logo_id),
            sheet=f"{SHEET}?v={_sheet()[1]}",
            **said,
        )
    )
    headers = {
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex, nofollow",
        "content-security-policy": _POLICY.format(frames="'self'" if has_frames else "'none'"),
    }
    return HTMLResponse(page, status, headers)


async def show_sheet(_request: Request) -> Response:
    """The style of these pages; its address changes with its content."""
    headers = {"cache-control": "public, max-age=31536000, immutable"}
    return Response(_sheet()[0], media_type="text/css", headers=headers)


ROUTES = [Route(SHEET, show_sheet, methods=["GET"])]
