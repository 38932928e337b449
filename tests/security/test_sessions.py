"""How long a session lives, what prolongs it and what ends it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from portal_app.models import base
from portal_app.models.access import Session, Staff
from portal_app.security import sessions
from portal_app.security.policy import judge
from tests.cast import ADA, BEA, EVERYBODY, MIA, let_in
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
