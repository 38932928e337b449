"""What is done again and again: missed events are fetched, old rows go, each tick comes once."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import insert, select
from sqlmodel.sql.sqltypes import UTCDateTime

from portal_app.kit.clock import now
from portal_app.models import base
from portal_app.models.access import RateCounter, SignInRequest
from portal_app.models.access import Session as SignedIn
from portal_app.models.journal import Job, WebhookEvent
from portal_app.services.desk import open_desk
from portal_app.tasks import housekeeping, schedule
from portal_app.tasks.handlers import HANDLERS
from tests.equal import differences
from tests.merchant import a_customer, a_subscription, rename
from tests.world import drain, receive

_jobs = Job.__table__
_events = WebhookEvent.__table__
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOBODY_THERE = "http://127.0.0.1:9/webhooks/stripe"


def sweep() -> None:
    with open_desk() as desk:
        housekeeping.sweep(desk, {})


def stored() -> set[str]:
    with base.reading() as connection:
        return set(connection.execute(select(_events.c.id)).scalars())


def jobs_of(kind: str) -> int:
    with base.reading() as connection:
        return len(connection.execute(select(_jobs.c.id).where(_jobs.c.kind == kind)).all())


def test_given_the_portal_was_down_when_it_sweeps_then_everything_missed_is_taken_in(each_database, account):
    account.gateway.create_webhook_endpoint(url=NOBODY_THERE)
    customer_id = a_customer(account)
    subscription_id = a_subscription(account, customer_id)
    for _ in range(5):
        rename(account, customer_id)
    account.stripe.v1.subscriptions.cancel(subscription_id)

    sweep()
    drain()

    assert differences(account) == []


def test_when_it_sweeps_again_then_nothing_is_taken_in_twice(database, account):
    account.gateway.create_webhook_endpoint(url=NOBODY_THERE)
    customer_id = a_customer(account, card="")
    sweep()
    first = stored()
    rename(account, customer_id)

    sweep()

    assert len(first) == 1
    assert len(stored()) == 2


def test_given_no_webhook_is_configured_when_it_sweeps_then_stripe_is_not_asked(database, account, monkeypatch):
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "")
    housekeeping.environment.cache_clear()
    account.gateway.create_webhook_endpoint(url=NOBODY_THERE)
    a_customer(account, card="")

    sweep()

    assert stored() == set()


OLD_AND_NEW = {
    "a job that is done": (_jobs, "id", {"state": "done"}, "finished_at", timedelta(days=1)),
    "a dead job": (_jobs, "id", {"state": "dead"}, "finished_at", timedelta(days=90)),
    "an event that was applied": (_events, "id", {"state": "applied"}, "received_at", timedelta(days=40)),
    "a session": (SignedIn.__table__, "id", {}, "seen_at", timedelta(days=30)),
    "a link": (SignInRequest.__table__, "id", {}, "expires_at", timedelta(days=7)),
    "a counter": (RateCounter.__table__, "key", {}, "expires_at", timedelta(0)),
}


@pytest.mark.parametrize("what", OLD_AND_NEW)
def test_when_it_cleans_then_what_is_old_goes_and_what_is_not_stays(each_database, what):
    table, key, given, moment, age = OLD_AND_NEW[what]

    def row(number: int, at: datetime) -> dict:
        made = {column.name: _blank(column, number) for column in table.c}
        return {**made, **given, moment: at.timestamp() if table.name == "rate_counter" else at}

    with base.writing() as connection:
        connection.execute(
            insert(table), [row(1, NOON - age - timedelta(seconds=1)), row(2, NOON - age + timedelta(seconds=1))]
        )

    with time_machine.travel(NOON, tick=False), open_desk() as desk:
        housekeeping.clean(desk, {})

    with base.reading() as connection:
        assert [str(left) for left in connection.execute(select(table.c[key])).scalars()] == ["2"]


def _blank(column, number: int):
    kind = column.type.python_type
    if column.name in ("id", "key", "token_hash", "cookie_hash"):
        return number if kind is int else str(number)
    if isinstance(column.type, UTCDateTime):
        return NOON
    return {int: 0, float: 0.0, bool: False, bytes: b"", dict: {}}.get(kind, "")


def test_given_an_event_still_waits_when_it_cleans_then_it_stays_however_old_it_is(database, account):
    a_customer(account, card="")
    with time_machine.travel(now() - timedelta(days=60)):
        receive(account.events())

    with open_desk() as desk:
        housekeeping.clean(desk, {})

    assert len(stored()) == 1


def test_when_several_workers_look_at_the_clock_then_each_slot_is_enqueued_once(each_database):
    def look() -> None:
        with open_desk() as desk:
            schedule.tick(desk)

    with time_machine.travel(NOON, tick=False):
        threads = [threading.Thread(target=look) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert (jobs_of(housekeeping.SWEEP), jobs_of(housekeeping.CLEAN), jobs_of("mirror.repair")) == (1, 1, 0)


def test_when_a_day_goes_by_then_everything_had_its_turn(database, account):
    def finish() -> None:
        with base.writing() as connection:
            connection.execute(_jobs.update().values(state="done"))

    for minutes in range(0, 24 * 60, 5):
        with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False), open_desk() as desk:
            schedule.tick(desk)
            finish()

    assert jobs_of(housekeeping.SWEEP) == 144
    assert jobs_of(housekeeping.CLEAN) == 24
    assert jobs_of("mirror.repair") == 1


def test_when_something_is_scheduled_then_somebody_knows_how_to_do_it():
    assert {tick.kind for tick in schedule.TICKS} <= set(HANDLERS)
