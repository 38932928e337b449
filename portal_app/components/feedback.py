"""What needs attention, what is loading, empty, refused or broken: each block answers for itself."""

from typing import Literal

import reflex as rx
from reflex.event import EventType
from reflex.vars import Var

from portal_app.components.buttons import actions, primary, secondary
from portal_app.components.i18n import _, _rich
from portal_app.components.icons import icon
from portal_app.components.links import text_link
from portal_app.components.records import list_card
from portal_app.components.text import Body, Piece, Text, classes, hidden, pieces, present
from portal_app.state.configuration import ConfigurationState

StripKind = Literal["danger", "warning", "info", "success"]
_STRIP_ICONS = {"danger": "alert", "warning": "warning", "info": "info", "success": "ok"}


def strip(
    title: Text, *, text: Piece = None, kind: StripKind | Var[str] = "warning", buttons: Body = None
) -> rx.Component:
    """A thing to do now: what, whether money moved, what comes next, one action. At most two a page, worst first."""
    if isinstance(kind, Var):
        look = rx.Var.create("strip strip-") + kind.to(str)
        mark = rx.match(kind, *[(name, icon(glyph)) for name, glyph in _STRIP_ICONS.items()], icon("warning"))
    else:
        look, mark = f"strip strip-{kind}", icon(_STRIP_ICONS[kind])
    return rx.el.section(
        mark,
        rx.el.div(rx.el.h2(title), *present(rx.el.p(text, class_name="mt-1") if text is not None else None)),
        *present(actions(*pieces(buttons)) if buttons is not None else None),
        class_name=look,
    )


def note(*body: Piece, class_name: str = "") -> rx.Component:
    """A calm aside beside a decision."""
    return rx.el.p(*present(*body), class_name=classes("note", class_name))


def skeleton(width: str = "10rem", height: str = "1rem", class_name: str = "") -> rx.Component:
    """A grey bar in the size of the text that is coming."""
    return rx.el.span(class_name=classes("skeleton", class_name), style={"width": width, "height": height})


def loading_card(label: Text, *bars: rx.Component) -> rx.Component:
    """A card that is loading; `label` says what ("Loading next payment"), `bars` keep the final block's height."""
    shown = bars or (skeleton("6rem"), skeleton("10rem", "2.5rem", "mt-2"), skeleton("14rem", "1.125rem", "mt-3"))
    return rx.el.div(hidden(label), *shown, role="status", aria_busy="true", class_name="card card-body")


def loading_rows(label: Text, number: int = 3) -> rx.Component:
    """A list that is loading."""
    line = rx.el.li(
        rx.el.div(skeleton("9rem"), skeleton("6rem", "0.875rem", "mt-2"), class_name="min-w-0 flex-1"),
        skeleton("4rem"),
    )
    bars = rx.el.ul(*[line for _place in range(number)], class_name="rows", aria_hidden="true")
    return rx.el.div(hidden(label), bars, role="status", aria_busy="true", class_name="card")


def empty(text: Text, *, title: Text | None = None, action: Piece = None, icon_name: str = "receipt") -> rx.Component:
    """Nothing here: one sentence why, one next step."""
    return list_card(
        rx.el.div(
            icon(icon_name),
            *present(rx.el.h2(title) if title is not None else None),
            rx.el.p(text),
            *present(rx.el.div(action, class_name="mt-4") if action is not None else None),
            class_name="empty",
        )
    )


def block_error(
    what: Text, *, has_money_moved: Text | None = None, on_retry: EventType, reference: Text = ""
) -> rx.Component:
    """A block that did not load: what failed, whether money moved, try again, and a reference to quote."""
    quoted = rx.el.p(
        _("Reference {reference}, if you write to us.", reference=reference), class_name="mt-1 text-small text-ink-2"
    )
    return rx.el.div(
        icon("warning"),
        rx.el.div(
            rx.el.b(what),
            rx.el.p(_("No money was moved.") if has_money_moved is None else has_money_moved, class_name="text-ink-2"),
            rx.cond(reference != "", quoted, rx.fragment()),
            rx.el.div(secondary(_("Try again"), on_click=on_retry, size="small"), class_name="mt-3"),
        ),
        role="alert",
        class_name="card fault",
    )


def save_bar(text: Text, *buttons: rx.Component, label: Text) -> rx.Component:
    """Stays in view from the first change on; `text` names the count. `label` is its name as a region."""
    return rx.el.div(
        rx.el.b(text, class_name="flex-1"), *buttons, role="region", aria_label=label, class_name="savebar"
    )


def done_mark() -> rx.Component:
    """Stands above the title of a page that says something is done."""
    return icon("ok", "done")


def load_more(shown: Text, label: Text, *, on_click: EventType, is_busy: Var[bool]) -> rx.Component:
    """The rest of a long list: how many are shown of how many, and a button for more."""
    return rx.el.div(
        rx.el.span(shown, role="status"),
        secondary(label, on_click=on_click, is_busy=is_busy, busy_label=_("Loading")),
        class_name="load-more",
    )


def contact_line() -> rx.Component:
    """How to reach the merchant, in one sentence."""
    address = ConfigurationState.support_email
    mail = text_link(address, href=rx.Var.create("mailto:") + address)
    page = text_link(_("the help page"), href=ConfigurationState.support_url)
    return rx.cond(
        address != "",
        rx.el.span(_rich("Write to {address} and we will help.", address=mail)),
        rx.cond(
            ConfigurationState.support_url != "",
            rx.el.span(_rich("Ask on {page} and we will help.", page=page)),
            rx.el.span(_("Ask the business you bought from.")),
        ),
    )


def refused(text: Text | None = None) -> rx.Component:
    """The merchant has switched this page off: a calm answer with the contact, never an error."""
    return rx.el.div(
        rx.el.p(_("This portal does not offer that.") if text is None else text, class_name="text-ink-2"),
        rx.el.p(contact_line(), class_name="mt-2"),
        rx.el.div(primary(_("Go to home"), to="/"), class_name="mt-5"),
    )


def not_found() -> rx.Component:
    """What was asked for is not there, or not this customer's: both read the same."""
    return rx.el.div(
        rx.el.p(_("The address may be old or mistyped. Nothing was changed."), class_name="text-ink-2"),
        rx.el.p(contact_line(), class_name="mt-2"),
        rx.el.div(primary(_("Go to home"), to="/"), class_name="mt-5"),
    )
