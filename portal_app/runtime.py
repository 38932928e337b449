"""What every process of the portal does before it starts, and how each of them is started."""

import os
import sys
from pathlib import Path

from portal_app import migrations
from portal_app.environment import Environment, Mode, environment
from portal_app.processes import Child
from portal_app.security.visitor import SYSTEM
from portal_app.serve import web_command
from portal_app.services import staff
from portal_app.services.desk import open_desk


def use_mode(mode: Mode) -> None:
    """Decide the mode for this process and its children; the demo's children keep the demo's."""
    os.environ.setdefault("PORTAL_MODE", mode)
    environment.cache_clear()


def prepare() -> Environment:
    """Check the settings, make the data folder private, bring the database to this version and let the owner in.

    Raises:
        BadEnvironment: production lacks what it needs.
        InvalidInput: `PORTAL_ADMIN_EMAIL` is no mail address.
    """
    settings = environment()
    os.umask(0o077)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    migrations.upgrade()
    with open_desk(actor=SYSTEM) as desk:
        staff.ensure_owner(desk)
    return settings


def web_child(port: int, host: str) -> Child:
    """The granian server on the prebuilt front end."""
    argv, env = web_command(port, host)
    return Child("web", argv, env)


def worker_child() -> Child:
    """What happens without a visitor."""
    return Child("worker", [sys.executable, "-m", "portal_app.tasks.worker"])


def sandbox_child(port: int, data: Path | None, shop: str) -> Child:
    """The pocket Stripe, as far from our code as Stripe is: another process, reached by HTTP."""
    argv = [sys.executable, "-m", "portal_app.sandbox", "--port", str(port), "--shop", shop]
    return Child("sandbox", [*argv, "--data", str(data)] if data else argv)
