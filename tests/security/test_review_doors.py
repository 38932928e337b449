"""What an attacker tried at the doors: sessions without end, codes over days, other spellings, words in errors."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from portal_app.environment import environment
from portal_app.http.demo import routes
from portal_app.kit import logs
from portal_app.kit.clock import now
from portal_app.models import base
from portal_app.models.portal import Picture
from portal_app.security import rate_limits, sessions
from portal_app.services import accounts, entry
from portal_app.services.entry import Browser, Entered, Refused
from tests.cast import ADA, let_in
from tests.letters import a_letter
from tests.mirrored import a_customer


def test_when_an_account_is_opened_again_and_again_then_the_session_still_ends_twelve_hours_after_the_proof(desk):
    let_in(ADA)
    cookie, _ = ADA.sign_in()
    start = now()

    for minute in range(20, 12 * 60, 20):
        with time_machine.travel(start + timedelta(minutes=minute)):
            live = sessions.find_by_cookie(cookie)
            desk.actor = live.as_visitor()
            cookie = entry.choose_account(desk, ADA.customer_id, "/", Browser("net", session_id=live.id)).cookie

    with time_machine.travel(start + timedelta(hours=12, seconds=1)):
        assert sessions.find_by_cookie(cookie) is None


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_when_a_stranger_guesses_codes_over_days_then_a_mailbox_gives_thirty_tries_a_day_and_its_link_works(
    desk, monkeypatch
):
    monkeypatch.setattr(rate_limits, "REDEEM_PER_NETWORK", rate_limits.Limit("redeem/test", 10_000, 300, 10_000))
    let_in(ADA)
    start, counted = now(), 0

    for ask in range(10):
        with time_machine.travel(start + timedelta(minutes=20 * ask)):
            letter = a_letter(desk, ADA.email)
            found = [entry.enter_by_code(desk, wrong(letter.code), letter.browser) for _ in range(5)]
            counted += sum(one.problem == "code" for one in found)

    with time_machine.travel(start + timedelta(minutes=200)):
        letter = a_letter(desk, ADA.email)
        assert entry.enter_by_code(desk, letter.code, letter.browser) == Refused("code_over")
        assert isinstance(entry.enter_by_link(desk, letter.token, letter.browser), Entered)
    assert counted == 30


def test_given_another_mailbox_is_much_alike_then_its_account_stays_apart(desk):
    a_customer(desk, "cus_eva", email="éva@example.com")
    a_customer(desk, "cus_other", email="ÉVA@example.com")

    assert [one.customer_id for one in accounts.list_for(desk, "éva@example.com")] == ["cus_eva"]


@pytest.mark.parametrize("spelling", ["Info@XN--MNCHEN-3YA.de", "info@MÜNCHEN.de", " info@münchen.de "])
def test_when_stripe_spells_an_address_in_another_way_then_its_owner_finds_the_account(desk, spelling):
    a_customer(desk, "cus_ada", email=spelling)

    assert [one.customer_id for one in accounts.list_for(desk, "info@münchen.de")] == ["cus_ada"]


def test_when_the_database_refuses_a_row_then_the_error_quotes_nothing_of_it(each_database):
    row = {"id": "a", "media_type": "Private Words", "width": 1, "height": 1, "content": b"", "created_at": now()}

    storing = insert(Picture.__table__).values(**row)
    with base.writing() as connection:
        connection.execute(storing)

    with base.writing() as connection, pytest.raises(IntegrityError) as caught:
        connection.execute(storing)

    assert "Private Words" not in str(caught.value)


@pytest.mark.parametrize("key", ["sk_live_abc", "rk_live_abc"])
@pytest.mark.parametrize("mode", ["demo", "development", "test"])
def test_given_a_live_key_then_there_is_no_demo_whatever_the_mode_says(monkeypatch, mode, key):
    monkeypatch.setenv("PORTAL_MODE", mode)
    monkeypatch.setenv("STRIPE_SECRET_KEY", key)
    environment.cache_clear()
    try:
        assert routes() == []
    finally:
        monkeypatch.undo()
        environment.cache_clear()


def test_when_an_address_stands_in_a_query_then_it_is_not_logged_either():
    text = logs.redact("/login?prefilled_email=ada.lovelace%40example.com&x=1")

    assert text == "/login?prefilled_email=[address]&x=1"
