"""How long a session lives, what prolongs it, what ends it, and that its open tabs hear of it."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import time_machine
from sqlalchemy import select, update

from portal_app.models import base
from portal_app.models.access import Session, Staff
from portal_app.security import sessions
from portal_app.security.policy import judge
from tests.cast import ADA, BEA, EVERYBODY, MIA, let_in
from tests.security.client import SESSION, Tab
from tests.security.conftest import PROBE
from tests.services.portal_database import database

__all__ = ["database"]
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
_session = Session.__table__


@pytest.fixture
def at(database):
    let_in(*EVERYBODY)
    with time_machine.travel(NOON, tick=False) as clock:

        def go(**later: float) -> None:
            clock.move_to(NOON + timedelta(**later))

        yield go


def test_when_a_session_is_opened_then_only_its_hash_is_kept(at):
    cookie, session_id = ADA.sign_in(locale="de", zone="Europe/Berlin", user_agent="x" * 500)

    with base.reading() as connection:
        row = connection.execute(select(_session)).one()

    assert len(cookie) == 43
    assert cookie not in str(row)
    assert len(row.user_agent) == 200
    found = sessions.find_by_cookie(cookie)
    assert (found.id, found.customer_id, found.locale, found.zone) == (session_id, "cus_ada", "de", "Europe/Berlin")


@pytest.mark.parametrize(("person", "minutes"), [(ADA, 30), (MIA, 15)], ids=["customer", "staff"])
def test_when_nobody_does_anything_then_the_session_ends_after_its_idle_time(at, person, minutes):
    cookie, _ = person.sign_in()

    at(minutes=minutes, seconds=-1)
    just_before = sessions.find_by_cookie(cookie)
    at(minutes=minutes)
    just_then = sessions.find_by_cookie(cookie)

    assert just_before.seconds_left == 1
    assert just_then is None


def test_when_a_session_is_used_all_day_then_it_ends_after_twelve_hours(at):
    cookie, session_id = ADA.sign_in()
    for quarter in range(1, 48):
        at(minutes=15 * quarter)
        sessions.touch(session_id)

    at(hours=12, seconds=-1)
    just_before = sessions.find_by_cookie(cookie)
    at(hours=12)
    just_then = sessions.find_by_cookie(cookie)

    assert just_before is not None
    assert just_then is None


def test_when_the_clock_runs_backwards_then_a_session_is_refused_and_never_prolonged(at):
    _, opened = ADA.sign_in()
    at(minutes=20)
    sessions.touch(opened)

    at(minutes=19)
    before_its_last_use = sessions.find(opened)
    at(minutes=-1)
    before_it_began = sessions.find(opened)

    assert before_its_last_use is None
    assert before_it_began is None


def test_when_an_ended_session_is_touched_then_it_stays_ended(at):
    cookie, session_id = ADA.sign_in()
    sessions.end(session_id)

    sessions.touch(session_id)

    assert sessions.find_by_cookie(cookie) is None


def test_when_ada_signs_in_again_then_the_old_cookie_opens_nothing(at):
    old, session_id = ADA.sign_in()

    new, _ = ADA.sign_in(replaces=session_id)

    assert sessions.find_by_cookie(old) is None
    assert sessions.find_by_cookie(new) is not None


def test_when_a_sign_in_is_rolled_back_then_neither_the_new_session_nor_the_end_of_the_old_remains(at):
    old, session_id = ADA.sign_in()

    with base.writing() as connection:
        new, _ = ADA.sign_in(replaces=session_id, within=connection)
        connection.rollback()

    assert sessions.find_by_cookie(old) is not None
    assert sessions.find_by_cookie(new) is None


def test_when_all_of_adas_sessions_are_ended_but_one_then_beas_and_that_one_live(at):
    (_, first), (_, second), (_, kept), (_, beas) = (ADA.sign_in(), ADA.sign_in(), ADA.sign_in(), BEA.sign_in())

    ended = sessions.end_all_of(customer_id=ADA.customer_id, but=kept)

    assert sorted(ended) == sorted([first, second])
    assert set(sessions.find_many([first, second, kept, beas])) == {kept, beas}


def test_when_nobody_is_named_then_no_session_is_ended(at):
    _, session_id = MIA.sign_in()

    with pytest.raises(ValueError, match="name a customer"):
        sessions.end_all_of()

    assert sessions.find(session_id)


def test_when_a_member_of_staff_is_disabled_then_her_session_is_worth_nothing(at):
    cookie, _ = MIA.sign_in()

    with base.writing() as connection:
        connection.execute(update(Staff.__table__).values(disabled_at=NOON))

    assert sessions.find_by_cookie(cookie) is None


def test_when_a_quarter_of_an_hour_has_passed_since_the_proof_then_it_is_not_fresh(at):
    _, session_id = ADA.sign_in()

    at(minutes=15)
    fresh = judge("fresh", sessions.find(session_id))
    at(minutes=15, seconds=1)
    stale = judge("fresh", sessions.find(session_id))

    assert (fresh, stale) == ("allowed", "not_fresh")


@pytest.mark.parametrize(
    "change", [("set_zone", "Mars/Olympus"), ("set_locale", "xx"), ("set_zone", "../../etc/passwd")]
)
def test_when_an_unknown_zone_or_language_is_set_then_it_is_refused(at, change):
    name, value = change
    _, session_id = ADA.sign_in()

    with pytest.raises(ValueError, match="no "):
        getattr(sessions, name)(session_id, value)


# -- in open tabs ------------------------------------------------------------------------------------------------------


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
