"""The supervisor: everything up, or nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from portal_app.processes import Child, Supervisor

# A child with a helper of its own, as a web server has workers; it ignores a polite request when told to.
_FAMILY = """
import os, signal, subprocess, sys, time
helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open(sys.argv[1], "w").write(f"{os.getpid()} {helper.pid}")
if len(sys.argv) > 2: signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(600)
"""
_PARENT = """
import sys
from portal_app.processes import Child, Supervisor
supervisor = Supervisor(print)
supervisor.listen()
supervisor.start(Child("family", [sys.executable, "-c", sys.argv[1], sys.argv[2]]))
sys.exit(supervisor.run())
"""


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_for(question, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if question():
            return True
        time.sleep(0.02)
    return False


def pids_of(path: Path) -> list[int]:
    assert wait_for(lambda: path.exists() and len(path.read_text().split()) == 2)
    return [int(pid) for pid in path.read_text().split()]


def test_when_the_parent_gets_sigterm_then_children_and_their_helpers_are_gone(tmp_path):
    parent = subprocess.Popen([sys.executable, "-c", _PARENT, _FAMILY, str(tmp_path / "pids")])
    family = pids_of(tmp_path / "pids")

    parent.send_signal(signal.SIGTERM)

    assert parent.wait(15) == 0
    assert wait_for(lambda: not any(map(is_alive, family)))


def test_given_the_parent_is_killed_when_it_cannot_say_goodbye_then_its_child_ends_too(tmp_path):
    parent = subprocess.Popen([sys.executable, "-c", _PARENT, _FAMILY, str(tmp_path / "pids")])
    child, helper = pids_of(tmp_path / "pids")

    parent.kill()
    parent.wait()

    try:
        assert wait_for(lambda: not is_alive(child))
    finally:
        os.kill(helper, signal.SIGKILL)


def test_when_a_child_dies_then_it_is_started_again(tmp_path):
    supervisor = Supervisor(lambda text: None)
    child = Child("family", [sys.executable, "-c", _FAMILY, str(tmp_path / "pids")])
    supervisor.start(child)
    first, helper = pids_of(tmp_path / "pids")
    (tmp_path / "pids").unlink()
    os.kill(first, signal.SIGKILL)
    os.kill(helper, signal.SIGKILL)
    assert wait_for(lambda: child.process.poll() is not None)

    assert supervisor._revive(child)

    try:
        assert pids_of(tmp_path / "pids")[0] != first
    finally:
        supervisor.end()


def test_given_a_child_that_ignores_sigterm_when_all_ends_then_it_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr("portal_app.processes._PATIENCE_SECONDS", 0.5)
    supervisor = Supervisor(lambda text: None)
    supervisor.start(Child("deaf", [sys.executable, "-c", _FAMILY, str(tmp_path / "pids"), "deaf"]))
    family = pids_of(tmp_path / "pids")

    supervisor.end()

    assert wait_for(lambda: not any(map(is_alive, family)))
