"""The worker as it runs: quick to hear, alive by its own sign, and gone in an orderly way."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import select

from portal_app.models import base
from portal_app.models.journal import Job, WebhookEvent
from portal_app.models.mirror import Customer
from portal_app.services import readiness
from portal_app.services.desk import open_desk
from portal_app.services.jobs import enqueue
from portal_app.services.operations import RECONCILE
from portal_app.tasks import worker
from portal_app.tasks.handlers import HANDLERS
from portal_app.tasks.operations import KINDS
from portal_app.tasks.worker import Worker
from tests.equal import differences
from tests.merchant import a_customer, a_subscription, rename
from tests.world import receive

_customers = Customer.__table__
_events = WebhookEvent.__table__
_jobs = Job.__table__


@contextmanager
def a_worker() -> Iterator[Worker]:
    """A worker with all its threads in this process."""
    made = Worker()
    thread = threading.Thread(target=made.run)
    thread.start()
    try:
        yield made
    finally:
        made.end()
        thread.join(15)
        assert not thread.is_alive()


def seconds_until(question: Callable[[], object], most: float = 20.0) -> float:
    """How long it took; processes and threads are real here."""
    start = time.monotonic()
    while not question():
        assert time.monotonic() - start < most, "it did not happen"
        time.sleep(0.01)
    return time.monotonic() - start


def name_of(customer_id: str) -> str | None:
    with base.reading() as connection:
        return connection.execute(select(_customers.c.name).where(_customers.c.id == customer_id)).scalar()


def put(key: str, kind: str = "test") -> None:
    with open_desk() as desk, desk.transaction():
        enqueue(desk, kind, key, {"key": key})


def states(table) -> set[str]:
    with base.reading() as connection:
        return set(connection.execute(select(table.c.state)).scalars())


def test_when_stripe_tells_something_then_the_mirror_knows_it_before_anybody_could_reload(database, account):
    customer_id = a_customer(account, card="")
    took = []
    with a_worker():
        for number in range(5):
            name = rename(account, customer_id, f"Ada {number}")
            receive(account.events()[-1:])
            took.append(seconds_until(lambda wanted=name: name_of(customer_id) == wanted))

    # The slowest is asked of Stripe again, at most once a second, because its second is not over.
    assert sorted(took)[len(took) // 2] < 1.6


def test_when_a_worker_runs_then_the_portal_is_ready_and_when_it_is_silent_it_is_not(database):
    with open_desk() as desk:
        before = readiness.problems(desk)

    with a_worker():
        seconds_until(lambda: "worker_silent" not in _problems())

    assert "worker_silent" in before


def _problems() -> list[str]:
    with open_desk() as desk:
        return readiness.problems(desk)


def test_given_a_job_is_being_done_when_the_worker_is_to_end_then_it_is_finished_first(database, monkeypatch):
    begun, may_end = threading.Event(), threading.Event()

    def slow(desk, payload):
        begun.set()
        assert may_end.wait(5)

    monkeypatch.setitem(HANDLERS, "test", slow)
    put("a")
    with a_worker() as running:
        assert begun.wait(5)
        running.end()
        put("b")
        may_end.set()

    with base.reading() as connection:
        left = {row.key: row.state for row in connection.execute(select(_jobs).where(_jobs.c.kind == "test"))}
    assert left == {"a": "done", "b": "queued"}


def test_given_the_database_is_in_trouble_when_it_is_well_again_then_the_worker_goes_on(database, monkeypatch, caplog):
    real, troubles = worker.hear, []

    def hear(gateway=None):
        if len(troubles) < 2:
            troubles.append(1)
            raise OSError("disk full")
        return real(gateway)

    monkeypatch.setattr(worker, "hear", hear)
    monkeypatch.setattr(worker, "_AFTER_TROUBLE_SECONDS", 0.05)
    done = threading.Event()
    monkeypatch.setitem(HANDLERS, "test", lambda desk, payload: done.set())
    with a_worker():
        seconds_until(lambda: len(troubles) == 2)
        put("a")

        assert done.wait(5)


def test_given_a_long_job_when_its_lease_would_end_then_it_is_renewed(database, monkeypatch):
    monkeypatch.setattr(worker, "_RENEW_SECONDS", 0.05)
    leases = []

    def slow(desk, payload):
        with base.reading() as connection:
            first = connection.execute(select(_jobs.c.lease_until).where(_jobs.c.kind == "test")).scalar()
        leases.append(first)
        seconds_until(lambda: _lease() > first)

    monkeypatch.setitem(HANDLERS, "test", slow)
    put("a")
    with a_worker():
        seconds_until(lambda: states(_jobs.alias("j")) >= {"done"})

    assert len(leases) == 1


def _lease():
    with base.reading() as connection:
        return connection.execute(select(_jobs.c.lease_until).where(_jobs.c.kind == "test")).scalar()


def test_given_workers_are_killed_while_they_hear_when_others_go_on_then_the_mirror_ends_as_stripe_is(
    database, account
):
    customer_ids = [a_customer(account) for _ in range(4)]
    for customer_id in customer_ids:
        a_subscription(account, customer_id)
        for _ in range(10):
            rename(account, customer_id)
    told = account.events() * 2
    random.Random(5).shuffle(told)
    running: list[subprocess.Popen] = []

    def start() -> None:
        command = [sys.executable, "-m", "portal_app.tasks.worker"]
        running.append(subprocess.Popen(command, env={**os.environ}, stderr=subprocess.DEVNULL))

    def waiting() -> int:
        with base.reading() as connection:
            return len(connection.execute(select(_events.c.id).where(_events.c.state == "received")).all())

    def unfinished() -> bool:
        is_open = _jobs.c.state.in_(("queued", "running")) & (_jobs.c.kind == "mirror.fetch")
        with base.reading() as connection:
            return waiting() > 0 or connection.execute(select(_jobs.c.id).where(is_open)).first() is not None

    try:
        for part in (told[: len(told) // 2], told[len(told) // 2 :]):
            start()
            receive(part)
            seconds_until(lambda: waiting() == 0, 60)
            running[-1].send_signal(signal.SIGKILL)
            running[-1].wait()
        _end_leases()
        start()
        seconds_until(lambda: not unfinished(), 90)
        running[-1].send_signal(signal.SIGTERM)
        assert running[-1].wait(15) == 0
    finally:
        for process in running:
            process.kill()
            process.wait()

    assert differences(account) == []


def _end_leases() -> None:
    """As if the minute of a dead worker's lease had passed."""
    with base.writing() as connection:
        soon = select(_jobs.c.created_at).where(_jobs.c.id == _jobs.c.id).limit(1).scalar_subquery()
        connection.execute(_jobs.update().where(_jobs.c.state == "running").values(lease_until=soon))


def test_when_an_operation_exists_in_the_services_then_the_worker_can_finish_it():
    assert RECONCILE in HANDLERS
    assert {"subscription.cancel", "subscription.undo_cancel"} <= set(KINDS)
    assert all(kind.name == name for name, kind in KINDS.items())
