"""The demo as a merchant would start it: sandbox, worker and web in processes of their own."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import httpx
from stripe import Invoice, StripeClient, Subscription

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
    def stripe(self) -> StripeClient:
        """The official client on the demo's sandbox account: what the merchant's own software would see."""
        bases = dict.fromkeys(("api", "connect", "files", "meter_events"), self.sandbox_url)
        return StripeClient(KEY, base_addresses=bases)

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

    def customer_id(self, email: str) -> str:
        """The newest customer behind an address."""
        return self.stripe.v1.customers.list({"email": email, "limit": 1}).data[0].id

    def subscription(self, email: str, status: str = "") -> Subscription:
        """The newest subscription behind an address that has not ended, as Stripe has it now."""
        asked = {"customer": self.customer_id(email), "limit": 1} | ({"status": status} if status else {})
        return self.stripe.v1.subscriptions.list(asked).data[0]

    def keep(self, email: str) -> None:
        """Let the newest subscription go on, at Stripe, if it was to end."""
        found = self.subscription(email)
        if found.cancel_at_period_end:
            self.stripe.v1.subscriptions.update(found.id, {"cancel_at_period_end": False})

    def invoices(self, email: str, status: str) -> list[Invoice]:
        """The newest invoices behind an address, as Stripe has them now."""
        return self.stripe.v1.invoices.list({"customer": self.customer_id(email), "status": status}).data

    def every_invoice(self, email: str) -> list[Invoice]:
        """All invoices behind an address that a customer gets to see, as Stripe has them now."""
        asked = {"customer": self.customer_id(email), "limit": 100}
        return [one for one in self.stripe.v1.invoices.list(asked).auto_paging_iter() if one.status != "draft"]

    def database(self) -> sqlite3.Connection:
        """The portal's own database, beside its processes."""
        return sqlite3.connect(self.data / "portal.db", timeout=20, isolation_level=None)

    def add_customer(self, email: str, **params: object) -> str:
        """A new customer at Stripe, once the portal has heard of them."""
        customer_id = self.stripe.v1.customers.create({"email": email, **params}).id
        with closing(self.database()) as database:
            known = partial(database.execute, "select id from customer where id = ?", (customer_id,))
            eventually(lambda: known().fetchone(), what="the webhook about a new customer")
        return customer_id

    def effects(self, kind: str, object_id: str) -> int:
        """How often something really happened to an object at Stripe, whatever was answered."""
        counted = httpx.get(f"{self.sandbox_url}/_sandbox/effects", headers=self._bearer, timeout=10).json()
        return counted.get(kind, {}).get(object_id, 0)

    @property
    def _bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {KEY}"}


def _is_ready(base_url: str) -> bool:
    try:
        return httpx.get(f"{base_url}/readyz", timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


@dataclass(frozen=True)
class Ports:
    """Where a demo listens."""

    web: int
    sandbox: int


@contextmanager
def a_running_demo(
    data: Path, *, log: Path, ports: Ports | None = None, stop: signal.Signals = signal.SIGTERM
) -> Iterator[World]:
    """Start `portal demo`, on free ports unless told, and end it as a service manager or Ctrl-C would."""
    ports = ports or Ports(free_port(), free_port())
    portal = Path(sys.executable).with_name("portal")
    argv = [portal, "demo", "--port", str(ports.web), "--sandbox-port", str(ports.sandbox), "--data", str(data)]
    with log.open("wb") as out:
        process = subprocess.Popen(argv, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, "COLUMNS": "200"})
        world = World(f"http://localhost:{ports.web}", f"http://127.0.0.1:{ports.sandbox}", data, process)
        try:
            _wait_for(world, log)
            yield world
        finally:
            process.send_signal(stop)
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
        time.sleep(0.1)
