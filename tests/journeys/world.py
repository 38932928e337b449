"""The demo as a merchant would start it: sandbox, worker and web in processes of their own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx
import stripe

T = TypeVar("T")
KEY = "sk_test_demo"


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


def eventually(question: Callable[[], T], seconds: float = 15.0, what: str = "it") -> T:
    """Ask until the answer is truthy; the only waiting a story does, since processes are real."""
    deadline = time.monotonic() + seconds
    while True:
        if answer := question():
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {seconds} seconds")
        time.sleep(0.1)


@dataclass
class World:
    """A running demo and the doors a story may use besides the browser."""

    base_url: str
    sandbox_url: str
    data: Path
    process: subprocess.Popen

    @property
    def stripe(self) -> stripe.StripeClient:
        """The official client on the demo's sandbox account: what the merchant's own software would see."""
        bases = dict.fromkeys(("api", "connect", "files", "meter_events"), self.sandbox_url)
        return stripe.StripeClient(KEY, base_addresses=bases)

    def mails(self, to: str) -> list[dict]:
        """Every mail to an address, newest first."""
        found = httpx.get(f"{self.base_url}/demo/outbox.json", timeout=10).json()
        return [mail for mail in found if mail["to"] == to]

    def next_mail(self, to: str, subject: str, after: int) -> dict:
        """The newest mail whose subject matches, once there are more than `after`."""

        def look() -> dict | None:
            mails = self.mails(to)
            fresh = mails[: len(mails) - after]
            return next((mail for mail in fresh if re.search(subject, mail["subject"])), None)

        return eventually(look, what=f"a mail about {subject!r}")

    def advance(self, days: float) -> None:
        """Move the demo's clock, as its page does."""
        done = httpx.post(
            f"{self.base_url}/demo/clock",
            data={"advance_seconds": str(int(days * 86_400))},
            headers={"Origin": self.base_url},
            timeout=120,
        )
        assert done.status_code in (200, 303), done.text[:300]

    def customer_id(self, email: str) -> str:
        """The Stripe customer behind an address."""
        return self.stripe.v1.customers.list({"email": email, "limit": 1}).data[0].id


def _is_ready(base_url: str) -> bool:
    try:
        return httpx.get(f"{base_url}/readyz", timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


@contextmanager
def a_running_demo(data: Path, *, log: Path, extra_env: dict[str, str] | None = None) -> Iterator[World]:
    """Start `portal demo` on free ports and end it by SIGTERM."""
    port, sandbox_port = free_port(), free_port()
    argv = [
        str(Path(sys.executable).parent / "portal"),
        "demo",
        "--port",
        str(port),
        "--sandbox-port",
        str(sandbox_port),
    ]
    env = {**os.environ, "COLUMNS": "200", **(extra_env or {})}
    with log.open("wb") as out:
        process = subprocess.Popen([*argv, "--data", str(data)], stdout=out, stderr=subprocess.STDOUT, env=env)
        world = World(f"http://localhost:{port}", f"http://127.0.0.1:{sandbox_port}", data, process)
        try:
            _wait_for(world, log)
            yield world
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def _wait_for(world: World, log: Path) -> None:
    deadline = time.monotonic() + 120
    while not _is_ready(world.base_url):
        if world.process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError("the demo did not start:\n" + log.read_text(errors="replace")[-4000:])
        time.sleep(0.2)
