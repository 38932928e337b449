"""What a page says of the merchant is what is published, and names nobody before that."""

import asyncio

import pytest
import reflex as rx

from portal_app.models import base
from portal_app.security.visitor import SYSTEM
from portal_app.services import configuration, pictures
from portal_app.services.desk import open_desk
from portal_app.state.configuration import ConfigurationState
from tests.hostile_pictures import a_picture
from tests.services.portal_database import sqlite_database

__all__ = ["sqlite_database"]


@pytest.fixture
def tab(sqlite_database) -> ConfigurationState:
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    return asyncio.run(root.get_state(ConfigurationState))


def load(tab: ConfigurationState) -> dict:
    asyncio.run(ConfigurationState.event_handlers["load"].fn(tab))
    return {name: getattr(tab, name) for name in ConfigurationState.base_vars}


def test_given_nothing_published_when_a_page_opens_then_it_is_as_neutral_as_the_bundle(tab):
    baked = {name: getattr(tab, name) for name in ConfigurationState.base_vars}

    shown = load(tab)

    assert shown == baked
    assert {value for value in baked.values() if isinstance(value, str)} == {"", "/brand.css"}


def test_when_something_is_published_then_the_next_load_shows_it_and_a_second_one_changes_nothing(tab):
    with open_desk(actor=SYSTEM) as desk:
        logo = pictures.store(desk, a_picture())
        changes = {
            "business_name": "Linnet",
            "support_email": "help@example.com",
            "support_url": "https://help.example.com",
            "support_phone": "112",
            "terms_url": "https://example.com/terms",
            "privacy_url": "https://example.com/privacy",
            "logo_id": logo.id,
            "logo_dark_id": logo.id,
        }
        configuration.publish(desk, changes, 0)

    shown = load(tab)

    assert shown["logo_url"] == shown["logo_dark_url"] == f"/pictures/{logo.id}.png"
    assert (shown["version"], shown["brand_css_url"]) == (1, "/brand.css?v=1")
    kept = {name: value for name, value in changes.items() if not name.startswith("logo")}
    assert {name: shown[name] for name in kept} == kept
    tab._clean()
    assert load(tab) == shown
    assert not tab.dirty_vars


@pytest.mark.parametrize("feature", configuration.FEATURES)
def test_when_a_feature_is_switched_off_then_exactly_its_flag_falls(tab, feature):
    with open_desk(actor=SYSTEM) as desk:
        configuration.publish(desk, {feature: False}, 0)

    shown = load(tab)

    flags = {name for name, value in shown.items() if name.startswith("has_") and not value}
    assert flags == {f"has_{feature}"}


def test_when_everything_is_cleared_again_then_the_page_is_neutral_again(tab):
    with open_desk(actor=SYSTEM) as desk:
        configuration.publish(desk, {"business_name": "Linnet", "payment_methods": False}, 0)
        load(tab)
        configuration.publish(desk, {"business_name": "", "payment_methods": True}, 1)

    shown = load(tab)

    assert (shown["business_name"], shown["has_payment_methods"], shown["version"]) == ("", True, 2)


def test_when_the_database_is_away_then_what_is_shown_stays(tab, monkeypatch):
    shown = load(tab)

    def away():
        raise OSError("gone")

    monkeypatch.setattr(base, "engine", away)
    with pytest.raises(OSError, match="gone"):
        load(tab)

    assert {name: getattr(tab, name) for name in shown} == shown
