"""Badges: icon, word and colour; filled only where somebody must act."""

from typing import Literal

import reflex as rx
from reflex.vars import Var

from portal_app.components.icons import icon
from portal_app.components.text import Piece, Text

BadgeKind = Literal["good", "info", "wait", "bad", "off"]
ICONS = {"good": "ok", "info": "clock", "wait": "clock", "bad": "alert", "off": "stop"}
NAMED_ICONS = ("calendar", "card", "ended", "lock", "pause", "repeat", "shield", "undo")


def badge(word: Text, *, kind: BadgeKind | Var[str], icon_name: Text = "") -> rx.Component:
    """A state in a word. A Var for `kind` or `icon_name` comes from a row that a state made.

    `icon_name` is one of `NAMED_ICONS`, or empty for the icon of the kind.
    """
    return rx.el.span(_icon(kind, icon_name), word, class_name=_look(kind))


def _look(kind: BadgeKind | Var[str]) -> Text:
    if isinstance(kind, Var):
        return rx.Var.create("badge badge-") + kind.to(str)
    return f"badge badge-{kind}"


def _icon(kind: BadgeKind | Var[str], name: Text) -> Piece:
    if isinstance(name, Var):
        return rx.match(name, *[(one, icon(one)) for one in NAMED_ICONS], _icon(kind, ""))
    if name:
        return icon(name)
    if isinstance(kind, Var):
        return rx.match(kind, *[(one, icon(ICONS[one])) for one in ("good", "bad", "off")], icon("clock"))
    return icon(ICONS[kind])


def count(number: Text | int) -> rx.Component:
    """How many, beside a title or a link."""
    return rx.el.span(number, class_name="count")
