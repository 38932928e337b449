"""The lease table: each job done, none lost, none done by two at once."""

import os
import threading
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from portal_app.kit.clock import now
from portal_app.kit.errors import GatewayError
from portal_app.models import base
from portal_app.models.journal import Fact, Job
from portal_app.services.desk import open_desk
from portal_app.services.jobs import BULK, URGENT, enqueue
from portal_app.tasks import jobs, worker
from portal_app.tasks.handlers import HANDLERS
from portal_app.tasks.jobs import LEASE

IS_DEEP = bool(os.environ.get("PORTAL_DEEP"))
_jobs = Job.__table__
_facts = Fact.__table__


def put(key: str, kind: str = "test", after: timedelta | None = None, **given) -> None:
    with open_desk() as desk, desk.transaction():
        enqueue(desk, kind, key, given.pop("payload", {"key": key}), now() + after if after else None, **given)


def rows(**wanted) -> list:
    with base.reading() as connection:
        return list(connection.execute(select(_jobs).filter_by(**wanted).order_by(_jobs.c.id)))


def one():
    [row] = rows()
    return row


def test_when_a_job_is_enqueued_then_it_exists_only_if_the_transaction_does(each_database):
    def half() -> None:
        with open_desk() as desk, desk.transaction():
            enqueue(desk, "test", "a", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    put("b")

    assert [row.key for row in rows()] == ["b"]


def test_when_the_same_is_enqueued_again_then_one_job_waits_with_the_newest_payload_and_the_earliest_moment(
    each_database,
):
    put("a", after=timedelta(hours=1), payload={"n": 1})
    put("a", payload={"n": 2}, priority=URGENT)
    put("a", after=timedelta(hours=2), payload={"n": 3}, priority=BULK)

    assert (one().payload, one().priority, one().is_dirty) == ({"n": 3}, URGENT, False)
    assert one().run_after <= now()


def test_when_jobs_wait_then_the_urgent_one_is_first_and_the_future_is_left_alone(each_database):
    put("bulk", priority=BULK)
    put("later", after=timedelta(minutes=1), priority=URGENT)
    put("urgent", priority=URGENT)

    taken = [jobs.claim("me").key, jobs.claim("me").key, jobs.claim("me")]

    assert taken == ["urgent", "bulk", None]


def test_when_a_job_is_done_then_it_is_not_done_again(each_database):
    put("a")

    assert jobs.finish(jobs.claim("me"))

    assert (one().state, jobs.claim("me")) == ("done", None)


def test_given_it_runs_when_it_is_enqueued_again_then_it_runs_once_more(each_database):
    put("a", payload={"n": 1})
    job = jobs.claim("me")
    put("a", payload={"n": 2})
    put("a", payload={"n": 3})

    jobs.finish(job)
    again = jobs.claim("me")

    assert (again.payload, again.attempt) == ({"n": 3}, 1)
    assert len(rows()) == 1


def test_given_it_runs_when_it_is_enqueued_for_later_then_it_waits_for_that(each_database):
    put("a")
    job = jobs.claim("me")
    put("a", after=timedelta(hours=1))

    jobs.finish(job)

    assert one().state == "queued"
    assert one().run_after > now() + timedelta(minutes=59)


def test_given_it_runs_and_fails_when_it_was_enqueued_again_then_nothing_is_lost(each_database):
    put("a")
    job = jobs.claim("me")
    put("a", payload={"n": 2})

    jobs.fail(job, GatewayError())

    assert (one().state, one().payload, one().attempts) == ("queued", {"n": 2}, 0)


def test_when_a_lease_ends_then_somebody_else_takes_the_job_and_the_first_can_no_longer_finish_it(each_database):
    put("a")
    first = jobs.claim("first")
    with time_machine.travel(now() + LEASE + timedelta(seconds=1)):
        assert jobs.release_expired() == 1
        second = jobs.claim("second")

        assert not jobs.finish(first)
        assert not jobs.fail(first, GatewayError())
        assert not jobs.renew(first)
        assert jobs.finish(second)
    assert (one().state, second.attempt) == ("done", 2)


def test_given_one_process_loses_a_lease_to_itself_when_the_first_try_ends_then_it_does_not_count(each_database):
    put("a")
    first = jobs.claim("me")
    with time_machine.travel(now() + LEASE + timedelta(seconds=1)):
        jobs.release_expired()
        second = jobs.claim("me")

        assert not jobs.finish(first)
        assert jobs.finish(second)


def test_when_a_lease_is_renewed_then_nobody_else_takes_the_job(each_database):
    put("a")
    job = jobs.claim("me")
    start = now()
    for seconds in (40, 80, 120):
        with time_machine.travel(start + timedelta(seconds=seconds)):
            assert jobs.release_expired() == 0
            assert jobs.renew(job)

    assert one().state == "running"


def test_when_a_job_fails_then_it_waits_longer_each_time_and_dies_in_the_end(each_database):
    put("a")
    waits, moment = [], now()
    for _ in range(30):
        with time_machine.travel(moment, tick=False):
            job = jobs.claim("me")
            jobs.fail(job, GatewayError("A sentence about ada@example.com"))
            if one().state == "dead":
                break
            waits.append((one().run_after - now()).total_seconds())
        moment += timedelta(seconds=waits[-1])

    assert [row.state for row in rows()] == ["dead"]
    assert len(waits) == one().max_attempts - 1
    assert all(0.75 * 2**n <= wait <= 1.25 * 2**n for n, wait in enumerate(waits[:9], 1))
    assert max(waits) <= 750
    assert one().last_error == "gateway_error"


def test_given_a_job_is_dead_when_the_same_is_enqueued_then_it_is_a_new_one(each_database):
    put("a")
    with base.writing() as connection:
        connection.execute(_jobs.update().values(state="dead"))

    put("a")

    assert [row.state for row in rows()] == ["dead", "queued"]


def test_given_a_job_takes_its_worker_along_each_time_when_leases_end_then_it_dies_and_the_others_live(each_database):
    put("poison", priority=URGENT)
    put("good")
    moment = now()
    for _ in range(one_of("poison").max_attempts):
        with time_machine.travel(moment):
            assert jobs.claim("me").key == "poison"
        moment += LEASE + timedelta(seconds=1)
        with time_machine.travel(moment):
            jobs.release_expired()

    with time_machine.travel(moment):
        assert jobs.claim("me").key == "good"
    assert (one_of("poison").state, one_of("poison").last_error) == ("dead", "lease_expired")


def one_of(key: str):
    [row] = rows(key=key)
    return row


def test_when_many_hands_take_jobs_then_each_job_is_taken_once(each_database):
    count = 1_000 if IS_DEEP else 120
    for number in range(count):
        put(f"job {number}")
    taken: list[str] = []

    def take(owner: str) -> None:
        while job := jobs.claim(owner):
            taken.append(job.key)
            jobs.finish(job)

    threads = [threading.Thread(target=take, args=(f"hand {number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # A hand that found nothing for a moment may have left early; what is left is taken now.
    take("the last")
    assert sorted(taken) == sorted(f"job {number}" for number in range(count))


def test_when_a_job_is_of_no_known_kind_then_it_is_kept_for_a_version_that_knows_it(database, caplog):
    put("a", kind="from.tomorrow")

    worker.do(jobs.claim("me"))

    assert (one().state, one().last_error) == ("queued", "KeyError")


def test_when_a_job_breaks_then_the_log_has_its_trace_and_the_row_only_a_name(database, monkeypatch, caplog):
    def breaks(desk, payload):
        raise ValueError("card 4242")

    monkeypatch.setitem(HANDLERS, "test", breaks)
    put("a")

    worker.do(jobs.claim("me"))

    assert one().last_error == "ValueError"
    assert "ValueError" in caplog.text
