"""Makes documents in processes of their own, so that nobody's page waits for somebody's PDF."""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import ParamSpec, TypeVar

from portal_app.documents.faces import REGULAR, STRONG, faces

P = ParamSpec("P")
R = TypeVar("R")

# A process that has made so many is replaced, whatever a library may have kept in memory.
_DOCUMENTS_PER_PROCESS = 1000


class Pool:
    """Processes that start with the first document and end with `shut_down`.

    Spawned, not forked: a fork of a process with threads may stand still for ever.
    """

    def __init__(self, processes: int = 1) -> None:
        self._processes = processes
        self._lock = threading.Lock()
        self._executor: ProcessPoolExecutor | None = None

    async def make(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a module's function there and wait for what it returns or raises.

        A process that was killed is replaced and asked once more.
        """
        try:
            return await asyncio.wrap_future(self.begin(function, *args, **kwargs))
        except BrokenProcessPool:
            return await asyncio.wrap_future(self.begin(function, *args, **kwargs))

    def begin(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """The same for code that runs in a thread and waits with `result()`."""
        with self._lock:
            try:
                return self._started().submit(function, *args, **kwargs)
            except BrokenProcessPool:
                self._executor = None
                return self._started().submit(function, *args, **kwargs)

    def shut_down(self) -> None:
        """End the processes; what is being made is finished, what waits is dropped. The next `make` starts anew."""
        with self._lock:
            executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=True, cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor:
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                self._processes,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_begin_work,
                max_tasks_per_child=_DOCUMENTS_PER_PROCESS,
            )
        return self._executor


def _begin_work() -> None:
    # Ctrl-C reaches the whole group; the parent alone decides when its processes end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    for weight in (REGULAR, STRONG):
        faces(weight)


def _end_with_the_parent() -> None:
    """A parent that is killed tells nobody; without this its processes would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


documents = Pool()
