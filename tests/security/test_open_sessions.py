"""What the open tabs of a session hear: the warning, its end, another language, another zone."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
from sqlalchemy import update

from portal_app.models import base
from portal_app.models.access import Session
from portal_app.security import sessions
from tests.cast import ADA, BEA
from tests.security.client import SESSION, Tab
from tests.security.conftest import PROBE

_session = Session.__table__


def _backdate(session_id: str, **ago: float) -> None:
    """Let time pass for one session of the running portal."""
    moment = datetime.now(UTC) - timedelta(**ago)
    with base.writing() as connection:
        connection.execute(
            update(_session).where(_session.c.id == session_id).values(seen_at=moment, created_at=moment)
        )


async def test_when_ada_signs_out_everywhere_then_every_tab_is_told_and_closed(served):
    opened = [ADA.sign_in() for _ in range(2)]
    tabs = [await (await Tab(served, cookie, path="/probe").open()).loaded() for cookie, _ in opened * 2]
    other = await (await Tab(served, BEA.sign_in()[0], path="/probe").open()).loaded()

    sessions.end_all_of(customer_id=ADA.customer_id)
    closed = await asyncio.gather(*(tab.is_closed(10) for tab in tabs))

    assert all(closed)
    assert {tab.vars["session_state"] for tab in tabs} == {"revoked"}
    assert not other.closed.is_set()
    await other.close()


async def test_when_a_session_has_ended_then_its_very_next_event_is_refused(served):
    cookie, session_id = ADA.sign_in()
    tab = await (await Tab(served, cookie, path="/probe").open()).loaded()
    seen = len(tab.frames)

    with base.writing() as connection:
        connection.execute(update(_session).where(_session.c.id == session_id).values(ended_at=datetime.now(UTC)))
    await tab.send(f"{PROBE}.type", text="after the end")

    assert await tab.is_closed(10)
    assert "after the end" not in tab.said(seen)
    again = await Tab(served, cookie, token=tab.token, path="/probe").open()
    await again.settle()
    assert ADA.name not in again.said()
    await again.close()


async def test_when_a_tab_only_pings_and_reloads_then_it_is_warned_and_closed(served):
    cookie, session_id = ADA.sign_in()
    tab = await (await Tab(served, cookie, path="/probe").open()).loaded()
    _backdate(session_id, minutes=28, seconds=1)

    warned = await tab.until(lambda shown: shown.vars.get("session_state") == "warning")
    seconds = tab.vars["session_seconds"]
    _backdate(session_id, minutes=29, seconds=57)
    for _ in range(5):
        await tab.io.emit("ping", namespace="/_event")
        await tab.send(f"{PROBE}.load")
        await asyncio.sleep(0.2)

    assert warned
    assert 100 < seconds <= 120
    assert await tab.is_closed(10)
    assert tab.vars["session_state"] == "ended"


async def test_when_ada_stays_then_all_her_tabs_put_the_warning_away(served):
    cookie, session_id = ADA.sign_in()
    tabs = [await (await Tab(served, cookie, path="/probe").open()).loaded() for _ in range(2)]
    _backdate(session_id, minutes=29)
    for tab in tabs:
        assert await tab.until(lambda shown: shown.vars.get("session_state") == "warning")

    await tabs[0].send(f"{SESSION}.stay")

    for tab in tabs:
        assert await tab.until(lambda shown: shown.vars.get("session_state") == "")
        assert not tab.closed.is_set()
        await tab.close()


async def test_when_ada_works_then_her_session_is_prolonged(served):
    cookie, session_id = ADA.sign_in()
    tab = await (await Tab(served, cookie, path="/probe").open()).loaded()
    _backdate(session_id, minutes=10)

    await tab.send(f"{PROBE}.load")
    await tab.settle()
    after_loading = sessions.find(session_id).seconds_left
    await tab.send(f"{PROBE}.type", text="busy")
    await tab.settle()
    after_typing = sessions.find(session_id).seconds_left

    assert after_loading < 21 * 60
    assert after_typing > 29 * 60
    await tab.close()


async def test_when_proof_is_not_fresh_then_a_sensitive_act_asks_for_it(served):
    cookie, session_id = ADA.sign_in()
    tab = await (await Tab(served, cookie, path="/probe").open()).loaded()
    with base.writing() as connection:
        stale = datetime.now(UTC) - timedelta(minutes=16)
        connection.execute(update(_session).where(_session.c.id == session_id).values(proved_at=stale))

    await tab.send(f"{PROBE}.spend")

    assert await tab.until(lambda shown: shown.vars.get("session_state") == "stale")
    assert tab.vars["door"] == "/login"
    assert tab.vars["typed"] == ""
    await tab.close()


async def test_when_a_language_is_chosen_then_the_page_is_said_anew(served):
    cookie, session_id = ADA.sign_in()
    tab = await (await Tab(served, cookie, path="/probe").open()).loaded()
    stranger = await (await Tab(served, path="/probe").open(headers={"Accept-Language": "fr,de;q=0.9"})).loaded()

    await tab.send(f"{SESSION}.choose_locale", locale="de")
    told = await tab.until(lambda shown: shown.vars.get("loads") == 2)
    await tab.send(f"{SESSION}.choose_locale", locale="../../x")

    assert told
    assert tab.vars["locale"] == "de"
    assert await tab.until(lambda shown: shown.vars.get("notice_code") == "invalid_input")
    assert sessions.find(session_id).locale == "de"
    await stranger.send(f"{SESSION}.load")
    assert await stranger.until(lambda shown: shown.vars.get("locale") == "de")
    await stranger.send(f"{SESSION}.choose_locale", locale="en")
    await stranger.settle()
    await stranger.send(f"{SESSION}.load")
    await stranger.settle()
    assert stranger.vars["locale"] == "en"
    await tab.close()
    await stranger.close()


async def test_when_the_browser_says_its_zone_then_the_session_has_it(served):
    cookie, session_id = ADA.sign_in()
    tab = await (await Tab(served, cookie, path="/probe").open()).loaded()

    await tab.send(f"{SESSION}.report_zone", zone="Mars/Olympus")
    await tab.send(f"{SESSION}.report_zone", zone="Asia/Tokyo")

    assert await tab.until(lambda shown: shown.vars.get("loads") == 2)
    assert sessions.find(session_id).zone == "Asia/Tokyo"
    await tab.close()


def test_given_a_planted_cookie_when_it_is_sent_then_it_is_nobody(served):
    answer = httpx.get(f"{served.origin}/admin/pictures", cookies={"portal": "planted-by-somebody-else"})

    assert answer.status_code in (401, 403, 404, 405)
