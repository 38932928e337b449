"""The door through which a logo comes in: who may, how much, and what is said to the others."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import httpx
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from portal_app.environment import environment
from portal_app.http import pictures as picture_route
from portal_app.http import uploads
from portal_app.http.envelope import Envelope
from portal_app.http.headers import BuiltPages
from portal_app.models import base
from portal_app.models.portal import Picture
from portal_app.security import sessions
from portal_app.security.visitor import SYSTEM
from portal_app.services import pictures, staff
from portal_app.services.desk import open_desk
from tests.hostile_pictures import REFUSED, SVG, a_picture
from tests.services.portal_database import sqlite_database

__all__ = ["sqlite_database"]
ORIGIN = "http://localhost:3000"


@dataclass(frozen=True)
class Browser:
    """Somebody's browser on the portal's own page, over the real envelope."""

    app: Envelope
    cookie: str = ""
    headers: tuple[tuple[str, str], ...] = (("origin", ORIGIN),)

    def ask(self, method: str, path: str, **given) -> httpx.Response:
        return asyncio.run(self._ask(method, path, **given))

    async def _ask(self, method: str, path: str, **given) -> httpx.Response:
        cookies = {environment().cookie_name: self.cookie} if self.cookie else {}
        headers = {**dict(self.headers), **given.pop("headers", {})}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url=ORIGIN, cookies=cookies, headers=headers
        ) as client:
            return await client.request(method, path, **given)

    def upload(self, content: bytes, name: str = "logo.png", kind: str = "image/png") -> httpx.Response:
        return self.ask("POST", uploads.ADDRESS, files={"picture": (name, content, kind)})


@pytest.fixture
def app(sqlite_database, tmp_path) -> Envelope:
    def audience_of(_path):
        return None

    served = Starlette(routes=[*uploads.routes, *picture_route.routes])
    return Envelope(served, BuiltPages(tmp_path / "built", audience_of), audience_of, uploads.LARGER_BODIES)


def signed_in(app: Envelope, role: str) -> Browser:
    with open_desk(actor=SYSTEM) as desk:
        member = staff.ensure(desk, f"{role}@example.com", role)
    cookie, _ = sessions.open_session("staff", email=member.email, staff_id=member.id, locale="de")
    return Browser(app, cookie)


@pytest.fixture
def owner(app) -> Browser:
    return signed_in(app, "owner")


def kept() -> int:
    with base.reading() as connection:
        return connection.scalar(select(func.count()).select_from(Picture.__table__)) or 0


def test_when_the_owner_uploads_a_logo_then_everybody_can_see_it_for_ever(app, owner):
    answer = owner.upload(a_picture(size=(200, 80)))

    assert answer.status_code == 201
    said = answer.json()
    assert (said["url"], said["width"], said["height"]) == (f"/pictures/{said['id']}.png", 200, 80)
    shown = Browser(app).ask("GET", said["url"])
    assert shown.status_code == 200
    assert shown.content.startswith(b"\x89PNG")
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert shown.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in shown.headers


def test_given_a_seen_logo_when_it_is_asked_for_again_then_it_is_not_sent_again(app, owner):
    address = owner.upload(a_picture()).json()["url"]
    first = Browser(app).ask("GET", address)

    again = Browser(app).ask("GET", address, headers={"if-none-match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "name", ["0" * 32, "0" * 31, "A" * 32, "..%2f..%2fetc%2fpasswd", "%00" * 32, "' or 1=1 --", "x" * 5000]
)
def test_when_a_picture_is_unknown_then_the_answer_is_404_and_not_kept(app, name):
    answer = Browser(app).ask("GET", f"/pictures/{name}.png")

    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("role", "status"), [("admin", 201), ("support", 403), ("finance", 403), ("read_only", 403)])
def test_when_staff_upload_then_only_writing_roles_may(app, role, status):
    answer = signed_in(app, role).upload(a_picture())

    assert answer.status_code == status
    assert kept() == (1 if status == 201 else 0)
    if status == 403:
        assert answer.json()["code"] == "not_allowed"


def test_when_nobody_or_a_customer_uploads_then_it_is_refused_and_nothing_is_kept(app):
    cookie, _ = sessions.open_session("customer", email="ada@example.com", customer_id="cus_ada")

    for browser in (Browser(app), Browser(app, cookie), Browser(app, "forged")):
        answer = browser.upload(a_picture())
        assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_required")
    assert kept() == 0


def test_given_a_member_disabled_meanwhile_when_they_upload_then_it_is_refused(app, owner):
    with base.writing() as connection:
        connection.exec_driver_sql("update staff set disabled_at = created_at")

    assert owner.upload(a_picture()).status_code == 401
    assert kept() == 0


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:3001", "null", ""])
def test_when_another_site_posts_with_the_owners_cookie_then_it_is_refused(app, owner, origin):
    foreign = replace(owner, headers=(("origin", origin),) if origin else ())

    assert foreign.upload(a_picture()).status_code == 403
    assert kept() == 0


@pytest.mark.parametrize("name", [name for name, (_, code) in REFUSED.items() if name != "too many bytes"])
def test_when_a_hostile_file_arrives_then_the_answer_has_its_code_and_a_sentence(owner, name):
    sent, code = REFUSED[name]

    answer = owner.upload(sent, "logo.png", "image/png")

    status = {"picture_too_large": 413, "picture_not_supported": 415, "picture_unreadable": 422}[code]
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]
    assert kept() == 0


def test_when_an_svg_arrives_as_png_then_it_is_told_apart(owner):
    answer = owner.upload(SVG, "logo.png", "image/png")

    assert "SVG" in answer.json()["message"]


def test_when_the_file_name_is_hostile_then_it_is_used_for_nothing(owner):
    answer = owner.upload(a_picture(), "../../../etc/cron.d/x\r\nset-cookie: a=b", "text/html")

    assert answer.status_code == 201
    assert answer.json()["url"].startswith("/pictures/")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("size", [2_000_001, 2_016_000, 3_000_000, 20_000_000])
def test_when_the_file_is_too_large_then_it_is_refused(owner, size):
    answer = owner.upload(a_picture() + bytes(size))

    assert answer.status_code == 413
    assert kept() == 0


def test_when_an_endless_body_has_no_length_then_it_is_cut(owner):
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        yield b'--x\r\ncontent-disposition: form-data; name="picture"; filename="a.png"\r\n\r\n'
        for _ in range(2_000):
            taken += 65_536
            yield bytes(65_536)

    answer = owner.ask(
        "POST", uploads.ADDRESS, content=endless(), headers={"content-type": "multipart/form-data; boundary=x"}
    )

    assert answer.status_code == 413
    assert taken < 2_200_000
    assert kept() == 0


BOUNDARY = {"content-type": "multipart/form-data; boundary=x"}
PART = b'--x\r\ncontent-disposition: form-data; name="%s"; filename="a.png"\r\n\r\nhello\r\n'


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"", {}),
        (b"picture=hello", {"content-type": "application/x-www-form-urlencoded"}),
        (json.dumps({"picture": "x"}).encode(), {"content-type": "application/json"}),
        (b"hello", {"content-type": "multipart/form-data"}),
        (b"hello", BOUNDARY),
        (b"--x--\r\n", BOUNDARY),
        (PART % b"other" + b"--x--\r\n", BOUNDARY),
        (PART % b"picture" * 2 + b"--x--\r\n", BOUNDARY),
        (PART % b"picture" * 1_000 + b"--x--\r\n", BOUNDARY),
        (b'--x\r\ncontent-disposition: form-data; name="picture"\r\n\r\nhello\r\n--x--\r\n', BOUNDARY),
        (b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n' + bytes(50_000) + b"\r\n--x--\r\n", BOUNDARY),
        (b"--x\r\n" + b"a" * 100_000, BOUNDARY),
        (PART % b"picture", {"content-type": "multipart/form-data; boundary=" + "x" * 5_000}),
    ],
)
def test_when_the_body_is_no_single_file_then_it_is_refused_with_a_sentence(owner, content, headers):
    answer = owner.ask("POST", uploads.ADDRESS, content=content, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert answer.json()["message"]
    assert kept() == 0


def test_when_a_body_stops_coming_then_it_is_not_waited_for_long(owner, monkeypatch):
    monkeypatch.setattr(uploads, "_PATIENCE_SECONDS", 0.2)

    async def slow() -> AsyncIterator[bytes]:
        yield PART % b"picture"
        await asyncio.sleep(30)

    answer = owner.ask("POST", uploads.ADDRESS, content=slow(), headers=BOUNDARY)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


def test_when_somebody_uploads_all_the_time_then_they_wait(owner, monkeypatch):
    monkeypatch.setattr(pictures, "UPLOADS_PER_PERSON", replace(pictures.UPLOADS_PER_PERSON, amount=2))

    statuses = [owner.upload(a_picture(size=(20, 20))).status_code for _ in range(3)]

    assert statuses == [201, 201, 429]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_when_the_upload_address_is_asked_otherwise_then_there_is_no_such_way(owner, method):
    assert owner.ask(method, uploads.ADDRESS).status_code == 405
