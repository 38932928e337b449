"""One sandbox process for the run, a fresh account for each test, every exchange checked against the contract."""

from collections.abc import Iterator

import pytest

from portal_app.sandbox.contract.conformity import deviations_of_event
from tests.sandbox.merchant import Merchant, a_free_port, a_fresh_key, start_sandbox, stop_sandbox


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    """The address of a running sandbox."""
    port = a_free_port()
    process = start_sandbox(port)
    yield f"http://127.0.0.1:{port}"
    assert stop_sandbox(process) == 0


@pytest.fixture
def merchant(sandbox_url: str) -> Iterator[Merchant]:
    """A fresh account whose every exchange and event must keep to the contract."""
    made = Merchant(sandbox_url, a_fresh_key())
    yield made
    deviations = made.http.deviations + [
        f"event {event['type']}: {d}" for event in _all_events(made) for d in deviations_of_event(event)
    ]
    assert deviations == []


def _all_events(merchant: Merchant) -> list[dict]:
    found: list[dict] = []
    cursor = ""
    while True:
        _, _, page = merchant.raw("GET", f"/v1/events?limit=100{cursor}")
        found += page["data"]
        if not page["has_more"]:
            return found
        cursor = f"&starting_after={found[-1]['id']}"
