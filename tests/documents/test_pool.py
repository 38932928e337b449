import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from portal_app.documents.invoice import invoice_pdf
from portal_app.documents.pool import Pool
from tests.documents.samples import LINNET, an_invoice

ROOT = Path(__file__).parent.parent.parent
PARENT = """
import os, sys, time
from portal_app.documents.pool import Pool
if __name__ == "__main__":
    print(Pool().begin(os.getpid).result(), flush=True)
    time.sleep(60)
"""


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool()
    yield pool
    pool.shut_down()


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def has_ended(pid: int) -> bool:
    deadline = time.monotonic() + 20
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_running(pid)


def test_when_a_document_is_made_in_the_pool_then_it_is_the_same_document(pool):
    made = asyncio.run(pool.make(invoice_pdf, an_invoice(), LINNET, locale="en", zone="UTC"))

    assert made == invoice_pdf(an_invoice(), LINNET, locale="en", zone="UTC")


def test_when_something_is_made_then_it_is_made_in_another_process_that_is_kept(pool):
    first, second = asyncio.run(pool.make(os.getpid)), asyncio.run(pool.make(os.getpid))

    assert first != os.getpid()
    assert first == second


def test_when_making_fails_then_the_reason_comes_back(pool):
    half = an_invoice() | {"lines": {"data": [], "has_more": True}}

    with pytest.raises(ValueError, match="all of its lines"):
        asyncio.run(pool.make(invoice_pdf, half, LINNET, locale="en", zone="UTC"))


def test_given_a_killed_process_when_the_next_document_is_made_then_another_process_makes_it(pool):
    first = asyncio.run(pool.make(os.getpid))
    os.kill(first, signal.SIGKILL)

    second = asyncio.run(pool.make(os.getpid))

    assert second not in (first, os.getpid())


def test_when_the_pool_is_shut_down_then_its_process_ends_and_a_later_document_starts_another(pool):
    first = asyncio.run(pool.make(os.getpid))

    pool.shut_down()

    assert has_ended(first)
    assert asyncio.run(pool.make(os.getpid)) != first


def test_given_a_pool_that_made_nothing_when_it_is_shut_down_then_nothing_happens():
    Pool().shut_down()


def test_when_the_parent_is_killed_then_its_processes_end_too(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen([sys.executable, script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())

    parent.kill()
    parent.wait()

    assert has_ended(child)


def test_while_a_document_is_made_then_the_event_loop_goes_on(pool):
    async def count_while_making() -> tuple[int, float]:
        await pool.make(os.getpid)
        making = asyncio.ensure_future(pool.make(time.sleep, 0.5))
        turns = 0
        while not making.done():
            await asyncio.sleep(0.01)
            turns += 1
        return turns, await making

    turns, _ = asyncio.run(count_while_making())

    assert turns > 10


def test_when_code_in_a_thread_begins_a_document_then_it_can_wait_for_the_result(pool):
    begun: Future[int] = pool.begin(os.getpid)

    assert begun.result(timeout=60) != os.getpid()
