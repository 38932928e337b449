"""Links and codes: one sign-in each, for whoever may, in the browser that may."""

import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine
from sqlalchemy import delete, func, select, update

from portal_app.kit.errors import TooManyRequests
from portal_app.models.access import RateCounter, Session, SignInRequest
from portal_app.models.mirror import Customer
from portal_app.security import magic_links
from portal_app.security.signing import hashed
from portal_app.security.visitor import SYSTEM
from portal_app.services import entry
from portal_app.services.desk import open_desk
from portal_app.services.entry import Entered, Refused
from tests.cast import ADA, BEA, let_in
from tests.letters import a_letter, ask, elsewhere

_session = Session.__table__
_request = SignInRequest.__table__
_DEAD_LINK = Refused("link")
THREADS = 100
ROUNDS = 50 if os.environ.get("PORTAL_DEEP") == "1" else 3


def sessions_open(desk) -> int:
    return desk.value(select(func.count()).select_from(_session))


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_given_one_link_when_it_is_redeemed_a_hundred_times_at_once_then_one_session_opens(each_database, round_number):
    let_in(ADA)
    with open_desk(actor=SYSTEM) as desk:
        token = a_letter(desk, ADA.email).token
    start = Barrier(THREADS)

    def redeem(number: int):
        start.wait()
        with open_desk() as desk:
            # Each from a network of its own: the limit is not what is tried here.
            return entry.enter_by_link(desk, token, elsewhere(f"203.0.113.{number}"))

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = list(pool.map(redeem, range(THREADS)))

    assert sum(isinstance(outcome, Entered) for outcome in outcomes) == 1
    assert outcomes.count(_DEAD_LINK) == THREADS - 1
    with open_desk() as desk:
        assert sessions_open(desk) == 1


def test_given_link_and_code_when_both_are_redeemed_at_once_then_one_session_opens(each_database):
    let_in(ADA)
    with open_desk(actor=SYSTEM) as desk:
        letter = a_letter(desk, ADA.email)
    start = Barrier(20)

    def redeem(number: int):
        start.wait()
        with open_desk() as desk:
            if number % 2:
                return entry.enter_by_link(desk, letter.token, elsewhere(f"203.0.113.{number}"))
            return entry.enter_by_code(desk, letter.code, letter.browser)

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(redeem, range(20)))

    assert sum(isinstance(outcome, Entered) for outcome in outcomes) == 1


def used(desk, letter):
    assert isinstance(entry.enter_by_link(desk, letter.token, elsewhere()), Entered)
    return letter.token


def superseded(desk, letter):
    ask(desk, ADA.email)
    return letter.token


def of_a_deleted_customer(desk, letter):
    with desk.transaction():
        desk.run(update(Customer.__table__).where(Customer.__table__.c.id == ADA.customer_id).values(is_deleted=True))
    return letter.token


def of_an_address_that_was_changed(desk, letter):
    with desk.transaction():
        desk.run(update(Customer.__table__).where(Customer.__table__.c.id == ADA.customer_id).values(email="new@x.org"))
    return letter.token


@pytest.mark.parametrize(
    "kill",
    [
        used,
        superseded,
        of_a_deleted_customer,
        of_an_address_that_was_changed,
        lambda desk, letter: "",
        lambda desk, letter: letter.token[:-1],
        lambda desk, letter: letter.token + "A",
        lambda desk, letter: letter.token.swapcase(),
        lambda desk, letter: "ä" * 43,
        lambda desk, letter: letter.token[:-1] + "\x00",
        lambda desk, letter: secrets.token_urlsafe(32),
        lambda desk, letter: hashed(letter.token),
    ],
)
def test_given_a_link_that_is_no_longer_good_when_it_is_redeemed_then_the_answer_is_always_the_same(
    each_database, kill
):
    let_in(ADA, BEA)
    with open_desk(actor=SYSTEM) as desk:
        letter = a_letter(desk, ADA.email)
        token = kill(desk, letter)
        before = sessions_open(desk)

        outcome = entry.enter_by_link(desk, token, elsewhere())

        assert outcome == _DEAD_LINK
        assert sessions_open(desk) == before


@pytest.mark.parametrize(
    ("seconds", "opens"),
    [(magic_links.LIFETIME_SECONDS - 1, True), (magic_links.LIFETIME_SECONDS, False), (-10, False)],
)
def test_given_a_link_when_it_is_redeemed_at_the_edge_of_its_life_then_only_a_second_decides(database, seconds, opens):
    let_in(ADA)
    with open_desk(actor=SYSTEM) as desk, time_machine.travel(1_800_000_000, tick=False) as clock:
        letter = a_letter(desk, ADA.email)
        clock.shift(seconds)

        outcome = entry.enter_by_link(desk, letter.token, letter.browser)

        assert isinstance(outcome, Entered) is opens


def test_when_a_link_is_looked_at_again_and_again_then_it_still_opens(database):
    let_in(ADA)
    with open_desk(actor=SYSTEM) as desk:
        letter = a_letter(desk, ADA.email)

        seen = [entry.find_invitation(desk, letter.token, elsewhere()) for _ in range(30)]

        assert all(seen)
        assert isinstance(entry.enter_by_link(desk, letter.token, elsewhere()), Entered)


def test_when_a_link_is_opened_in_another_browser_then_the_address_is_masked_there(database):
    let_in(ADA)
    with open_desk(actor=SYSTEM) as desk:
        letter = a_letter(desk, ADA.email)

        here = entry.find_invitation(desk, letter.token, letter.browser)
        there = entry.find_invitation(desk, letter.token, elsewhere())

    assert (here.email, here.is_asking_browser) == ("ada@example.com", True)
    assert (there.email, there.is_asking_browser) == ("a•••@example.com", False)


def test_when_the_code_is_typed_in_another_browser_then_it_opens_nothing_and_costs_the_owner_no_try(database):
    let_in(ADA)
    with open_desk(actor=SYSTEM) as desk:
        letter = a_letter(desk, ADA.email)
        stranger = ask(desk, "mallory@example.org")

        outcomes = [entry.enter_by_code(desk, letter.code, browser) for browser in (elsewhere(), stranger)]

        assert all(isinstance(outcome, Refused) for outcome in outcomes)
        assert isinstance(entry.enter_by_code(desk, letter.code, letter.browser), Entered)


@pytest.mark.parametrize("email", [ADA.email, "nobody@example.com"])
def test_when_wrong_codes_are_typed_then_five_tries_are_counted_whether_or_not_there_is_a_code(database, email):
    let_in(ADA)
    with open_desk(actor=SYSTEM) as desk:
        letter = a_letter(desk, email)
        wrong = "000000" if letter.code != "000000" else "000001"

        answers = [entry.enter_by_code(desk, wrong, letter.browser) for _ in range(6)]

        assert answers == [*(Refused("code", left) for left in (4, 3, 2, 1, 0)), Refused("code_over")]


def test_given_five_wrong_codes_when_the_right_one_follows_then_it_opens_nothing_but_the_link_does(database):
    let_in(ADA)
    with open_desk(actor=SYSTEM) as desk:
        letter = a_letter(desk, ADA.email)
        for _ in range(5):
            entry.enter_by_code(desk, "000000" if letter.code != "000000" else "000001", letter.browser)

        assert entry.enter_by_code(desk, letter.code, letter.browser) == Refused("code_over")
        assert isinstance(entry.enter_by_link(desk, letter.token, letter.browser), Entered)


def test_given_one_right_code_when_a_hundred_wrong_ones_come_at_once_then_no_more_than_five_are_tried(each_database):
    let_in(ADA)
    with open_desk(actor=SYSTEM) as desk:
        letter = a_letter(desk, ADA.email)
    start = Barrier(40)

    def guess(number: int):
        start.wait()
        with open_desk() as desk:
            try:
                return entry.enter_by_code(desk, f"{number:06d}", letter.browser)
            except TooManyRequests:
                return None

    with ThreadPoolExecutor(40) as pool:
        list(pool.map(guess, range(40)))

    with open_desk() as desk:
        assert desk.value(select(_request.c.tries)) <= magic_links.CODE_TRIES


@pytest.mark.parametrize("typed", ["{code}", " {code} ", "{a} {b}", "{a}-{b}", "{a}\n{b}"])
def test_when_the_code_is_pasted_as_people_do_then_it_opens(database, typed):
    let_in(ADA)
    with open_desk(actor=SYSTEM) as desk:
        letter = a_letter(desk, ADA.email)
        code = letter.code

        outcome = entry.enter_by_code(desk, typed.format(code=code, a=code[:3], b=code[3:]), letter.browser)

        assert isinstance(outcome, Entered)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "12345a", "١٢٣", "\x00" * 6, "1" * 100_000])
def test_when_something_else_than_six_digits_is_typed_then_it_costs_no_try(database, typed):
    let_in(ADA)
    with open_desk(actor=SYSTEM) as desk:
        letter = a_letter(desk, ADA.email)

        assert entry.enter_by_code(desk, typed, letter.browser) == Refused("code_shape")
        assert desk.value(select(_request.c.tries)) == 0


def test_when_links_are_guessed_then_none_opens_and_the_network_is_told_to_wait(database):
    let_in(ADA)
    with open_desk(actor=SYSTEM) as desk:
        a_letter(desk, ADA.email)

        for _ in range(10):
            assert entry.enter_by_link(desk, secrets.token_urlsafe(32), elsewhere()) == _DEAD_LINK
        with pytest.raises(TooManyRequests) as refusal:
            entry.enter_by_link(desk, secrets.token_urlsafe(32), elsewhere())

        assert 0 < refusal.value.retry_after_seconds <= 300
        assert sessions_open(desk) == 0


def test_given_a_network_that_guessed_when_somebody_there_has_a_good_link_then_others_still_come_in(database):
    let_in(ADA)
    with open_desk(actor=SYSTEM) as desk:
        letter = a_letter(desk, ADA.email)
        for _ in range(10):
            entry.enter_by_link(desk, secrets.token_urlsafe(32), elsewhere())

        with pytest.raises(TooManyRequests):
            entry.enter_by_link(desk, letter.token, elsewhere())
        assert isinstance(entry.enter_by_link(desk, letter.token, elsewhere("192.0.2.1")), Entered)


def test_when_many_come_in_from_one_office_then_good_links_count_against_nobody(database):
    let_in(ADA)
    with open_desk(actor=SYSTEM) as desk:
        for _ in range(15):
            letter = a_letter(desk, ADA.email)
            assert isinstance(entry.enter_by_link(desk, letter.token, letter.browser), Entered)
            forget_link_limits(desk)


def forget_link_limits(desk) -> None:
    with desk.transaction():
        desk.run(delete(RateCounter.__table__).where(RateCounter.__table__.c.key.contains("portal/link")))
