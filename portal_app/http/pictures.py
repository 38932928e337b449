"""`GET /pictures/{id}.png`: the merchant's logos, for everybody, the same for ever."""

import re

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from portal_app.services import pictures
from portal_app.services.desk import ask

_ID = re.compile(r"[0-9a-f]{32}")
_HEADERS = {
    # The id is the hash of what it names.
    "cache-control": "public, max-age=31536000, immutable",
    # Opened as a page of its own, it may do nothing at all.
    "content-security-policy": "sandbox; default-src 'none'",
    "content-disposition": "inline",
    "x-content-type-options": "nosniff",
    # Mail programs and the merchant's own pages show the logo too.
    "cross-origin-resource-policy": "cross-origin",
}


async def serve_picture(request: Request) -> Response:
    """One picture, or 404."""
    picture_id = request.path_params["picture_id"]
    found = await ask(pictures.find, picture_id) if _ID.fullmatch(picture_id) else None
    if found is None:
        return PlainTextResponse("There is no such picture.", 404, {"cache-control": "no-store"})
    etag = f'"{found.id}"'
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={**_HEADERS, "etag": etag})
    return Response(found.content, headers={**_HEADERS, "etag": etag}, media_type=found.media_type)


routes = [Route("/pictures/{picture_id}.png", serve_picture, methods=["GET"])]
