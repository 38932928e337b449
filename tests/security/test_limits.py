"""How often somebody may ask: as configured, after a restart, across processes, and when the store is away."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest
import redis
import time_machine
from sqlalchemy import select, text

from portal_app.environment import environment
from portal_app.kit.errors import TooManyRequests
from portal_app.models import base
from portal_app.models.access import RateCounter
from portal_app.security import rate_limits
from portal_app.security.rate_limits import LINK_EVERYWHERE, LINK_PER_MAILBOX, LINK_PER_NETWORK, REDEEM_PER_NETWORK
from portal_app.security.visitor import SYSTEM
from portal_app.services import sign_in
from portal_app.services.desk import open_desk
from portal_app.services.sign_in import Asking

REDIS = "redis://127.0.0.1:6379/9"
NOBODY_LISTENS = "redis://127.0.0.1:12229/0"


@pytest.fixture(autouse=True)
def fresh_limiter():
    rate_limits._limiter.cache_clear()
    yield
    rate_limits._limiter.cache_clear()


def taken(limit, key="k", tries=50) -> int:
    """How many of `tries` pass."""
    passed = 0
    for _ in range(tries):
        try:
            rate_limits.limiter().take(limit, key)
            passed += 1
        except TooManyRequests:
            pass
    return passed


def asked(email="ada@example.com", network="198.51.100.1") -> bool:
    try:
        with open_desk(actor=SYSTEM) as desk:
            sign_in.ask_for_link(desk, Asking("customer", email, network))
    except TooManyRequests:
        return False
    return True


@pytest.mark.parametrize(
    ("limit", "amount"),
    [(LINK_PER_MAILBOX, 3), (LINK_PER_NETWORK, 10), (LINK_EVERYWHERE, 300), (REDEEM_PER_NETWORK, 10)],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_limit_lets_through_what_it_says_and_nothing_more(each_database, limit, amount):
    assert taken(limit, tries=amount + 5) == amount


def test_when_many_ask_at_once_then_no_more_pass_than_the_limit_says(each_database):
    with ThreadPoolExecutor(20) as pool:
        passed = sum(pool.map(lambda _: taken(LINK_PER_NETWORK, tries=5), range(20)))

    assert passed == LINK_PER_NETWORK.amount


def test_given_a_full_window_when_it_ends_then_asking_works_again(each_database):
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        assert taken(LINK_PER_MAILBOX) == 3
        with pytest.raises(TooManyRequests) as refusal:
            rate_limits.limiter().take(LINK_PER_MAILBOX, "k")
        assert refusal.value.retry_after_seconds == 900

        clock.shift(899)
        assert taken(LINK_PER_MAILBOX) == 0
        clock.shift(1)
        assert taken(LINK_PER_MAILBOX) == 3


def test_given_a_full_window_when_the_process_starts_anew_then_it_is_still_full(each_database):
    assert taken(LINK_PER_MAILBOX) == 3
    code = (
        "from portal_app.security.rate_limits import limiter, LINK_PER_MAILBOX\n"
        "from portal_app.kit.errors import TooManyRequests\n"
        "try:\n    limiter().take(LINK_PER_MAILBOX, 'k')\n    print('passed')\n"
        "except TooManyRequests:\n    print('refused')\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "refused"


def test_given_the_database_is_away_when_somebody_asks_then_the_process_counts_by_itself(database):
    with base.engine().begin() as connection:
        connection.execute(text("drop table rate_counter"))

    assert taken(LINK_PER_MAILBOX) == 3


def test_given_redis_does_not_answer_when_somebody_asks_then_the_process_counts_by_itself(database, monkeypatch):
    monkeypatch.setenv("REDIS_URL", NOBODY_LISTENS)
    environment.cache_clear()

    assert taken(LINK_PER_MAILBOX) == 3


def test_given_redis_when_two_processes_ask_then_they_share_the_limit(database, monkeypatch):
    server = redis.Redis.from_url(REDIS, socket_connect_timeout=1)
    try:
        server.flushdb()
    except redis.RedisError:
        pytest.skip("no Redis on 127.0.0.1:6379")
    monkeypatch.setenv("REDIS_URL", REDIS)
    environment.cache_clear()

    assert taken(LINK_PER_MAILBOX, tries=2) == 2
    rate_limits._limiter.cache_clear()
    assert taken(LINK_PER_MAILBOX) == 1
    server.flushdb()


def test_the_store_keeps_no_address(database):
    taken(LINK_PER_MAILBOX, "ada@example.com", tries=1)

    with base.reading() as connection:
        keys = connection.scalars(select(RateCounter.__table__.c.key)).all()
    assert len(keys) == 1
    assert "ada" not in keys[0]


def test_given_the_demo_when_somebody_shows_it_around_then_the_limits_leave_room(database, monkeypatch):
    monkeypatch.setenv("PORTAL_MODE", "demo")
    environment.cache_clear()

    assert taken(LINK_PER_MAILBOX, tries=80) == 60


def test_when_a_mailbox_is_asked_for_again_and_again_then_three_mails_go_out(each_database):
    assert [asked(network=f"198.51.100.{n}") for n in range(6)] == [True] * 3 + [False] * 3


def test_when_one_mailbox_is_spelled_differently_then_the_limit_holds(each_database):
    spellings = ["ada@gmail.com", "a.da@gmail.com", "ADA+1@gmail.com", "ada@googlemail.com", "a.d.a+x@googlemail.com"]

    passed = [asked(email, network=f"198.51.100.{n}") for n, email in enumerate(spellings)]

    assert passed == [True] * 3 + [False] * 2


def test_when_one_network_asks_for_many_mailboxes_then_ten_an_hour_go_out(each_database):
    assert sum(asked(f"p{n}@example.com") for n in range(15)) == 10


def test_given_a_network_that_has_asked_too_often_when_it_goes_on_then_no_strangers_mailbox_is_spent(each_database):
    for number in range(10):
        asked(f"p{number}@example.com")

    for _ in range(20):
        assert not asked("ada@example.com")

    assert asked("ada@example.com", network="192.0.2.9")


def test_when_everybody_together_asks_too_often_then_even_new_ones_wait(database):
    people = product(range(40), range(10))

    passed = sum(asked(f"p{a}x{b}@example.com", network=f"10.1.{a}.{b % 3}") for a, b in people)

    assert passed == 300
