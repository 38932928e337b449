"""The settings page: nothing is published unseen, nothing typed is lost, and what cannot be used says why."""

import asyncio
from typing import Any

import pytest
import reflex as rx

from portal_app.security.visitor import SYSTEM, Visitor, acting_as
from portal_app.services import configuration, pictures, staff
from portal_app.services.desk import open_desk
from portal_app.state.session import CustomerSession
from portal_app.state.settings import SettingsState
from tests.hostile_pictures import a_picture
from tests.services.portal_database import sqlite_database

__all__ = ["sqlite_database"]


class Tab:
    """One member's open settings page."""

    def __init__(self, member: Visitor) -> None:
        self.member = member
        self.root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
        self.state: SettingsState = asyncio.run(self.root.get_state(SettingsState))
        self.does("load")

    def does(self, deed: str, *arguments: Any) -> None:
        handler = SettingsState.event_handlers[deed].fn
        with acting_as(self.member):
            asyncio.run(handler(self.state, *arguments))

    @property
    def session(self) -> CustomerSession:
        return asyncio.run(self.root.get_state(CustomerSession))


def a_member(name: str, locale: str = "en") -> Visitor:
    with open_desk(actor=SYSTEM) as desk:
        made = staff.ensure(desk, f"{name}@example.com", "owner")
    return Visitor("staff", staff_id=made.id, email=made.email, role="owner", locale=locale)


@pytest.fixture
def mia(sqlite_database) -> Tab:
    return Tab(a_member("mia"))


def published():
    with open_desk() as desk:
        return configuration.current(desk)


def test_given_nothing_published_when_the_page_opens_then_it_says_so_and_has_no_changes(mia):
    state = mia.state

    assert state.is_loaded
    assert "Nothing is published yet" in state.published
    assert state.portal_link.endswith("/login")
    assert (state.change_count, state.changes) == (0, [])
    assert state.form.brand_colour == "#00747e"
    assert float(state.look.light_ratio) >= 4.5


def test_when_mia_changes_two_settings_and_saves_then_one_version_is_published(mia):
    mia.does("edit", "business_name", "Linnet")
    mia.does("switch", "subscription_cancel", False)
    assert mia.state.change_count == 2
    assert published().version == 0

    mia.does("edit", "business_name", "Linnet")
    mia.does("save", {})

    assert (published().version, published().business_name) == (1, "Linnet")
    assert not published().features.subscription_cancel
    assert mia.state.change_count == 0
    assert "Version 1, published" in mia.state.published
    assert "mia@example.com" in mia.state.published
    assert mia.session.notice == "Published. Customers see it now."


def test_when_mia_saves_before_the_last_keystroke_was_reported_then_it_counts_too(mia):
    mia.does("edit", "business_name", "Linn")

    form = {"version": "0", "business_name": "Linnet", "support_email": None, "invoice_history": False, "other": "x"}
    mia.does("save", form)

    assert (published().business_name, published().support_email) == ("Linnet", "")
    assert published().features.invoice_history


def test_given_a_page_that_does_not_show_the_newest_version_yet_when_mia_saves_then_it_is_not_undone(mia):
    abe = Tab(a_member("abe"))
    mia.does("edit", "business_name", "Linnet")
    abe.does("edit", "support_phone", "112")
    abe.does("save", {})
    mia.does("load")

    mia.does("save", {"version": "0", "business_name": "Linnet", "support_phone": ""})

    assert (published().version, published().business_name, published().support_phone) == (2, "Linnet", "112")


def test_when_a_value_is_typed_back_then_it_is_no_change(mia):
    mia.does("edit", "business_name", "Linnet")
    mia.does("edit", "business_name", "  ")

    assert mia.state.change_count == 0


def test_when_a_value_cannot_be_used_then_nothing_is_published_and_all_stays_as_typed(mia):
    mia.does("switch", "invoice_history", False)

    mia.does("edit", "business_name", "Linnet")
    mia.does("edit", "support_url", "http://help")
    mia.does("edit", "support_email", "help@")
    mia.does("save", {})

    assert published().version == 0
    state = mia.state
    assert (state.form.support_url, state.form.support_email) == ("http://help", "help@")
    assert "https://" in state.errors["support_url"]
    assert "e-mail" in state.errors["support_email"]
    assert state.errors["business_name"] == ""
    assert state.change_count == 4
    assert mia.session.notice_code == "invalid_input"


def test_when_a_field_is_left_then_its_error_shows_and_goes_while_it_is_mended(mia):
    mia.does("edit", "support_email", "help@")
    assert mia.state.errors["support_email"] == ""

    mia.does("check", "support_email")
    assert mia.state.errors["support_email"]

    mia.does("edit", "support_email", "help@example.com")
    assert mia.state.errors["support_email"] == ""


def test_when_no_colour_is_typed_then_the_last_look_stays(mia):
    before = mia.state.look

    mia.does("edit", "brand_colour", "#ff5")
    mia.does("edit", "brand_colour", "#ff5a")

    assert mia.state.look != before
    mia.does("edit", "brand_colour", "#ff5a1f")
    assert float(mia.state.look.light_ratio) >= 4.5
    assert float(mia.state.look.dark_ratio) >= 4.5


def test_when_somebody_else_published_another_setting_then_both_hold(mia):
    abe = Tab(a_member("abe"))
    mia.does("edit", "business_name", "Linnet")
    abe.does("edit", "support_phone", "112")
    abe.does("save", {})

    mia.does("load")

    assert mia.state.form.support_phone == "112"
    assert mia.state.form.business_name == "Linnet"
    assert not mia.state.has_overtaken
    mia.does("edit", "business_name", "Linnet")
    mia.does("edit", "support_phone", "112")
    mia.does("save", {})
    assert (published().version, published().business_name, published().support_phone) == (2, "Linnet", "112")


def test_when_somebody_else_published_the_same_setting_then_both_facts_are_shown_before_anything_is_lost(mia):
    abe = Tab(a_member("abe"))
    mia.does("edit", "business_name", "Linnet")
    abe.does("edit", "business_name", "Sparrow")
    abe.does("save", {})

    mia.does("edit", "business_name", "Linnet")
    mia.does("save", {})

    assert published().business_name == "Sparrow"
    assert mia.session.notice_code == "conflict"
    [row] = mia.state.changes
    assert row.is_overtaken
    assert mia.state.has_overtaken
    assert (row.label, row.published, row.mine) == ("Business name", "Sparrow", "Linnet")
    assert "abe@example.com" in mia.state.published
    mia.does("edit", "business_name", "Linnet")
    mia.does("save", {})
    assert (published().version, published().business_name) == (2, "Linnet")
    assert not mia.state.has_overtaken


def test_when_mia_takes_theirs_then_her_change_is_gone(mia):
    abe = Tab(a_member("abe"))
    mia.does("edit", "business_name", "Linnet")
    abe.does("edit", "business_name", "Sparrow")
    abe.does("save", {})
    mia.does("load")

    mia.does("undo", "business_name")

    assert (mia.state.form.business_name, mia.state.change_count, mia.state.has_overtaken) == ("Sparrow", 0, False)


def test_when_the_page_is_loaded_again_then_nothing_typed_is_lost(mia):
    mia.does("edit", "business_name", "Linn")
    mia.does("switch", "payment_methods", False)

    mia.does("load")

    assert (mia.state.form.business_name, mia.state.form.payment_methods) == ("Linn", False)
    assert mia.state.change_count == 2


def test_when_mia_discards_then_the_page_shows_what_is_published(mia):
    mia.does("edit", "support_url", "nowhere")
    mia.does("check", "support_url")
    mia.does("switch", "billing_details", False)

    mia.does("discard")

    assert mia.state.change_count == 0
    assert mia.state.form.support_url == ""
    assert set(mia.state.errors.values()) == {""}
    assert mia.state.form.billing_details


def test_when_a_logo_is_chosen_and_published_then_customers_get_its_address(mia):
    with open_desk(actor=mia.member) as desk:
        stored = pictures.store(desk, a_picture())
    mia.does("choose_picture", "logo_id", stored.id)
    assert mia.state.form.logo_url == f"/pictures/{stored.id}.png"

    mia.does("save", {})
    assert published().logo_id == stored.id

    mia.does("choose_picture", "logo_id", "")
    mia.does("save", {})
    assert published().logo_id == ""


def test_when_a_logo_was_never_uploaded_then_publishing_is_refused_at_its_field(mia):
    mia.does("choose_picture", "logo_id", "0" * 32)

    mia.does("save", {})

    assert published().version == 0
    assert mia.state.errors["logo_id"]
    assert mia.state.change_count == 1


def test_when_the_corners_are_chosen_then_they_are_published_in_pixels(mia):
    mia.does("choose_radius", "12")
    mia.does("save", {})

    assert published().radius == 12


def test_given_a_german_owner_when_she_changes_something_then_the_words_are_german(sqlite_database):
    greta = Tab(a_member("greta", "de"))

    greta.does("edit", "support_email", "hilfe@")
    greta.does("check", "support_email")

    assert greta.state.errors["support_email"] != "Type an e-mail address, for example help@example.com."
    assert greta.state.changes[0].label != "Support address"
