"""Money and cards as they are shown; the words arrive formatted from the server."""

from typing import Any

import reflex as rx

from portal_app.components.text import Piece, Text, present

_MARKS = {
    "visa": "M11.5 6l3.5 7.5L20.5 6",
    "mastercard": "M10.5 13.5V6.5l5.5 5 5.5-5v7",
    "amex": "M11 13.5l5-7.5 5 7.5M14 11h4",
    "bank": "M10 8l6-3 6 3M11.5 9.5V14M16 9.5V14M20.5 9.5V14",
}
_OTHER = "M10 8h12M10 12h7"


def amount(text: Text) -> rx.Component:
    """An amount in a row or a table."""
    return rx.el.span(text, class_name="amount")


def money(text: Text, *, per: Text | None = None) -> rx.Component:
    """The one amount that a page is about, as its largest thing."""
    return rx.el.span(text, *present(_per(per)), class_name="amount-money")


def sum_amount(text: Text, *, per: Text | None = None) -> rx.Component:
    """An amount that decides something, one size below the page's."""
    return rx.el.span(text, *present(_per(per)), class_name="amount-sum")


def _per(per: Text | None) -> rx.Component | None:
    return None if per is None else rx.el.span(" ", per, class_name="per")


def _below(below: Piece) -> rx.Component | None:
    return None if below is None else rx.el.p(below, class_name="mt-2 flex flex-wrap items-center gap-x-3 gap-y-2")


def amount_card_head(label: Text, text: Text, *, below: Piece = None, label_id: str = "") -> rx.Component:
    """A small title, the page's amount, and the sentence that says when and from where."""
    return rx.fragment(
        rx.el.h2(label, id=label_id or None, class_name="font-sans text-small font-medium tracking-normal text-ink-2"),
        rx.el.p(money(text), class_name="mt-1"),
        *present(_below(below)),
    )


def card_chip(brand: Text, label: Text) -> rx.Component:
    """A payment method: our own glyph, and the words ("Visa ending 4242") that say which. `brand` is Stripe's word."""
    return rx.el.span(chip(brand), rx.el.span(label), class_name="inline-flex items-center gap-2")


def chip(brand: Text) -> rx.Component:
    """The glyph alone; the card's words must stand beside it."""
    mark: Any = rx.match(brand, *_MARKS.items(), _OTHER) if isinstance(brand, rx.Var) else _MARKS.get(brand, _OTHER)
    return rx.el.svg(
        rx.el.rect(width="32", height="22", rx="4", class_name="chip-face"),
        rx.el.path(d="M0 18h32v0a4 4 0 0 1-4 4H4a4 4 0 0 1-4-4Z", class_name="chip-edge"),
        rx.el.path(d=mark, class_name="chip-mark"),
        view_box="0 0 32 22",
        class_name="chip",
        aria_hidden="true",
    )
