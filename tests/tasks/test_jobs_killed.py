"""Workers die in the middle of their jobs; no job does."""

import os
import signal
import subprocess
import sys
import time

from sqlalchemy import select

from portal_app.models import base
from portal_app.models.journal import Fact, Job
from portal_app.services.desk import open_desk
from portal_app.services.jobs import enqueue

IS_DEEP = bool(os.environ.get("PORTAL_DEEP"))
_jobs = Job.__table__
_facts = Fact.__table__


def put(key: str) -> None:
    with open_desk() as desk, desk.transaction():
        enqueue(desk, "test", key, {"key": key})


def count_done() -> int:
    with base.reading() as connection:
        is_done = (_jobs.c.kind == "test") & (_jobs.c.state == "done")
        return len(connection.execute(select(_jobs.c.id).where(is_done)).all())


KILLABLE = """
import time
from sqlalchemy import insert
from portal_app.kit.clock import now
from portal_app.models.journal import Fact
from portal_app.tasks import jobs, worker
from portal_app.tasks.handlers import HANDLERS

def effect(desk, payload):
    time.sleep(0.02)
    with desk.transaction():
        desk.run(insert(Fact.__table__).values(name=f"{payload['key']} {time.time_ns()}", value="", changed_at=now()))
    time.sleep(0.02)

HANDLERS["test"] = effect
jobs.LEASE = jobs.LEASE / 60
worker._RENEW_SECONDS, worker._TICK_SECONDS = 0.3, 0.2
worker.main()
"""


def test_given_workers_are_killed_in_the_middle_when_others_go_on_then_no_job_is_lost(each_database):
    count, kills = (1_000, 5) if IS_DEEP else (60, 2)
    for number in range(count):
        put(f"job {number}")
    env = {**os.environ, "STRIPE_WEBHOOK_SECRET": ""}
    running: list[subprocess.Popen] = []
    hands = 4

    def start() -> None:
        command = [sys.executable, "-c", KILLABLE]
        running.append(subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL))

    def wait_for(wanted: int) -> None:
        deadline = time.monotonic() + 120
        while count_done() < wanted:
            assert time.monotonic() < deadline, f"{count_done()} of {wanted} done"
            time.sleep(0.02)

    try:
        start()
        for number in range(kills):
            wait_for((number + 1) * count // (kills + 2))
            running[-1].send_signal(signal.SIGKILL)
            running[-1].wait()
            start()
        wait_for(count)
        running[-1].send_signal(signal.SIGTERM)
        ended = running[-1].wait(15)
    finally:
        for process in running:
            process.kill()
            process.wait()

    with base.reading() as connection:
        effects = [row.name.rsplit(" ", 1)[0] for row in connection.execute(select(_facts.c.name)) if "job" in row.name]
    assert ended == 0
    assert set(effects) == {f"job {number}" for number in range(count)}
    assert len(effects) - count <= kills * hands
