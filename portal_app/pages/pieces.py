"""Blocks that several of the customer's pages share."""

import reflex as rx

from portal_app.components.badges import badge
from portal_app.components.buttons import actions, primary, secondary
from portal_app.components.facts import fact, key_value, sum_line, track
from portal_app.components.feedback import strip
from portal_app.components.i18n import _
from portal_app.components.money import amount, card_chip
from portal_app.components.records import card, card_head, list_card, row_link, rows
from portal_app.state.attention import Strip
from portal_app.state.facts import Fact
from portal_app.state.invoice_rows import InvoiceLine
from portal_app.state.subscription_cards import SubscriptionCard
from portal_app.state.sums import SumRow
from portal_app.state.undo import UndoState


def when(condition: rx.Var[bool], *shown: rx.Component | rx.Var | str) -> rx.Component:
    """Shown only while this holds."""
    return rx.cond(condition, rx.fragment(*shown), rx.fragment())


def said(text: rx.Var[str], **attributes: object) -> rx.Component:
    """A sentence that may be missing."""
    return when(text != "", rx.el.p(text, **attributes))


def invoice_list(lines: rx.Var[list[InvoiceLine]]) -> rx.Component:
    """The newest invoices; each row opens its invoice."""
    return list_card(rows(rx.foreach(lines, _invoice)))


def _invoice(line: rx.Var[InvoiceLine]) -> rx.Component:
    standing = [amount(line.amount), badge(line.badge, kind=line.badge_kind, icon_name=line.badge_icon)]
    return row_link(line.day, to=line.address, sub=line.sub, end=standing)


def sum_lines(lines: rx.Var[list[SumRow]]) -> rx.Component:
    """The lines of a sum, for a `sum_list`."""
    return rx.foreach(lines, lambda line: sum_line(line.label, line.amount, sub=line.sub))


def fact_list(facts: rx.Var[list[Fact]]) -> rx.Component:
    """Facts to read."""
    return key_value(rx.foreach(facts, lambda one: fact(one.label, one.text)))


def attention(strips: rx.Var[list[Strip]]) -> rx.Component:
    """What needs the customer; the first one has the page's primary button."""
    return rx.el.div(rx.foreach(strips, _strip), class_name="mb-6 grid gap-4 empty:hidden")


def _strip(item: rx.Var[Strip], place: rx.Var[int]) -> rx.Component:
    def way_out(look: object) -> rx.Component:
        leaves, stays = look(item.label, href=item.href), look(item.label, to=item.address)
        return rx.cond(item.href != "", leaves, stays)

    button = rx.cond(place == 0, way_out(primary), way_out(secondary))
    return strip(item.title, text=item.text, kind=item.kind, buttons=button)


def subscription_badge(found: rx.Var[SubscriptionCard]) -> rx.Component:
    """How a subscription stands."""
    return badge(found.badge, kind=found.badge_kind, icon_name=found.badge_icon)


def method_line(found: rx.Var[SubscriptionCard]) -> rx.Component:
    """The card that is charged, and what is the matter with it."""
    return when(found.method != "", rx.el.p(card_chip(found.method_glyph, found.method_text), class_name="mt-4"))


def price_line(found: rx.Var[SubscriptionCard]) -> rx.Component:
    """The price with what it leaves out, and below what is in it."""
    note = when(found.price_note != "", ", ", found.price_note)
    return rx.fragment(
        when(found.price != "", rx.el.span(found.price, note, class_name="block")),
        when(found.contents != "", rx.el.span(found.contents, class_name="block")),
    )


def subscription_card(
    found: rx.Var[SubscriptionCard], *, told: rx.Component, manage: rx.Component, is_top: bool = False
) -> rx.Component:
    """One subscription: what it is, what comes next (`told`, or a track to its end), and what can be done about it."""
    span = track(start=found.track.start, start_on=found.track.start_on, end=found.track.end, end_on=found.track.end_on)
    return card(
        card_head(found.name, sub=price_line(found), end=subscription_badge(found), is_top=is_top),
        rx.cond(found.has_track, rx.el.div(span, class_name="mt-5"), told),
        said(found.change, class_name="mt-2"),
        rx.el.div(
            rx.cond(found.can_undo, actions(keep_button(found), manage, layout="half"), actions(manage)),
            class_name="mt-5",
        ),
    )


def keep_button(found: rx.Var[SubscriptionCard]) -> rx.Component:
    """Takes a cancellation back by one click."""
    return secondary(
        found.keep_label,
        icon="undo",
        on_click=UndoState.undo(found.id),
        is_busy=UndoState.busy_id == found.id,
        busy_label=_("Keeping it"),
    )
