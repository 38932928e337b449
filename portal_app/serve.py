"""How the web process is started: the granian server on the prebuilt front end, without Node."""

import os
import sys
from pathlib import Path

from portal_app.environment import environment
from portal_app.kit.logs import SERVER_LOGS

APPLICATION = "portal_app.portal_app:app"
_ENVIRONMENT = {
    "REFLEX_ENV_MODE": "prod",
    # Internal names of Reflex 0.10: serve what was built, build nothing.
    "__REFLEX_SKIP_COMPILE": "true",
    "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
    "REFLEX_TELEMETRY_ENABLED": "false",
    "REFLEX_CHECK_LATEST_VERSION": "false",
}


def web_command(port: int, host: str) -> tuple[list[str], dict[str, str]]:
    """What to run, and what to add to the environment, for the web process.

    One worker unless Redis carries the state of the tabs between several. Run it in the folder that holds `.web`.
    """
    argv = [
        str(Path(sys.executable).with_name("granian")),
        *("--interface", "asgi", "--factory", "--host", host, "--port", str(port)),
        *("--workers", str(_workers())),
        # One dead worker would end the whole server otherwise, and a stuck one would keep it from ending.
        *("--respawn-failed-workers", "--workers-kill-timeout", "10"),
        # Reflex speaks HTTP/1.1 and websockets; the bound on headers is granian's.
        *("--http", "1", "--no-access-log", "--log-config", str(SERVER_LOGS)),
        APPLICATION,
    ]
    return argv, dict(_ENVIRONMENT)


def _workers() -> int:
    if not environment().redis_url:
        return 1
    return max(2, min(4, os.cpu_count() or 1))
