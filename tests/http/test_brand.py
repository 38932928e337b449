"""The merchant's stylesheet as a browser fetches it."""

import asyncio
from dataclasses import dataclass

import httpx
import pytest
from starlette.applications import Starlette

from portal_app.http import brand
from portal_app.services import configuration
from portal_app.services.desk import Desk
from tests.services.portal_database import OWNER, sqlite_database

__all__ = ["sqlite_database"]


@dataclass(frozen=True)
class Browser:
    app: Starlette

    def get(self, address: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return asyncio.run(self._get(address, headers))

    async def _get(self, address: str, headers: dict[str, str] | None) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://portal.test") as client:
            return await client.get(address, headers=headers)


@pytest.fixture
def browser(sqlite_database) -> Browser:
    return Browser(Starlette(routes=brand.routes))


def publish(colour: str) -> None:
    desk = Desk(actor=OWNER)
    configuration.publish(desk, {"brand_colour": colour}, configuration.current(desk).version)
    desk.close()


def test_given_nothing_is_published_then_the_portals_own_colour_is_shown(browser):
    answer = browser.get("/brand.css")

    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "--brand-h:205" in answer.text
    assert "--brand-version:0" in answer.text


def test_when_a_colour_is_published_then_the_next_request_has_it(browser):
    before = browser.get("/brand.css").text

    publish("#635bff")

    assert "--brand-h:278" in browser.get("/brand.css").text
    assert "--brand-h:278" not in before


def test_only_the_published_version_may_be_kept_for_ever(browser):
    publish("#635bff")

    assert "immutable" in browser.get("/brand.css?v=1").headers["cache-control"]
    for other in ("/brand.css", "/brand.css?v=0", "/brand.css?v=2", "/brand.css?v="):
        assert "immutable" not in browser.get(other).headers["cache-control"]


def test_given_the_same_colours_when_they_are_asked_for_again_then_nothing_is_sent(browser):
    tag = browser.get("/brand.css").headers["etag"]

    answer = browser.get("/brand.css", headers={"if-none-match": tag})

    assert answer.status_code == 304
    assert answer.content == b""


def test_given_new_colours_when_the_old_are_asked_about_then_the_new_are_sent(browser):
    tag = browser.get("/brand.css").headers["etag"]
    publish("#635bff")

    assert browser.get("/brand.css", headers={"if-none-match": tag}).status_code == 200
