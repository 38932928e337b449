"""Buttons say the deed; one primary a page, red filled only for what cannot be undone."""

from typing import Any, Literal

import reflex as rx
from reflex.event import EventType
from reflex.vars import Var

from portal_app.components.icons import icon as icon_of
from portal_app.components.icons import spinner
from portal_app.components.links import anchor
from portal_app.components.text import Piece, Text, classes, present

Size = Literal["small", "default", "large"]
Kind = Literal["primary", "secondary", "quiet", "danger", "danger-quiet"]


def button(
    label: Text,
    *,
    kind: Kind = "secondary",
    on_click: EventType | None = None,
    to: Text | None = None,
    href: Text | None = None,
    icon: str = "",
    size: Size = "default",
    is_block: bool = False,
    is_busy: Var[bool] | bool = False,
    busy_label: Text | None = None,
    is_disabled: Var[bool] | bool = False,
    is_submit: bool = False,
    **attributes: Any,
) -> rx.Component:
    """A button, or a link that looks like one when `to` (a page) or `href` (anything else) is given.

    While `is_busy` it keeps its place, says `busy_label`, takes no click and stays reachable by keyboard.
    """
    look = classes(f"btn btn-{kind}", None if size == "default" else f"btn-{size}", "btn-block" if is_block else None)
    content = present(icon_of(icon) if icon else None, label)
    if to is not None or href is not None:
        return anchor(content, to=to, href=href, class_name=look, **attributes)
    if isinstance(is_busy, Var):
        attributes |= {"aria_busy": is_busy, "aria_disabled": is_busy}
        content = [
            rx.cond(is_busy, rx.fragment(spinner(), label if busy_label is None else busy_label), rx.fragment(*content))
        ]
        on_click = rx.cond(is_busy, rx.noop(), on_click) if on_click is not None else None
    if on_click is not None:
        attributes["on_click"] = on_click
    if is_disabled is not False:
        attributes["disabled"] = is_disabled
    return rx.el.button(*content, type="submit" if is_submit else "button", class_name=look, **attributes)


def primary(label: Text, **options: Any) -> rx.Component:
    """The one thing to do on this page. Options: see `button`."""
    return button(label, kind="primary", **options)


def secondary(label: Text, **options: Any) -> rx.Component:
    """Another thing that can be done here. Options: see `button`."""
    return button(label, kind="secondary", **options)


def quiet(label: Text, **options: Any) -> rx.Component:
    """A way out or aside, without a border. Options: see `button`."""
    return button(label, kind="quiet", **options)


def danger(label: Text, **options: Any) -> rx.Component:
    """The last step of what ends or removes something. Options: see `button`."""
    return button(label, kind="danger", **options)


def danger_quiet(label: Text, **options: Any) -> rx.Component:
    """Begins what ends or removes something. Options: see `button`."""
    return button(label, kind="danger-quiet", **options)


def icon_button(label: Text, icon: str, *, kind: Kind = "quiet", **options: Any) -> rx.Component:
    """A button of a glyph alone; `label` is its name for those who do not see it."""
    return button("", kind=kind, icon=icon, aria_label=label, title=label, **options)


def pair(*buttons: rx.Component) -> rx.Component:
    """Two choices of equal size: neither is recommended."""
    return rx.el.div(*buttons, class_name="pair")


def actions(*buttons: Piece, layout: Literal["row", "two", "half"] = "row") -> rx.Component:
    """Buttons in a row; on phones one below the other (`row`), first alone then twos (`two`) or in twos (`half`)."""
    return rx.el.div(
        *present(*buttons), class_name=classes("actions", None if layout == "row" else f"actions-{layout}")
    )
