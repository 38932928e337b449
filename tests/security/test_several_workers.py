"""At scale: PostgreSQL, Redis and two workers. A tab hears and obeys, whichever worker holds its socket."""

import asyncio
import os
import time

import pytest
import redis
from sqlalchemy import update

from portal_app.kit import bus
from portal_app.models import base
from portal_app.models.mirror import Customer
from portal_app.security import sessions
from tests.cast import ADA, BEA, EVERYBODY, let_in
from tests.security.client import Tab
from tests.security.conftest import PROBE
from tests.served import a_served_portal
from tests.world import a_postgresql_database

REDIS = f"redis://127.0.0.1:6379/{os.getpid() % 8 + 8}"
TABS = 8
_customer = Customer.__table__


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    store = redis.Redis.from_url(REDIS, socket_connect_timeout=2)
    try:
        store.flushdb()
    except redis.ConnectionError:
        pytest.skip("no Redis on 127.0.0.1:6379")
    settings = {"REDIS_URL": REDIS, "PORTAL_TRUSTED_PROXY_HOPS": "1"}
    with a_postgresql_database() as database:
        settings["DATABASE_URL"] = database
        folder = tmp_path_factory.mktemp("several")
        with a_served_portal(folder, application="tests.security.probe:app", settings=settings) as portal:
            bus.bus.cache_clear()
            let_in(*EVERYBODY)
            yield portal
            bus.bus.cache_clear()
    store.flushdb()
    store.close()


async def _tabs(served, person) -> list[Tab]:
    cookie = person.sign_in()[0]
    return [await (await Tab(served, cookie, path="/probe").open()).loaded() for _ in range(TABS)]


def _change(balance: int) -> None:
    with base.writing() as connection:
        changing = update(_customer).where(_customer.c.id == ADA.customer_id)
        connection.execute(changing.values(balance=balance, revision=_customer.c.revision + 1))


async def _shows(tabs: list[Tab], balance: int, seconds: float) -> bool:
    told = [tab.until(lambda shown: shown.vars["balance"] == balance, seconds) for tab in tabs]
    return all(await asyncio.gather(*told))


async def test_when_a_change_is_announced_then_the_tabs_of_both_workers_show_it_at_once(served):
    tabs = await _tabs(served, ADA)

    _change(77)
    bus.announce("customer.changed", id=ADA.customer_id)

    assert await _shows(tabs, 77, 3)
    await asyncio.gather(*(tab.close() for tab in tabs))


async def test_given_a_lost_announcement_when_something_changes_then_the_poll_finds_it(served):
    tabs = await _tabs(served, ADA)

    _change(78)

    assert await _shows(tabs, 78, 12)
    await asyncio.gather(*(tab.close() for tab in tabs))


async def test_when_sessions_are_revoked_then_the_tabs_of_both_workers_close(served):
    hers, beas = await _tabs(served, ADA), (await _tabs(served, BEA))[:1]
    began = time.monotonic()

    sessions.end_all_of(customer_id=ADA.customer_id)
    closed = await asyncio.gather(*(tab.is_closed(10) for tab in hers))

    assert all(closed)
    assert time.monotonic() - began < 10
    assert {tab.vars["session_state"] for tab in hers} == {"revoked"}
    assert not beas[0].closed.is_set()
    await beas[0].close()


async def test_when_ada_reconnects_then_her_state_is_there_on_any_worker(served):
    cookie = ADA.sign_in()[0]
    tab = await (await Tab(served, cookie, path="/probe").open()).loaded()
    await tab.send(f"{PROBE}.type", text="half a sentence")
    assert await tab.until(lambda shown: shown.vars.get("typed") == "half a sentence")
    token = tab.token

    for _ in range(6):
        await tab.close()
        await asyncio.sleep(0.2)
        tab = await (await Tab(served, cookie, token=token, path="/probe").open()).loaded()
        assert tab.vars["typed"] == "half a sentence"
    await tab.close()


async def test_given_another_cookie_when_adas_token_is_used_then_it_opens_another_state(served):
    tab = await (await Tab(served, ADA.sign_in()[0], path="/probe").open()).loaded()
    await tab.close()

    thief = await (await Tab(served, BEA.sign_in()[0], token=tab.token, path="/probe").open()).loaded()

    assert ADA.name not in thief.said()
    await thief.close()


def test_when_redis_is_read_then_no_cookie_is_there(served):
    cookie, _ = ADA.sign_in()
    with served.http(cookie) as browser:
        browser.get("/brand.css")
    store = redis.Redis.from_url(REDIS)

    kept = b"".join(store.get(key) or b"" for key in store.scan_iter("*") if store.type(key) == b"string")

    assert kept
    assert cookie.encode() not in kept
