"""The merchant's colour as a stylesheet, at `/brand.css`: no script, no flash, no rebuild."""

import hashlib

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal_app.kit.brand import brand_css
from portal_app.services import configuration
from portal_app.services.desk import ask

_FOR_EVER = "public, max-age=31536000, immutable"
# Without a version a page is painted at once from what is kept. It then compares `--brand-version` with the version
# that it hears is published, and exchanges the sheet when they differ (`BrandSheet` in components/client.js).
_KEPT = "public, max-age=300, stale-while-revalidate=604800"


async def show_brand(request: Request) -> Response:
    """The published look; under `?v=` of the version that is published now it may be kept for ever."""
    published = await ask(configuration.current)
    css = brand_css(published.brand_colour, published.radius) + f":root{{--brand-version:{published.version}}}"
    tag = f'"{hashlib.sha256(css.encode()).hexdigest()[:16]}"'
    is_named = request.query_params.get("v") == str(published.version)
    headers = {"etag": tag, "cache-control": _FOR_EVER if is_named else _KEPT}
    if request.headers.get("if-none-match", "").removeprefix("W/") == tag:
        return Response(status_code=304, headers=headers)
    return Response(css, media_type="text/css", headers=headers)


routes = [Route("/brand.css", show_brand, methods=["GET"])]
