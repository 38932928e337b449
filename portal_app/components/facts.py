"""Facts that are read: key and value, sums, effects, a track with its ends, a timeline, steps."""

from typing import Literal

import reflex as rx
from reflex.vars import Var

from portal_app.components.i18n import _
from portal_app.components.icons import icon as icon_of
from portal_app.components.text import Body, Piece, Text, classes, pieces, present


def key_value(*pairs: rx.Component | tuple[Text, Piece]) -> rx.Component:
    """Facts to read. A pair is `(label, value)`, or `fact(…)` where it is conditional or repeated."""
    return rx.el.dl(*[fact(*pair) if isinstance(pair, tuple) else pair for pair in pairs], class_name="facts-list")


def fact(label: Text, *value: Piece) -> rx.Component:
    """One line of `key_value`."""
    return rx.el.div(rx.el.dt(label), rx.el.dd(*present(*value)))


def sum_list(*lines: Piece, total: tuple[Text, Text] | None = None) -> rx.Component:
    """Anything that adds up: `sum_line`s, then the total above which stands a line."""
    last = rx.el.div(rx.el.dt(total[0]), rx.el.dd(total[1]), class_name="total") if total else None
    return rx.el.dl(*present(*lines, last), class_name="sums")


def sum_line(label: Text, amount: Text, *, sub: Piece = None, is_strong: bool = False) -> rx.Component:
    """One line of a `sum_list`; `sub` says the period or what can be done about it."""
    name = rx.el.dt(
        label, *present(rx.el.small(sub) if sub is not None else None), class_name="strong" if is_strong else ""
    )
    return rx.el.div(name, rx.el.dd(amount))


def effects(*items: rx.Component) -> rx.Component:
    """What will happen, one `effect` each."""
    return rx.el.ul(*items, class_name="effects")


def effect(icon: str, title: Text, text: Piece = None) -> rx.Component:
    """One consequence: a fact, and a sentence about it."""
    sentence = rx.el.span(text, class_name="block text-ink-2") if text is not None else None
    return rx.el.li(icon_of(icon), rx.el.div(rx.el.b(title, class_name="block"), *present(sentence)))


def includes(items: Var[list[str]] | list[Text]) -> rx.Component:
    """What a plan includes."""
    if isinstance(items, Var):
        return rx.el.ul(rx.foreach(items, _included), class_name="includes")
    return rx.el.ul(*[_included(item) for item in items], class_name="includes")


def _included(item: Text) -> rx.Component:
    return rx.el.li(icon_of("check"), rx.el.span(item))


def track(*, start: Text, start_on: Text, end: Text, end_on: Text) -> rx.Component:
    """A span with an end: cancelling, paused."""
    return rx.el.div(
        rx.el.div(class_name="track-line"),
        rx.el.div(
            rx.el.span(start, rx.el.br(), rx.el.span(start_on, class_name="num")),
            rx.el.span(end, rx.el.br(), rx.el.span(end_on, class_name="num")),
            class_name="track-ends",
        ),
        class_name="track",
    )


def timeline(*moments: Piece) -> rx.Component:
    """Who did what, when; newest first. `rx.foreach(State.history, …)` or single `moment`s."""
    return rx.el.ol(*present(*moments), class_name="timeline")


def moment(
    what: Body, when: Text, *, icon: Piece = None, kind: Literal["plain", "bad", "staff"] | Var[str] = "plain"
) -> rx.Component:
    """One entry of a `timeline`; `icon` is a component, so that a row may choose it with `rx.match`."""
    look = rx.Var.create("dot dot-") + kind.to(str) if isinstance(kind, Var) else f"dot dot-{kind}"
    return rx.el.li(
        rx.el.span(icon if icon is not None else icon_of("flag"), class_name=look),
        rx.el.div(*pieces(what), rx.el.p(when, class_name="text-small text-ink-2"), class_name="pt-0.5"),
    )


def stepper(step: int, of: int, name: Text) -> rx.Component:
    """Where one is in a flow, in words; the bars only repeat it."""
    marks = [rx.el.li(custom_attrs={"data-done": ""} if place < step else {}) for place in range(of)]
    return rx.el.div(
        rx.el.p(
            _("Step {step} of {count}: {name}", step=step, count=of, name=name),
            class_name="text-small font-medium text-ink-2",
        ),
        rx.el.ol(*marks, aria_hidden="true"),
        class_name="stepper mb-6",
    )


def details(
    summary: Text, *body: Piece, is_open: bool = False, is_fold: bool = False, class_name: str = ""
) -> rx.Component:
    """Opens an explanation in place; `is_fold` for a folded list with a title. Never for costs or for Cancel."""
    return rx.el.details(
        rx.el.summary(*([icon_of("down"), summary] if is_fold else [summary, icon_of("down")])),
        *present(*body),
        open=is_open,
        class_name=classes("open", "fold" if is_fold else None, class_name),
    )
