"""The world of a test: its own database, its own Stripe account in the sandbox, and a worker without threads."""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
import stripe

from portal_app import migrations
from portal_app.environment import environment
from portal_app.gateway.incoming import to_event
from portal_app.gateway.stripe_gateway import API_VERSION, StripeGateway
from portal_app.models import base
from portal_app.security.visitor import SYSTEM
from portal_app.services.desk import Desk, open_desk
from portal_app.tasks import jobs, webhooks, worker
from tests.served import free_port

POSTGRESQL = "postgresql://postgres@127.0.0.1:5432"
SECRET_KEY = "0123456789abcdef0123456789abcdef"
ROOT = Path(__file__).parent.parent


@pytest.fixture
def database(tmp_path, monkeypatch) -> Iterator[str]:
    """A migrated SQLite database that this process, and each it starts, uses."""
    with _used(f"sqlite:///{tmp_path / 'portal.db'}", tmp_path, monkeypatch) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def each_database(request, tmp_path, monkeypatch) -> Iterator[str]:
    """The same test on SQLite and, where it runs, on PostgreSQL."""
    if request.param == "sqlite":
        with _used(f"sqlite:///{tmp_path / 'portal.db'}", tmp_path, monkeypatch) as url:
            yield url
        return
    with a_postgresql_database() as made, _used(made, tmp_path, monkeypatch) as url:
        yield url


@contextmanager
def a_postgresql_database() -> Iterator[str]:
    """An empty database that is dropped afterwards; skips the test where there is no server."""
    name = f"portal_test_{os.getpid()}_{secrets.token_hex(4)}"
    try:
        server = psycopg.connect(f"{POSTGRESQL}/postgres", autocommit=True, connect_timeout=2)
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL on 127.0.0.1:5432")
    with server:
        server.execute(f"create database {name}")
        try:
            yield f"{POSTGRESQL}/{name}"
        finally:
            base.dispose()
            server.execute(f"drop database {name} with (force)")


@contextmanager
def _used(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("PORTAL_DATA_DIR", str(folder))
    monkeypatch.setenv("PORTAL_MODE", "test")
    monkeypatch.setenv("PORTAL_SECRET_KEY", SECRET_KEY)
    environment.cache_clear()
    base.dispose()
    migrations.upgrade()
    yield url
    base.dispose()
    environment.cache_clear()


@pytest.fixture
def desk(database) -> Iterator[Desk]:
    """A desk of the system on the test's SQLite database."""
    with open_desk(actor=SYSTEM) as opened:
        yield opened


@pytest.fixture(scope="session")
def sandbox() -> Iterator[str]:
    """The address of a sandbox process; one for the whole run, since each key is an account of its own."""
    port = free_port()
    command = [sys.executable, "-m", "portal_app.sandbox", "--port", str(port), "--shop", "none"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(15)


def _wait_until_healthy(url: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            if httpx.get(f"{url}/_sandbox/health", timeout=1).status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            pass
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError("the sandbox did not start")
        time.sleep(0.05)


@dataclass
class Account:
    """A Stripe account of the sandbox that only this test knows."""

    key: str
    url: str
    gateway: StripeGateway
    stripe: stripe.StripeClient

    def lever(self, name: str, **given) -> dict:
        """Pull one of the sandbox's levers: `account.lever("faults", kind="server_error")`."""
        headers = {"authorization": f"Bearer {self.key}"}
        answer = httpx.post(f"{self.url}/_sandbox/{name}", json=given, headers=headers, timeout=60)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()

    def look(self, name: str) -> dict:
        """Read one of the sandbox's levers."""
        headers = {"authorization": f"Bearer {self.key}"}
        return httpx.get(f"{self.url}/_sandbox/{name}", headers=headers, timeout=60).json()

    def advance(self, **time_: float) -> None:
        """Put the account's clock forward, as `timedelta` takes it."""
        self.lever("clock", advance_seconds=int(timedelta(**time_).total_seconds()))

    def events(self) -> list[dict]:
        """Every event so far, oldest first."""
        found = [event for page in self.gateway.events() for event in page]
        return found[::-1]


@pytest.fixture
def account(sandbox, monkeypatch) -> Iterator[Account]:
    """A fresh account; the portal of this process, and of each it starts, works on it."""
    made = new_account(sandbox)
    monkeypatch.setenv("STRIPE_SECRET_KEY", made.key)
    monkeypatch.setenv("STRIPE_API_BASE", sandbox)
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_of_the_test")
    environment.cache_clear()
    yield made
    environment.cache_clear()


def new_account(sandbox: str) -> Account:
    """A fresh account that no portal works on yet."""
    key = f"sk_test_{secrets.token_hex(8)}"
    bases = dict.fromkeys(("api", "connect", "files", "meter_events"), sandbox)
    merchant = stripe.StripeClient(key, base_addresses=bases, stripe_version=API_VERSION)
    return Account(key, sandbox, StripeGateway(key, sandbox, wait=lambda _seconds: None), merchant)


def receive(events: Sequence[dict]) -> None:
    """Put events into the inbox, as the webhook route does after its checks."""
    webhooks.store([to_event(event, json.dumps(event).encode()) for event in events])


def drain(ahead: timedelta = timedelta(seconds=4)) -> None:
    """Do what the worker would do, until nothing is due within `ahead`; without threads and without waiting."""
    for _ in range(10_000):
        if worker.hear():
            continue
        job = jobs.claim("test", ahead)
        if job is None:
            return
        worker.do(job)
    raise AssertionError("the worker never came to rest")
