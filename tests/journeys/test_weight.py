"""What a first visit costs on a phone's connection stays within its budget."""

import pytest

from benchmarks.first_page import CSS_LIMIT, FONT_LIMIT, PAGE_LIMIT, weigh
from tests.journeys.people import ADA


@pytest.mark.parametrize("path", ["/login", "/", "/subscriptions", "/invoices", "/payment-methods"])
def test_a_first_visit_stays_within_its_budget(path, world, browser, people):
    storage = None if path == "/login" else people.storage(ADA)

    weight = weigh(browser, world.base_url, path, storage)

    assert weight.uncompressed == ()
    assert 0 < weight.page <= PAGE_LIMIT * 1000
    assert 0 < weight.css <= CSS_LIMIT * 1000
    assert 0 < weight.font <= FONT_LIMIT * 1000
