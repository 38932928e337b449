"""Whatever is uploaded, what is kept is a small PNG of our own making, or nothing."""

import hashlib
import io
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from portal_app.kit.errors import InvalidInput, NotAllowed, NotFound
from portal_app.models import base
from portal_app.models.portal import Picture
from portal_app.security.visitor import NOBODY
from portal_app.services import configuration, pictures
from portal_app.services.desk import open_desk
from tests.hostile_pictures import REFUSED, a_bomb, a_picture, animated, with_exif
from tests.services.portal_database import ADA, OWNER, VIEWER, sqlite_database

__all__ = ["sqlite_database"]
pytestmark = pytest.mark.usefixtures("sqlite_database")
DECODER = Path(pictures.__file__).with_name("picture_decoder.py")


def store(sent, actor=OWNER):
    with open_desk(actor=actor) as desk:
        return pictures.store(desk, sent)


def opened(stored):
    picture = Image.open(io.BytesIO(stored.content))
    picture.load()
    return picture


def kept():
    with base.reading() as connection:
        return connection.scalar(select(func.count()).select_from(Picture.__table__))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_when_a_logo_is_uploaded_then_a_png_of_our_own_is_kept_under_its_hash(kind, mode):
    sent = a_picture(kind, (200, 80), mode)

    stored = store(sent)

    picture = opened(stored)
    assert (picture.format, picture.size, stored.media_type) == ("PNG", (200, 80), "image/png")
    assert stored.content != sent
    assert stored.id == hashlib.sha256(stored.content).hexdigest()[:32]
    with open_desk() as desk:
        assert pictures.get(desk, stored.id) == stored
    assert pictures.address_of(stored.id) == f"/pictures/{stored.id}.png"


@pytest.mark.parametrize("mode", ["1", "LA", "P", "RGBA", "I;16"])
def test_when_a_png_has_another_kind_of_pixels_then_it_is_kept_too(mode):
    stored = store(a_picture("PNG", (60, 60), mode))

    assert opened(stored).mode == "RGBA"


def test_when_a_jpeg_is_made_for_print_then_it_is_kept_too():
    assert opened(store(a_picture("JPEG", (60, 60), "CMYK"))).size == (60, 60)


def test_when_grey_has_16_bits_then_it_is_as_bright_as_before():
    sent = io.BytesIO()
    Image.new("I;16", (20, 20), 40_000).save(sent, "PNG")

    pixel = opened(store(sent.getvalue())).getpixel((5, 5))

    assert pixel == (156, 156, 156, 255)


@pytest.mark.parametrize(("sent", "kept_size"), [((2000, 500), (512, 128)), ((100, 3000), (17, 512)), ((9, 7), (9, 7))])
def test_when_a_logo_is_large_then_its_longer_edge_becomes_512(sent, kept_size):
    stored = store(a_picture("PNG", sent, "L"))

    assert (stored.width, stored.height) == kept_size
    assert opened(stored).size == kept_size


def test_when_a_photo_tells_where_it_was_taken_then_that_is_not_kept():
    stored = store(with_exif())

    picture = opened(stored)
    assert not picture.getexif()
    assert set(picture.info) == set()
    assert b"Nosy" not in stored.content
    assert b"home" not in stored.content


def test_when_a_photo_lies_on_its_side_then_it_is_kept_upright():
    stored = store(with_exif(orientation=6))

    assert (stored.width, stored.height) == (100, 300)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_when_a_picture_moves_then_its_first_frame_is_kept(kind):
    picture = opened(store(animated(kind)))

    assert getattr(picture, "n_frames", 1) == 1
    assert picture.getpixel((5, 5))[:3] == (255, 0, 0) if kind == "PNG" else picture.getpixel((5, 5))[0] > 240


def test_when_a_picture_is_also_a_page_then_the_page_is_gone():
    page = b"<script>alert(document.cookie)</script>"

    for sent in (a_picture("JPEG") + page, a_picture("JPEG", comment=page), a_picture() + page):
        assert b"<script" not in store(sent).content


def test_when_the_name_or_type_lies_then_only_the_bytes_count():
    assert store(a_picture("WEBP")).media_type == "image/png"


@pytest.mark.parametrize("name", REFUSED)
def test_when_a_hostile_file_is_uploaded_then_it_is_refused_with_a_code_and_nothing_is_kept(name):
    sent, code = REFUSED[name]

    with pytest.raises(InvalidInput) as refused:
        store(sent)

    assert refused.value.code == code
    assert refused.value.text.format(**refused.value.holes)
    assert kept() == 0


def test_when_an_svg_is_uploaded_then_the_refusal_says_why_and_what_to_do():
    with pytest.raises(InvalidInput, match="SVG files can carry scripts"):
        store(REFUSED["svg"][0])


def test_when_the_same_bytes_come_twice_then_one_row_is_kept():
    sent = a_picture()

    assert store(sent).id == store(sent).id
    assert kept() == 1


@pytest.mark.parametrize("actor", [VIEWER, ADA, NOBODY], ids=lambda actor: actor.kind)
def test_when_somebody_without_the_right_uploads_then_it_is_refused_and_nothing_is_kept(actor):
    with pytest.raises(NotAllowed):
        store(a_picture(), actor)

    assert kept() == 0


def test_when_a_stored_logo_is_published_then_the_configuration_names_it():
    stored = store(a_picture())

    with open_desk(actor=OWNER) as desk:
        made = configuration.publish(desk, {"logo_id": stored.id}, 0)

    assert made.logo_id == stored.id


def test_when_a_picture_is_unknown_then_it_is_not_found():
    with open_desk() as desk:
        assert pictures.find(desk, "0" * 32) is None
        with pytest.raises(NotFound):
            pictures.get(desk, "0" * 32)


def test_when_a_picture_explodes_then_the_decoder_stays_below_256_mb_and_the_server_does_not_notice():
    told = "import runpy, sys\ntry:\n    runpy.run_path(sys.argv[1], run_name='__main__')\nfinally:\n"
    told += "    sys.stderr.write(open('/proc/self/status').read())\n"

    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-I", "-c", told, str(DECODER)], input=a_bomb(), capture_output=True, check=True
    )

    peak = next(int(line.split()[1]) for line in done.stderr.decode().splitlines() if line.startswith("VmHWM"))
    assert done.stdout.startswith(b'{"width": 512')
    assert peak < 256 * 1024
    assert time.monotonic() - began < 20


def test_when_a_decoder_would_need_more_memory_than_it_may_then_it_says_broken():
    told = "import runpy, sys\nfound = runpy.run_path(sys.argv[1], run_name='decoder')\n"
    told += "found['main'].__globals__['MAX_PIXELS'] = 10**9\nfound['main']()\n"

    done = subprocess.run(
        [sys.executable, "-I", "-c", told, str(DECODER)], input=a_bomb(9_000, 9_000), capture_output=True, check=True
    )

    assert b'"problem": "broken"' in done.stdout
