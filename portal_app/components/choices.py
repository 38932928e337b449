"""Choices: checkbox to agree, radio for one of many, radio card for those that need a sentence, switch for at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import reflex as rx
from reflex.event import EventType
from reflex.vars import Var

from portal_app.components.text import Piece, Text, classes, present


@dataclass(frozen=True)
class Option:
    """One answer of a choice: what is sent, what is read, and a sentence where a word is not enough."""

    value: str
    label: Text
    sub: Text | None = None
    end: Piece = None


def checkbox(
    label: Text, *, name: str, sub: Text | None = None, is_on: Var[bool] | bool = False, **attributes: Any
) -> rx.Component:
    """Agrees to something; it counts when the form is sent."""
    return _choice("checkbox", label, sub, name=name, default_checked=is_on, **attributes)


def radio_list(
    options: Sequence[Option], *, name: str, value: Text = "", on_change: EventType | None = None
) -> rx.Component:
    """One of many in plain words. Stands in a `group(legend, …)`; with `on_change` the state keeps the answer."""
    return rx.el.div(*[_radio(option, name, value, on_change) for option in options], class_name="choices")


def _radio(option: Option, name: str, value: Text, on_change: EventType | None) -> rx.Component:
    return _choice(
        "radio", option.label, option.sub, name=name, value=option.value, **_chosen(option.value, value, on_change)
    )


def radio_choice(
    label: Text,
    *,
    name: str,
    value: Text,
    is_on: Var[bool] | bool,
    on_change: EventType | None = None,
    sub: Text | None = None,
) -> rx.Component:
    """One radio for a list that `rx.foreach` makes; wrap the list in `rx.el.div(class_name="choices")`.

    Without `on_change` it is a field of its form and starts at `is_on`.
    """
    kept = {"default_checked": is_on} if on_change is None else {"checked": is_on, "on_change": on_change}
    return _choice("radio", label, sub, name=name, value=value, **kept)


def _chosen(own: str, value: Text, on_change: EventType | None) -> dict[str, Any]:
    if on_change is None:
        return {"default_checked": value == own}
    return {"checked": value == own, "on_change": on_change}


def _choice(kind: Literal["checkbox", "radio"], label: Text, sub: Text | None, **attributes: Any) -> rx.Component:
    look = "check" if kind == "checkbox" else "radio"
    return rx.el.label(
        rx.el.input(type=kind, class_name=look, **attributes),
        rx.el.span(label, *present(rx.el.small(sub) if sub is not None else None)),
        class_name="choice",
    )


def radio_cards(
    options: Sequence[Option], *, name: str, value: Text = "", on_change: EventType | None = None, is_two: bool = False
) -> rx.Component:
    """One of a few, each with a price or a sentence. Stands in a `group(legend, …)`."""
    cards = [
        rx.el.label(
            rx.el.input(
                type="radio",
                name=name,
                value=option.value,
                class_name="radio",
                **_chosen(option.value, value, on_change),
            ),
            rx.el.span(
                rx.el.span(
                    rx.el.b(option.label), *present(option.end), class_name="flex flex-wrap justify-between gap-x-4"
                ),
                *present(rx.el.small(option.sub) if option.sub is not None else None),
                class_name="min-w-0 flex-1",
            ),
            class_name="pick",
        )
        for option in options
    ]
    return rx.el.div(*cards, class_name=classes("picks", "picks-two" if is_two else None))


def switch(
    label: Text,
    *,
    name: str,
    is_on: Var[bool],
    on_change: EventType | None = None,
    sub: Text | None = None,
    is_disabled: Var[bool] | bool = False,
) -> rx.Component:
    """Works at once. Without `on_change` it is a field of its form and starts at `is_on`."""
    own_id = f"switch-{name}"
    kept: dict[str, Any] = {"default_checked": is_on, "key": is_on}
    if on_change is not None:
        kept = {"checked": is_on, "on_change": on_change}
    told: dict[str, Any] = {"aria_describedby": f"{own_id}-hint"} if sub is not None else {}
    return rx.el.div(
        rx.el.span(
            rx.el.label(label, html_for=own_id),
            *present(rx.el.small(sub, id=f"{own_id}-hint") if sub is not None else None),
        ),
        rx.el.input(
            type="checkbox",
            role="switch",
            id=own_id,
            name=name,
            class_name="switch",
            disabled=is_disabled,
            **kept,
            **told,
        ),
        class_name="switch-row",
    )


def segmented(
    label: Text,
    options: Sequence[tuple[str, Text]],
    *,
    name: str,
    value: Text,
    on_change: EventType,
    is_disabled: Var[bool] | bool = False,
) -> rx.Component:
    """Two or three views of one thing; never navigation."""

    def one(key: str) -> rx.Component:
        return rx.el.input(
            type="radio", name=name, value=key, checked=value == key, disabled=is_disabled, on_change=on_change
        )

    return rx.el.div(
        *[rx.el.label(one(key), words) for key, words in options],
        role="group",
        aria_label=label,
        class_name="seg",
    )
