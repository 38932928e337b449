"""What is not published yet: each change beside what customers see now, and the one deed that publishes all."""

import reflex as rx

from portal_app.components.buttons import button, primary, quiet
from portal_app.components.feedback import save_bar, strip
from portal_app.components.i18n import _, _n
from portal_app.components.records import list_card, row, rows, section
from portal_app.state.merchant_draft import ChangeRow
from portal_app.state.settings import SettingsState


def changes() -> rx.Component:
    """Every change, the disputed ones first; nothing while there is none."""
    disputed = strip(
        _("Somebody else changed the same settings"),
        text=_("Their version is what customers see now; yours is kept here. Take theirs, or publish yours over it."),
        kind="warning",
    )
    listed = section(
        _("Not published"),
        rx.cond(SettingsState.has_overtaken, rx.el.div(disputed, class_name="mb-3"), rx.fragment()),
        list_card(rows(rx.foreach(SettingsState.changes, _change))),
    )
    return rx.cond(SettingsState.change_count > 0, listed, rx.fragment())


def _change(change: rx.Var[ChangeRow]) -> rx.Component:
    return row(
        change.label,
        sub=rx.el.span(
            rx.el.span(_("Published: {value}", value=change.published), class_name="block"),
            rx.el.span(_("Yours: {value}", value=change.mine), class_name="block"),
        ),
        end=button(
            rx.cond(change.is_overtaken, _("Take theirs"), _("Undo")),
            size="small",
            on_click=SettingsState.undo(change.name),
            aria_label=_("Undo the change of {name}", name=change.label),
        ),
    )


def publish_bar() -> rx.Component:
    """How many changes wait, and what to do with them."""
    number = SettingsState.change_count
    bar = save_bar(
        _n("{n} change not published", "{n} changes not published", n=number),
        quiet(_("Discard"), size="small", on_click=SettingsState.discard),
        primary(_("Publish"), size="small", is_submit=True),
        label=_("Not published"),
    )
    return rx.cond(number > 0, bar, rx.fragment())
