"""Runs the portal's processes under one parent: all of them up, or none left behind."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

_PR_SET_PDEATHSIG = 1
_PATIENCE_SECONDS = 12.0
_RESTARTS_IN_A_MINUTE = 5


@dataclass
class Child:
    """One process to keep alive."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: list[float] = field(default_factory=list)


def _die_with_parent() -> None:
    """Linux ends the child when its parent is killed; elsewhere only an orderly end takes it along."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """Starts children in order, restarts what dies, and ends everything on SIGTERM or Ctrl-C."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._children: list[Child] = []
        self._is_ending = False

    def start(self, child: Child) -> None:
        """Start `child` in a process group of its own, so that its helpers end with it."""
        child.started.append(time.monotonic())
        child.process = subprocess.Popen(  # noqa: S603
            list(child.argv),
            env={**os.environ, **child.env},
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509
        )
        if child not in self._children:
            self._children.append(child)

    def wait_until(self, is_ready: Callable[[], bool], what: str, seconds: float) -> None:
        """Block until `is_ready()`; a child that dies meanwhile ends the waiting.

        Raises:
            RuntimeError: `what` was not ready in time, or a process ended.
        """
        deadline = time.monotonic() + seconds
        while not is_ready():
            for child in self._children:
                if child.process and child.process.poll() is not None:
                    raise RuntimeError(f"{child.name} ended with status {child.process.returncode}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"{what} was not ready after {seconds:.0f} seconds")
            time.sleep(0.1)

    def run(self) -> int:
        """Keep the children alive until a signal comes; returns the exit status."""
        try:
            while not self._is_ending:
                time.sleep(0.3)
                for child in self._children:
                    if child.process and child.process.poll() is not None and not self._revive(child):
                        return 1
        except KeyboardInterrupt:
            pass
        finally:
            self.end()
        return 0

    def listen(self) -> None:
        """Let SIGTERM end the whole family as Ctrl-C does."""

        def stop(_number: int, _frame: object) -> None:
            self._is_ending = True
            raise KeyboardInterrupt

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)

    def end(self) -> None:
        """Ask every child to end, newest first; kill what has not after a while."""
        # A second Ctrl-C must not leave anything behind.
        with contextlib.suppress(ValueError):
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self._is_ending = True
        for child in reversed(self._children):
            self._signal(child, signal.SIGTERM)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        for child in self._children:
            if child.process:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.1, deadline - time.monotonic()))
                self._signal(child, signal.SIGKILL)
                child.process.wait()

    def _revive(self, child: Child) -> bool:
        recent = [moment for moment in child.started if time.monotonic() - moment < 60]
        status = child.process.returncode if child.process else "?"
        if len(recent) >= _RESTARTS_IN_A_MINUTE:
            self._say(f"{child.name} keeps ending (status {status}); giving up")
            return False
        self._say(f"{child.name} ended with status {status}; starting it again")
        time.sleep(min(5.0, 0.5 * 2 ** len(recent)))
        self.start(child)
        return True

    @staticmethod
    def _signal(child: Child, number: int) -> None:
        # The group outlives its leader: a worker of a killed server is reached all the same.
        if child.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.process.pid, number)
