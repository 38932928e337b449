"""The merchant's logos: whatever was uploaded is decoded in a process of its own and kept as a PNG we made."""

import hashlib
import json
import re
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import insert, select

from portal_app.kit.clock import now
from portal_app.kit.errors import InvalidInput, NotFound, TooManyRequests
from portal_app.kit.i18n import N_
from portal_app.models.portal import Picture
from portal_app.security.rate_limits import Limit, limiter
from portal_app.services import configuration
from portal_app.services.desk import Desk

MAX_BYTES = 2_000_000
UPLOADS_PER_PERSON = Limit("picture/staff", 30, 3600, demo_amount=300)
_PNG = "image/png"
_DECODER = Path(__file__).with_name("picture_decoder.py")
_PATIENCE_SECONDS = 20
_pictures = Picture.__table__  # type: ignore[attr-defined]
_columns = select(*(_pictures.c[name] for name in ("id", "media_type", "width", "height", "content")))
# Each may take 250 MB; more uploads than this wait for one another.
_decoders = threading.BoundedSemaphore(2)


class PictureTooLarge(InvalidInput):
    """Too many bytes, or too many pixels."""

    code: ClassVar[str] = "picture_too_large"
    sentence: ClassVar[str] = N_("This file is larger than 2 MB. Export the logo smaller, 512 pixels are enough.")


class PictureNotSupported(InvalidInput):
    """Another kind of file."""

    code: ClassVar[str] = "picture_not_supported"
    sentence: ClassVar[str] = N_("This is not a PNG, JPEG or WebP picture.")


class PictureUnreadable(InvalidInput):
    """The right kind of file, damaged."""

    code: ClassVar[str] = "picture_unreadable"
    sentence: ClassVar[str] = N_("This picture is damaged or incomplete. Export it again.")


REFUSALS: tuple[type[InvalidInput], ...] = (PictureTooLarge, PictureNotSupported, PictureUnreadable)


@dataclass(frozen=True)
class StoredPicture:
    """A picture as it is served."""

    id: str
    media_type: str
    width: int
    height: int
    content: bytes


def address_of(picture_id: str) -> str:
    """Where a picture is served; empty for none."""
    return f"/pictures/{picture_id}.png" if picture_id else ""


def store(desk: Desk, sent: bytes) -> StoredPicture:
    """Keep an uploaded logo; the same picture twice is one picture.

    It is shown to nobody until a configuration that names it is published.

    Raises:
        NotAllowed: only who may configure the portal uploads.
        PictureTooLarge, PictureNotSupported, PictureUnreadable: with the sentence for the uploader.
        TooManyRequests: this person uploads all the time, or many others right now.
    """
    configuration.require_writer(desk)
    limiter().take(UPLOADS_PER_PERSON, desk.actor.actor_id)
    picture = _decoded(sent)
    with desk.transaction():
        if find(desk, picture.id) is None:
            desk.run(insert(_pictures).values(**asdict(picture), created_at=now()))
    return picture


def find(desk: Desk, picture_id: str) -> StoredPicture | None:
    """The picture with this id, or None."""
    row = desk.row(_columns.where(_pictures.c.id == picture_id))
    return StoredPicture(*row) if row else None


def get(desk: Desk, picture_id: str) -> StoredPicture:
    """The picture with this id.

    Raises:
        NotFound: there is none.
    """
    found = find(desk, picture_id)
    if found is None:
        raise NotFound
    return found


def _decoded(sent: bytes) -> StoredPicture:
    if len(sent) > MAX_BYTES:
        raise PictureTooLarge
    if _looks_like_svg(sent):
        raise PictureNotSupported(
            N_("SVG files can carry scripts, so they are not taken. Export the logo as PNG, 512 pixels wide.")
        )
    header, _, content = _ask_decoder(sent).partition(b"\n")
    said: dict[str, Any] = json.loads(header) if header else {"problem": "broken"}
    if "problem" in said:
        raise _refusal(said)
    # 32 hex digits of the hash: an address that never shows another picture and cannot be guessed from a list.
    picture_id = hashlib.sha256(content).hexdigest()[:32]
    return StoredPicture(picture_id, _PNG, int(said["width"]), int(said["height"]), content)


def _refusal(said: dict[str, Any]) -> InvalidInput:
    if said["problem"] == "format":
        return PictureNotSupported()
    if said["problem"] == "pixels":
        return PictureTooLarge(
            N_("This picture has more than {limit} million pixels. Export it smaller, 512 pixels are enough."),
            limit=said["limit"] // 1_000_000,
        )
    return PictureUnreadable()


def _looks_like_svg(sent: bytes) -> bool:
    start = sent[:2000].decode("utf-8", "ignore").lstrip("\ufeff \t\r\n").lower()
    return start.startswith("<") and bool(re.search(r"<(!doctype\s+)?svg|<\?xml", start))


def _ask_decoder(sent: bytes) -> bytes:
    if not _decoders.acquire(timeout=_PATIENCE_SECONDS):
        raise TooManyRequests
    try:
        # Isolated mode, no environment: the decoder inherits no secret of ours.
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-I", str(_DECODER)],
            input=sent,
            capture_output=True,
            timeout=_PATIENCE_SECONDS,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return b""
    finally:
        _decoders.release()
    return done.stdout if done.returncode == 0 else b""
