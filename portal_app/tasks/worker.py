"""The worker process: hears events, does jobs, keeps time; any number of them may run on one database."""

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from secrets import token_hex
from time import monotonic

from portal_app.environment import environment
from portal_app.gateway.port import Gateway
from portal_app.kit import logs
from portal_app.kit.errors import PortalError
from portal_app.security.visitor import SYSTEM
from portal_app.services import demo, readiness, sync
from portal_app.services.desk import open_desk
from portal_app.tasks import jobs, schedule
from portal_app.tasks.handlers import HANDLERS
from portal_app.tasks.jobs import Claimed

log = logging.getLogger(__name__)

_IDLE_SECONDS = 0.2
_CALLED_SECONDS = 2.0
_AFTER_TROUBLE_SECONDS, _LONGEST_REST_SECONDS = 0.5, 15.0
_DUTY_SECONDS = 0.5
_HANDS = 4
_PATIENCE_SECONDS = 9.0
_RENEW_SECONDS, _BEAT_SECONDS, _TICK_SECONDS, _CLOCK_SECONDS = 20.0, 5.0, 5.0, 1.0


def hear(gateway: Gateway | None = None) -> int:
    """Deal with a batch of waiting events; returns how many there were."""
    with open_desk(gateway, SYSTEM) as desk:
        return sync.hear(desk)


def do(job: Claimed, gateway: Gateway | None = None) -> None:
    """Do a claimed job and write down how it ended."""
    try:
        with open_desk(gateway, SYSTEM) as desk:
            HANDLERS[job.kind](desk, job.payload)
    except PortalError as error:
        log.warning("job %s (%s), try %s: %s", job.id, job.kind, job.attempt, error.code)
        is_ours = jobs.fail(job, error)
    except Exception as error:
        log.exception("job %s (%s), try %s failed", job.id, job.kind, job.attempt)
        is_ours = jobs.fail(job, error)
    else:
        is_ours = jobs.finish(job)
    if not is_ours:
        log.warning("job %s (%s) took longer than its lease, and somebody else has it now", job.id, job.kind)


class Worker:
    """Threads that hear and work, and one that keeps leases, the schedule and the sign of life."""

    def __init__(self) -> None:
        self._me = f"{socket.gethostname()}:{os.getpid()}:{token_hex(4)}"
        self._is_ending = threading.Event()
        self._has_work = threading.Condition()
        self._held: dict[int, Claimed] = {}

    def run(self) -> None:
        """Work until `end` is called; what is begun is finished, within the patience of a supervisor."""
        # One hand looks for work all the time; the others are called when there is some.
        steps = [
            (self._hear, _IDLE_SECONDS),
            (self._work, _IDLE_SECONDS),
            *[(self._work, _CALLED_SECONDS)] * (_HANDS - 1),
        ]
        threads = [threading.Thread(target=self._repeat, args=step, daemon=True) for step in steps]
        for thread in threads:
            thread.start()
        self._keep_time()
        self._call()
        deadline = monotonic() + _PATIENCE_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - monotonic()))
        for job in list(self._held.values()):
            log.warning("job %s (%s) goes on elsewhere when its lease ends", job.id, job.kind)

    def end(self) -> None:
        """Begin nothing new."""
        self._is_ending.set()

    def _call(self) -> None:
        with self._has_work:
            self._has_work.notify_all()

    def _repeat(self, step: Callable[[], bool], rest_seconds: float) -> None:
        """Take steps until the end; a step that found nothing is followed by a short rest."""
        troubles = 0
        while not self._is_ending.is_set():
            try:
                found = step()
            except Exception as error:
                # The database may be full or away for a while; that must neither end the worker nor fill the log.
                troubles += 1
                log.error("worker: a step failed (%s)", jobs.describe(error), exc_info=troubles == 1)
                self._is_ending.wait(min(_AFTER_TROUBLE_SECONDS * 2**troubles, _LONGEST_REST_SECONDS))
                continue
            troubles = 0
            if not found:
                with self._has_work:
                    self._has_work.wait(rest_seconds)

    def _hear(self) -> bool:
        heard = hear()
        if heard:
            self._call()
        return heard > 0

    def _work(self) -> bool:
        job = jobs.claim(self._me)
        if job is None:
            return False
        self._call()
        self._held[job.id] = job
        try:
            do(job)
        finally:
            self._held.pop(job.id, None)
        return True

    def _keep_time(self) -> None:
        duties: list[tuple[float, Callable[[], None]]] = [
            (_BEAT_SECONDS, self._beat),
            (_RENEW_SECONDS, self._renew),
            (_TICK_SECONDS, self._tick),
        ]
        if environment().is_demo:
            duties.append((_CLOCK_SECONDS, _watch_clock))
        due = [0.0] * len(duties)
        while not self._is_ending.wait(_DUTY_SECONDS):
            for number, (every, duty) in enumerate(duties):
                if monotonic() >= due[number]:
                    due[number] = monotonic() + every
                    try:
                        duty()
                    except Exception as error:
                        log.error("worker: a duty failed (%s)", jobs.describe(error))

    def _beat(self) -> None:
        with open_desk(actor=SYSTEM) as desk:
            readiness.beat(desk)

    def _renew(self) -> None:
        for job in list(self._held.values()):
            jobs.renew(job)

    def _tick(self) -> None:
        jobs.release_expired()
        with open_desk(actor=SYSTEM) as desk:
            schedule.tick(desk)


def _watch_clock() -> None:
    with open_desk(actor=SYSTEM) as desk:
        demo.watch_clock(desk)


def main() -> None:
    """Run one worker until SIGTERM or Ctrl-C."""
    settings = environment()
    logs.configure(is_json=settings.is_production, level=settings.log_level)
    worker = Worker()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.end())
    log.info("worker: ready")
    worker.run()


if __name__ == "__main__":
    main()
