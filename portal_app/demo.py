"""`portal demo`: a sandbox, a shop full of customers and the portal, on one machine without any account."""

import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from portal_app.environment import environment
from portal_app.gateway.stripe_gateway import open_gateway
from portal_app.processes import Supervisor
from portal_app.runtime import prepare, sandbox_child, web_child, worker_child
from portal_app.security.visitor import SYSTEM
from portal_app.services import demo as demo_service
from portal_app.services import staff
from portal_app.services.desk import open_desk
from portal_app.services.sync import backfill

KEY = "sk_test_demo"
PUBLISHABLE_KEY = "pk_test_demo"


@dataclass(frozen=True)
class Demo:
    """Where the demo runs and what it starts from."""

    port: int
    sandbox_port: int
    data: Path
    is_reset: bool

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def base_url(self) -> str:
        return f"http://localhost:{self.port}"


def run(demo: Demo, say: Callable[[str], None]) -> int:
    """Start everything, say where to click, and stay until Ctrl-C; returns the exit status."""
    if demo.is_reset:
        shutil.rmtree(demo.data, ignore_errors=True)
    demo.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    supervisor = Supervisor(say)
    supervisor.listen()
    try:
        _start(demo, supervisor, say)
    except RuntimeError as error:
        say(f"The demo could not start: {error}")
        supervisor.end()
        return 1
    except KeyboardInterrupt:
        supervisor.end()
        return 0
    _say_where_to_click(demo, say)
    return supervisor.run()


def _start(demo: Demo, supervisor: Supervisor, say: Callable[[str], None]) -> None:
    _choose_environment(demo)
    supervisor.start(sandbox_child(demo.sandbox_port, demo.data / "sandbox", "small"))
    supervisor.wait_until(lambda: _answers(f"{demo.sandbox_url}/_sandbox/health"), "the sandbox", 60)
    os.environ["STRIPE_WEBHOOK_SECRET"] = _webhook_secret(demo)
    environment.cache_clear()
    prepare()
    _fill(demo, say)
    supervisor.start(worker_child())
    supervisor.start(web_child(demo.port, "127.0.0.1"))
    supervisor.wait_until(lambda: _answers(f"{demo.base_url}/readyz"), "the portal", 60)


def _choose_environment(demo: Demo) -> None:
    os.environ.update(
        PORTAL_MODE="demo",
        PORTAL_BASE_URL=demo.base_url,
        PORTAL_DATA_DIR=str(demo.data),
        PORTAL_SECRET_KEY=_kept(demo.data / "secret_key", lambda: secrets.token_urlsafe(48)),
        PORTAL_MAIL_FROM="billing@linnet.example",
        STRIPE_SECRET_KEY=KEY,
        STRIPE_PUBLISHABLE_KEY=PUBLISHABLE_KEY,
        STRIPE_API_BASE=demo.sandbox_url,
    )
    environment.cache_clear()


def _webhook_secret(demo: Demo) -> str:
    """The endpoint is registered once, as a merchant would; its secret is shown at that moment only."""

    def register() -> str:
        endpoint = open_gateway().create_webhook_endpoint(url=f"{demo.base_url}/webhooks/stripe")
        return endpoint["secret"]

    return _kept(demo.data / f"webhook_secret_{demo.port}", register)


def _fill(demo: Demo, say: Callable[[str], None]) -> None:
    with open_desk(actor=SYSTEM) as desk:
        demo_service.follow_clock(desk)
        staff.ensure(desk, "owner@example.com", "owner")
        staff.ensure(desk, "viewer@example.com", "read_only")
        demo_service.dress_shop(desk)
    marker = demo.data / "filled"
    if not marker.exists():
        say("Filling the mirror from the sandbox …")
        backfill.run(lambda kind, done: None, since="")
        marker.touch()


def _kept(path: Path, make: Callable[[], str]) -> str:
    """A secret of the demo, made once and kept in a file that only its owner reads."""
    if not path.exists():
        secret = make()
        path.touch(mode=0o600)
        path.write_text(secret, encoding="utf-8")
    return path.read_text(encoding="utf-8")


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _say_where_to_click(demo: Demo, say: Callable[[str], None]) -> None:
    say("")
    say(f"  The portal        {demo.base_url}/demo     pick a customer, one click signs you in")
    say(f"  The merchant      {demo.base_url}/admin/login     owner@example.com")
    say(f"  Every mail sent   {demo.base_url}/demo/outbox")
    say(f"  Move the clock    {demo.base_url}/demo/clock")
    say("")
    say("  Ctrl-C stops all of it.")
