"""One demo for all stories of a run, one browser for those of a file."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.journeys.browser import a_browser, require_chromium
from tests.journeys.people import People
from tests.journeys.world import World, a_running_demo


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The month passes last: time only goes forward, and the other stories know the shop of today."""
    items.sort(key=lambda item: "test_clock_journey" in item.nodeid)


@pytest.fixture(scope="session")
def world(tmp_path_factory) -> Iterator[World]:
    """A fresh shop in a running demo."""
    require_chromium()
    folder = tmp_path_factory.mktemp("demo")
    with a_running_demo(folder / "data", log=folder / "demo.log") as running:
        yield running


# A browser's event loop stays in its thread until it is closed, and other files' tests make loops of their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def people(world, browser) -> People:
    """Signs the sample people in, each once a file."""
    return People(world, browser)
