"""Every row of the sitemap holds together: an address once, loaders that may run again, policies that fit."""

import pytest
from reflex_base.registry import RegistrationContext
from reflex_base.utils.format import format_event_handler

import portal_app.portal_app as root
from portal_app.pages import SITEMAP
from portal_app.security.policy import policy_of

_WIDER = {
    "public": {"public"},
    "choosing": {"public", "choosing"},
    "customer": {"public", "choosing", "customer"},
    "fresh": {"public", "choosing", "customer", "fresh"},
    "staff": {"public", "staff"},
    "staff_write": {"public", "staff", "staff_write"},
}


def test_when_the_sitemap_is_read_then_each_address_stands_once_and_the_lost_have_a_page():
    addresses = [page.address for page in SITEMAP]

    assert len(set(addresses)) == len(addresses)
    assert "/404" in addresses


@pytest.mark.parametrize("page", SITEMAP, ids=lambda page: page.address)
def test_when_a_page_is_loaded_then_each_loader_lets_its_audience_in(page):
    known = RegistrationContext.get().event_handlers

    for loader in page.loaders:
        handler = known[format_event_handler(loader)].handler.fn
        assert handler.__name__ == "load"
        assert policy_of(handler).audience in _WIDER[page.audience]


@pytest.mark.parametrize("page", SITEMAP, ids=lambda page: page.address)
def test_when_a_page_is_opened_then_its_entry_asks_for_its_audience(page):
    *_, entry = root._ENTRIES[page.audience]
    nearest = {"fresh": "customer", "staff_write": "staff"}.get(page.audience, page.audience)

    assert policy_of(entry.fn).audience == nearest
    assert root._audience_of(page.address.replace("[", "x_").replace("]", "")) == page.audience
