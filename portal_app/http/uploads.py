"""`POST /admin/pictures`: a logo comes in, its id goes out. Nothing else can be uploaded."""

import asyncio

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from portal_app.kit.errors import InvalidInput, NotAllowed, PortalError, SignInRequired, TooManyRequests
from portal_app.kit.i18n import N_, words_in
from portal_app.kit.logs import count
from portal_app.security.visitor import visitor
from portal_app.services import configuration, pictures
from portal_app.services.desk import Desk, ask

ADDRESS = "/admin/pictures"
# For the envelope, which counts while the body comes in: the picture and the lines that multipart puts around it.
LARGER_BODIES = {ADDRESS: pictures.MAX_BYTES + 16_384}
_PATIENCE_SECONDS = 30
_STATUSES: dict[type[PortalError], int] = {
    SignInRequired: 401,
    NotAllowed: 403,
    pictures.PictureTooLarge: 413,
    pictures.PictureNotSupported: 415,
    TooManyRequests: 429,
}


async def upload_picture(request: Request) -> JSONResponse:
    """Keep the file of the field `picture`; the answer names it, or says in the visitor's words why not."""
    try:
        # Before a byte of the body is read: strangers get no work out of us.
        await ask(_require_right)
        stored = await ask(pictures.store, await _sent(request))
    except PortalError as refusal:
        return _refused(refusal)
    count("pictures.stored")
    address = pictures.address_of(stored.id)
    return JSONResponse({"id": stored.id, "url": address, "width": stored.width, "height": stored.height}, 201)


def _require_right(desk: Desk) -> None:
    if desk.actor.kind != "staff":
        raise SignInRequired
    configuration.require_writer(desk)


async def _sent(request: Request) -> bytes:
    incomplete = InvalidInput(N_("The file did not arrive whole. Try again."), field="picture")
    try:
        async with (
            asyncio.timeout(_PATIENCE_SECONDS),
            request.form(max_files=1, max_fields=1, max_part_size=1_024) as form,
        ):
            file = form.get("picture")
            if not isinstance(file, UploadFile):
                raise InvalidInput(N_("Choose a file."), field="picture")
            return await file.read(pictures.MAX_BYTES + 1)
    except (TimeoutError, ClientDisconnect, HTTPException, MultiPartException):
        raise incomplete from None


def _refused(refusal: PortalError) -> JSONResponse:
    count(f"pictures.refused.{refusal.code}")
    status = next((number for kind, number in _STATUSES.items() if isinstance(refusal, kind)), 422)
    sentence = words_in(visitor().locale)(refusal.text, **refusal.holes)
    headers = {"retry-after": str(refusal.retry_after_seconds)} if isinstance(refusal, TooManyRequests) else None
    return JSONResponse({"code": refusal.code, "message": sentence}, status, headers)


routes = [Route(ADDRESS, upload_picture, methods=["POST"])]
