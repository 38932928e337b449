"""Builds the front end once, with npm from the Python environment; serving it needs no Node."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

CLIENT_FOLDER = Path(".web/build/client")
_PACKAGES = Path("reflex.lock/package.json")

_ENVIRONMENT = {
    # Reflex would download bun otherwise.
    "REFLEX_USE_NPM": "1",
    "REFLEX_CHECK_LATEST_VERSION": "0",
    "REFLEX_TELEMETRY_ENABLED": "false",
    # The lock names versions and hashes, never where they were downloaded from.
    "NPM_CONFIG_OMIT_LOCKFILE_REGISTRY_RESOLVED": "true",
    "NPM_CONFIG_FUND": "false",
    "NPM_CONFIG_AUDIT": "false",
    "NPM_CONFIG_UPDATE_NOTIFIER": "false",
}


def build(say: Callable[[str], None]) -> None:
    """Compile the pages into `.web/build/client`; takes seconds once the packages are there.

    Raises:
        RuntimeError: the build failed; its output has been printed.
    """
    scripts = Path(sys.executable).parent
    env = {**os.environ, **_ENVIRONMENT, "PATH": f"{scripts}{os.pathsep}{os.environ.get('PATH', '')}"}
    env["PORTAL_MODE"] = "development"
    say("Building the front end …")
    packages = _PACKAGES.read_text(encoding="utf-8") if _PACKAGES.exists() else "{}"
    done = subprocess.run(  # noqa: S603
        [str(scripts / "reflex"), "export", "--frontend-only", "--no-zip"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 or not (CLIENT_FOLDER / "index.html").exists():
        say(done.stdout[-6000:] + done.stderr[-6000:])
        raise RuntimeError("the front end could not be built")
    _keep_order(packages)


def _keep_order(before: str) -> None:
    """Reflex writes the same packages in another order on another machine; the committed file stays as it is."""
    if json.loads(before) == json.loads(_PACKAGES.read_text(encoding="utf-8")):
        _PACKAGES.write_text(before, encoding="utf-8")
