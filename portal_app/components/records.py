"""Cards, lists and tables: one object or one list each, amounts in one column at the end."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from portal_app.components.icons import icon
from portal_app.components.links import anchor, more_link
from portal_app.components.text import Body, Piece, Text, classes, pieces, present


def card(
    *body: Piece, foot: Body = None, is_tear: bool = False, class_name: str = "", **attributes: Any
) -> rx.Component:
    """One object. `foot` stands below a line, a dashed one (`is_tear`) only between an amount and what explains it."""
    below = (
        None
        if foot is None
        else rx.el.div(*pieces(foot), class_name=classes("card-foot", "card-tear" if is_tear else None))
    )
    return rx.el.section(
        rx.el.div(*present(*body), class_name="card-body"),
        *present(below),
        class_name=classes("card", class_name),
        **attributes,
    )


def list_card(*body: Piece, class_name: str = "") -> rx.Component:
    """One list, to the card's edges: `rows`, `table`."""
    return rx.el.div(*present(*body), class_name=classes("card", class_name))


def card_head(name: Text, *, sub: Piece = None, end: Piece = None, is_top: bool = False) -> rx.Component:
    """What the card is about, with its badge at the end; `is_top` where no section's title stands above it."""
    heading = rx.el.h2 if is_top else rx.el.h3
    line = rx.el.div(
        heading(name, class_name="text-lead min-w-0 flex-auto"),
        *present(end),
        class_name="flex flex-wrap items-baseline justify-between gap-x-3 gap-y-1",
    )
    return rx.el.div(line, *present(rx.el.p(sub, class_name="text-ink-2") if sub is not None else None))


def section(title: Text, *body: Piece, more: Text | None = None, more_to: Text | None = None) -> rx.Component:
    """A titled part of a page; `more` leads to the whole list, and is left out while it says nothing."""
    link = more_link(more, to=more_to) if more is not None and more_to is not None else None
    if isinstance(more, rx.Var) and link is not None:
        link = rx.cond(more != "", link, rx.fragment())
    return rx.el.section(
        rx.el.div(
            rx.el.h2(title),
            *present(link),
            class_name="mb-3 flex min-h-7 flex-wrap items-baseline justify-between gap-x-4",
        ),
        *present(*body),
        class_name="mt-8 wide:mt-10",
    )


def rows(*items: Piece, is_inside: bool = False) -> rx.Component:
    """A list for phones, or a short one anywhere; `rx.foreach(State.rows, …)` or single `row`s."""
    return rx.el.ul(*present(*items), class_name=classes("rows", "rows-inside" if is_inside else None))


def row(
    name: Text,
    *,
    sub: Piece = None,
    end: Body = None,
    lead: Piece = None,
    to: Text | None = None,
    href: Text | None = None,
    is_tall: bool = False,
) -> rx.Component:
    """One line of `rows`: a name, what it is, an amount and badge (`end`). `to` or `href` makes all of it the link."""
    is_link = to is not None or href is not None
    title = anchor(name, to=to, href=href, class_name="row-link") if is_link else rx.el.b(name)
    return rx.el.li(
        *present(
            lead,
            rx.el.div(
                title,
                *present(rx.el.span(sub, class_name="row-sub") if sub is not None else None),
                class_name="row-body",
            ),
            rx.el.div(*pieces(end), class_name="row-end") if end is not None else None,
            icon("chevron", "chevron flip") if to is not None else None,
        ),
        class_name="row-tall" if is_tall else "",
    )


def row_link(name: Text, *, to: Text, sub: Piece = None, end: Body = None) -> rx.Component:
    """A `row` that opens a page."""
    return row(name, to=to, sub=sub, end=end)


def table(*body: Piece, caption: Text, columns: Sequence[Piece]) -> rx.Component:
    """A real table, for 768 px and wider; `body` is `table_row`s. Phones get `rows` from the same data.

    `caption` is heard, not seen. A column is its heading, `end_column(…)` for amounts, `hidden(…)` where no word shows.
    """
    made = rx.el.table(
        rx.el.caption(caption, class_name="sr-only"),
        rx.el.thead(rx.el.tr(*[_heading(column) for column in columns])),
        rx.el.tbody(*present(*body)),
        class_name="table",
    )
    # With text at twice its size a table may be wider than its card: it scrolls, the page does not.
    return rx.el.div(made, class_name="overflow-x-auto")


def _heading(column: Piece) -> rx.Component:
    if isinstance(column, rx.Component) and column.tag == "th":
        return column
    return rx.el.th(column, scope="col")


def end_column(heading: Text) -> rx.Component:
    """The heading of a column of amounts."""
    return rx.el.th(heading, scope="col", class_name="end")


def table_row(*cells: Piece) -> rx.Component:
    """One row of a `table`; plain content is wrapped in a cell, `end_cell` and `sub_cell` are cells already."""
    return rx.el.tr(*[cell if _is_cell(cell) else rx.el.td(cell) for cell in present(*cells)])


def _is_cell(cell: Piece) -> bool:
    return isinstance(cell, rx.Component) and cell.tag == "td"


def end_cell(*content: Piece) -> rx.Component:
    """A cell of an amount or an action, at the end."""
    return rx.el.td(*present(*content), class_name="end")


def sub_cell(*content: Piece) -> rx.Component:
    """A cell of second text."""
    return rx.el.td(*present(*content), class_name="sub")


def wide_only(*body: Piece) -> rx.Component:
    """Shown from 768 px."""
    return rx.el.div(*present(*body), class_name="hidden wide:block")


def phone_only(*body: Piece) -> rx.Component:
    """Shown below 768 px."""
    return rx.el.div(*present(*body), class_name="wide:hidden")
