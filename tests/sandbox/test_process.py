"""The process: quick to start, gone without a trace, its state kept where it was told to."""

import subprocess
import sys
import time

from tests.sandbox.merchant import Merchant, a_free_port, start_sandbox, stop_sandbox


def test_it_answers_within_seconds_and_ends_on_sigterm():
    began = time.monotonic()
    process = start_sandbox(a_free_port())
    started = time.monotonic() - began

    status = stop_sandbox(process)

    assert status == 0
    assert started < 10


def test_given_a_folder_then_a_second_start_finds_everything(tmp_path):
    port = a_free_port()
    process = start_sandbox(port, "--data", str(tmp_path))
    merchant = Merchant(f"http://127.0.0.1:{port}", "sk_test_kept1")
    subscription = merchant.a_subscription()
    merchant.advance(days=3)
    made = merchant.v1.customers.create({"name": "Ada"}, {"idempotency_key": "before"})
    stop_sandbox(process)

    process = start_sandbox(port, "--data", str(tmp_path))
    found = merchant.v1.subscriptions.retrieve(subscription.id)
    again = merchant.v1.customers.create({"name": "Ada"}, {"idempotency_key": "before"})
    offset = merchant.lever("clock")["offset_seconds"]
    stop_sandbox(process)

    assert found.status == "active"
    assert again.id == made.id
    assert offset >= 3 * 86_400 - 2


def test_the_demo_account_gets_the_shop_once(tmp_path):
    port = a_free_port()
    demo = Merchant(f"http://127.0.0.1:{port}", "sk_test_demo")
    for _ in range(2):
        process = start_sandbox(port, "--data", str(tmp_path), "--shop", "small")
        found = demo.v1.customers.list({"email": "ada@example.com"}).data
        stop_sandbox(process)

        assert len(found) == 1


def test_given_the_port_is_taken_then_it_says_so_and_ends():
    port = a_free_port()
    process = start_sandbox(port)

    second = subprocess.run(
        [sys.executable, "-m", "portal_app.sandbox", "--port", str(port), "--shop", "none"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    stop_sandbox(process)

    assert second.returncode == 1
    assert second.stderr.startswith(f"Port {port} is taken")
