"""Buttons, links and fields as they are handed to the browser."""

import pytest
import reflex as rx

from portal_app.components.badges import ICONS, NAMED_ICONS, badge
from portal_app.components.buttons import button, danger, icon_button, primary
from portal_app.components.choices import Option, checkbox, radio_list, switch
from portal_app.components.forms import code_field, email_field, native_form, select_field, text_area, text_field
from portal_app.components.icons import NAMES, icon
from portal_app.components.links import text_link
from portal_app.components.money import card_chip
from portal_app.components.records import row

ERROR = rx.Var(_js_expr="error", _var_type=str).to(str)
BUSY = rx.Var(_js_expr="busy", _var_type=bool).to(bool)


@pytest.mark.parametrize(
    "made",
    [
        text_field("Name", name="name", hint="As on the invoice", error="Type a name."),
        email_field("E-mail address", hint="As on the invoice", error="Type an address."),
        code_field("Code", hint="Six digits", error="Not this one."),
        text_area("Comment", name="comment", hint="A person reads it", error="Too long."),
        select_field("Country", [("de", "Germany")], name="country", hint="Of the invoice", error="Choose one."),
    ],
)
def test_every_field_is_tied_to_its_label_its_hint_and_its_error(made):
    told = str(made)
    own_id = next(name for name in ("name", "email", "code", "comment", "country") if f'"field-{name}"' in told)

    assert f'htmlFor:"field-{own_id}"' in told
    assert f'id:"field-{own_id}"' in told
    assert f'"aria-describedby":"field-{own_id}-hint field-{own_id}-error"' in told
    assert f'id:"field-{own_id}-hint"' in told
    assert f'id:"field-{own_id}-error"' in told
    assert '"aria-invalid":"true"' in told


def test_given_an_error_that_a_state_knows_then_the_field_is_only_marked_while_there_is_one():
    told = str(text_field("Name", name="name", error=ERROR))

    marked = told.split('"aria-invalid":')[1]
    assert marked.startswith("(!((error")
    assert marked.index('"true"') < marked.index('"false"')
    assert 'id:"field-name-error"' in told


def test_given_neither_hint_nor_error_then_nothing_is_described():
    assert "aria-describedby" not in str(text_field("Name", name="name"))


def test_a_busy_button_says_what_it_does_stays_reachable_and_takes_no_click():
    told = str(primary("Pay 19.04", on_click=rx.console_log("paid"), is_busy=BUSY, busy_label="Paying 19.04"))

    assert '"aria-disabled":busy' in told
    assert '"aria-busy":busy' in told
    assert "Paying 19.04" in told
    assert "disabled:" not in told
    assert "busy ? " in told.split("onClick")[1]


def test_a_button_sends_a_form_only_when_told_to():
    assert 'type:"button"' in str(button("Save"))
    assert 'type:"submit"' in str(button("Save", is_submit=True))


def test_given_a_page_then_a_button_is_a_link_of_the_router_and_given_an_address_a_plain_one():
    assert str(primary("Open", to="/invoices")).startswith("jsx(ReactRouterLink")
    assert 'jsx("a"' in str(primary("Download", href="/files/1"))
    assert 'jsx("a"' in str(text_link("Terms", href="https://example.com"))


def test_a_button_of_a_glyph_alone_has_a_name():
    assert '"aria-label":"Close"' in str(icon_button("Close", "close"))


def test_only_the_last_step_is_red():
    assert "btn-danger" in str(danger("Cancel subscription"))


def test_a_native_form_is_posted_by_the_browser():
    told = str(native_form(action="/login"))

    assert 'action:"/login"' in told
    assert 'method:"post"' in told
    assert "onSubmit" not in told


def test_a_choice_is_inside_its_label():
    told = str(checkbox("I agree", name="agree", sub="Today"))

    assert told.startswith('jsx("label"')
    assert 'type:"checkbox"' in told


def test_a_radio_list_marks_what_the_state_holds():
    chosen = rx.Var(_js_expr="why", _var_type=str).to(str)

    told = str(radio_list([Option("cost", "Too expensive")], name="why", value=chosen, on_change=rx.console_log("x")))

    assert "checked:(why" in told


def test_a_switch_is_one_for_those_who_do_not_see_it():
    told = str(switch("Cancel", name="cancel", is_on=BUSY, sub="At the end of the period"))

    assert 'role:"switch"' in told
    assert 'htmlFor:"switch-cancel"' in told
    assert '"aria-describedby":"switch-cancel-hint"' in told


def test_every_badge_has_an_icon_and_a_word():
    for kind in ICONS:
        told = str(badge("Paid", kind=kind))

        assert 'jsx("svg"' in told
        assert '"Paid"' in told
    assert set(ICONS.values()) | set(NAMED_ICONS) <= set(NAMES)


def test_an_icon_is_never_heard():
    assert '"aria-hidden":"true"' in str(icon("home"))
    with pytest.raises(KeyError):
        icon("no such icon")


def test_a_card_is_named_in_words_beside_its_glyph():
    told = str(card_chip("visa", "Visa ending 4242"))

    assert "Visa ending 4242" in told
    assert '"aria-hidden":"true"' in told


def test_a_row_that_opens_a_page_has_one_link_and_its_chevron():
    told = str(row("3 November 2026", to="/invoices/in_1", sub="INV-0142"))

    assert told.count("row-link") == 1
    assert "chevron" in told
    assert "chevron" not in str(row("3 November 2026"))
