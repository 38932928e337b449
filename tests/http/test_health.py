"""What monitors are answered."""

import httpx
import pytest
from starlette.applications import Starlette

from portal_app.environment import environment
from portal_app.http import health
from portal_app.models import base
from portal_app.services import readiness


async def _ask(path: str, *, is_migrated: bool = True) -> httpx.Response:
    app = Starlette(routes=health.routes(lambda: is_migrated))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://portal") as client:
        return await client.get(path)


async def test_when_the_process_lives_then_it_says_so():
    answer = await _ask("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_given_a_living_worker_when_asked_then_the_portal_is_ready(desk):
    readiness.beat(desk)

    answer = await _ask("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


async def test_given_no_worker_and_an_old_schema_when_asked_then_both_are_named(desk):
    answer = await _ask("/readyz", is_migrated=False)

    assert answer.status_code == 503
    assert answer.json()["problems"] == ["worker_silent", "migrations_missing"]


async def test_given_no_database_when_asked_then_that_is_named_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'nowhere' / 'portal.db'}")
    environment.cache_clear()
    base.dispose()

    answer = await _ask("/readyz")

    assert (answer.status_code, answer.json()["problems"]) == (503, ["database_unavailable"])
    assert "sqlite" not in answer.text
    monkeypatch.undo()
    environment.cache_clear()
    base.dispose()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_when_a_monitor_is_asked_to_change_something_then_it_does_not(path):
    app = Starlette(routes=health.routes(lambda: True))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://portal") as client:
        assert (await client.post(path)).status_code == 405
