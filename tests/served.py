"""A portal served as in production, by granian in a process of its own; tests share its database, not its memory."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from portal_app import migrations
from portal_app.environment import environment
from portal_app.models import base
from portal_app.serve import APPLICATION, web_command

ROOT = Path(__file__).parent.parent
SECRET_KEY = "0123456789abcdef0123456789abcdef"


@dataclass
class Served:
    """Where it answers, and what it wrote."""

    origin: str
    folder: Path
    log: Path
    process: subprocess.Popen
    headers: dict[str, str] = field(default_factory=dict)

    def http(self, cookie: str = "", **options) -> httpx.Client:
        """A browser's client; it says the portal's Origin unless told otherwise."""
        cookies = {environment().cookie_name: cookie} if cookie else {}
        headers = {"origin": self.origin, **options.pop("headers", {})}
        return httpx.Client(base_url=self.origin, cookies=cookies, headers=headers, timeout=10, **options)

    def text_of_log(self) -> str:
        return self.log.read_text(errors="replace")


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


@contextmanager
def a_served_portal(
    folder: Path,
    *,
    application: str = APPLICATION,
    settings: Mapping[str, str] | None = None,
    built: Path | None = None,
) -> Iterator[Served]:
    """Start the web process on an empty database that this process uses too, and end it by SIGTERM.

    Without `built`, a finished front end, it serves sockets and routes only.
    """
    port = free_port()
    ours = {
        "PORTAL_MODE": "test",
        "PORTAL_BASE_URL": f"http://localhost:{port}",
        "PORTAL_DATA_DIR": str(folder),
        "PORTAL_SECRET_KEY": SECRET_KEY,
        **(settings or {}),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ours.items():
            patch.setenv(name, value)
        environment.cache_clear()
        base.dispose()
        migrations.upgrade()
        argv, env = web_command(port, "127.0.0.1")
        env = {**os.environ, **env, "REFLEX_WEB_WORKDIR": str(built or folder / "web"), "PYTHONPATH": str(ROOT)}
        env["__REFLEX_MOUNT_FRONTEND_COMPILED_APP"] = "true" if built else "false"
        log = folder / "web.log"
        with log.open("wb") as out:
            command = [*argv[:-1], application]
            process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)
        try:
            served = Served(ours["PORTAL_BASE_URL"], folder, log, process)
            _wait_for(f"http://127.0.0.1:{port}/healthz", served)
            yield served
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
            finally:
                base.dispose()
    environment.cache_clear()


def _wait_for(address: str, served: Served) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            if httpx.get(address, timeout=1).status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            pass
        if served.process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError("the portal did not start:\n" + served.text_of_log()[-4000:])
        time.sleep(0.05)
