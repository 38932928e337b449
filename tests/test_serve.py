"""How the web process is started, and that it ends when it is told to."""

import runpy
import signal
import time

import pytest
import reflex as rx

from portal_app.environment import environment
from portal_app.security import sessions
from portal_app.serve import web_command
from tests.cast import ADA, EVERYBODY, let_in
from tests.security.client import Tab
from tests.served import ROOT, a_served_portal


def test_when_the_web_process_is_started_then_a_dead_worker_comes_back_and_a_stuck_one_ends():
    argv, env = web_command(3000, "0.0.0.0")

    assert argv[0].endswith("granian")
    assert "--respawn-failed-workers" in argv
    assert argv[argv.index("--workers-kill-timeout") + 1] == "10"
    assert argv[argv.index("--host") + 1] == "0.0.0.0"
    assert argv[argv.index("--port") + 1] == "3000"
    assert argv[-1] == "portal_app.portal_app:app"
    assert env["__REFLEX_SKIP_COMPILE"] == "true"


@pytest.mark.parametrize(("redis_url", "is_one"), [("", True), ("redis://127.0.0.1:6379/0", False)])
def test_when_there_is_no_redis_then_one_worker_holds_every_tab(monkeypatch, redis_url, is_one):
    monkeypatch.setenv("REDIS_URL", redis_url)
    environment.cache_clear()

    argv, _ = web_command(3000, "127.0.0.1")

    assert (argv[argv.index("--workers") + 1] == "1") is is_one
    monkeypatch.undo()
    environment.cache_clear()


async def test_given_open_tabs_when_the_process_is_told_to_end_then_it_does_within_seconds(tmp_path):
    with a_served_portal(tmp_path, application="tests.security.probe:app") as served:
        let_in(*EVERYBODY)
        tab = await (await Tab(served, ADA.sign_in()[0], path="/probe").open()).loaded()
        began = time.monotonic()

        served.process.send_signal(signal.SIGTERM)
        served.process.wait(15)

        assert time.monotonic() - began < 12
        assert served.process.returncode == 0
        await tab.is_closed()


def test_given_production_when_it_starts_then_every_line_is_json(tmp_path):
    production = {
        "PORTAL_MODE": "production",
        "PORTAL_BASE_URL": "https://billing.example.com",
        "STRIPE_SECRET_KEY": "rk_test_x",
        "STRIPE_WEBHOOK_SECRET": "whsec_x",
    }
    with a_served_portal(tmp_path, settings=production) as served:
        lines = served.text_of_log().splitlines()

    assert lines
    assert [line for line in lines if not line.startswith("{")] == []


@pytest.mark.parametrize(("redis_url", "keeps_in_memory"), [("", True), ("redis://127.0.0.1:6379/0", False)])
def test_when_reflex_is_configured_then_no_state_is_written_to_disk_and_no_foreign_origin_is_answered(
    monkeypatch, redis_url, keeps_in_memory
):
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("PORTAL_BASE_URL", "https://billing.example.com")
    environment.cache_clear()

    config = runpy.run_path(str(ROOT / "rxconfig.py"))["config"]

    assert (config.state_manager_mode == rx.constants.StateManagerMode.MEMORY) is keeps_in_memory
    assert (config.redis_url or "") == redis_url
    assert tuple(config.cors_allowed_origins) == ("https://billing.example.com",)
    assert config.transport == "websocket"
    assert not config.telemetry_enabled
    assert not config.show_built_with_reflex
    assert config.redis_token_expiration > max(sessions.IDLE_SECONDS.values())
    monkeypatch.undo()
    environment.cache_clear()
