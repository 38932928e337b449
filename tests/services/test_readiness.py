"""What keeps the portal from working is said in time, and no sooner."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from portal_app.services import jobs, readiness

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as moved:
        yield lambda **later: moved.move_to(NOON + timedelta(**later))


def test_given_no_worker_ever_when_asked_then_it_is_silent(desk):
    assert readiness.problems(desk) == ["worker_silent"]


def test_when_the_worker_stops_then_it_is_told_within_a_minute(each_desk, clock):
    readiness.beat(each_desk)
    clock(seconds=10)
    readiness.beat(each_desk)

    clock(seconds=55)
    soon = readiness.problems(each_desk)
    clock(seconds=56)
    late = readiness.problems(each_desk)

    assert soon == []
    assert late == ["worker_silent"]


def test_when_work_waits_for_five_minutes_then_the_queue_is_late(each_desk, clock):
    with each_desk.transaction():
        jobs.enqueue(each_desk, "sync", "sync:cus_ada", {})

    clock(minutes=5)
    readiness.beat(each_desk)
    soon = readiness.problems(each_desk)
    clock(minutes=5, seconds=1)
    late = readiness.problems(each_desk)

    assert soon == []
    assert late == ["queue_late"]


def test_given_work_for_tomorrow_when_asked_then_nothing_is_late(desk, clock):
    with desk.transaction():
        jobs.enqueue(desk, "remind", "remind:1", {}, NOON + timedelta(days=1))

    clock(hours=1)
    readiness.beat(desk)

    assert readiness.problems(desk) == []
