"""`/subscriptions/[subscription_id]`: understand one plan, and end or keep it."""

import reflex as rx

from portal_app.components.buttons import actions, primary, quiet, secondary
from portal_app.components.facts import includes, moment, sum_list, timeline, track
from portal_app.components.feedback import block_error, loading_card, not_found, note, strip
from portal_app.components.i18n import _
from portal_app.components.icons import icon
from portal_app.components.money import card_chip
from portal_app.components.records import card, section
from portal_app.components.shell import shell
from portal_app.components.where import is_shown
from portal_app.pages.pieces import (
    invoice_list,
    keep_button,
    said,
    subscription_badge,
    sum_lines,
    when,
)
from portal_app.state.configuration import ConfigurationState
from portal_app.state.subscription import Moment, SubscriptionState

_ICONS = ("flag", "receipt", "repeat", "pause", "calendar", "undo", "ended")


def subscription() -> rx.Component:
    """How it stands in one sentence, then what can be done, what is paid and what has happened."""
    state = SubscriptionState
    is_here = state.is_loaded & is_shown(state.shown_at)
    is_full = is_here & (state.problem == "")
    return shell(
        heading=rx.cond(is_full, state.card.name, _("Subscription")),
        lead=rx.cond(is_full, state.card.next_event, ""),
        badge=when(is_full, subscription_badge(state.card)),
        back=(_("Subscriptions"), "/subscriptions"),
        body=rx.cond(
            is_here,
            rx.match(state.problem, ("", _full()), ("not_found", not_found()), _failed()),
            loading_card(_("Loading the subscription")),
        ),
    )


def _failed() -> rx.Component:
    return block_error(
        _("This subscription could not be loaded."),
        on_retry=SubscriptionState.load,
        reference=SubscriptionState.reference,
    )


def _full() -> rx.Component:
    state = SubscriptionState
    return rx.fragment(
        when(state.is_checking, _checking()),
        when(state.card.has_track, _track()),
        when(state.card.change != "", note(state.card.change, class_name="mb-6")),
        _actions(),
        when(state.has_open, section(_("To pay"), invoice_list(state.open_invoices))),
        when(state.has_sum, section(_("What you pay"), _sum())),
        when(state.has_features, section(state.features_title, includes(state.features))),
        when(
            state.has_invoices & ConfigurationState.has_invoice_history,
            section(state.invoices_title, invoice_list(state.invoices), more=_("All invoices"), more_to="/invoices"),
        ),
        section(_("History"), timeline(rx.foreach(state.history, _moment))),
    )


def _checking() -> rx.Component:
    text = _(
        "Our payment provider has not confirmed your last change yet. Nothing is done twice, and this page changes by "
        "itself as soon as we know."
    )
    return rx.el.div(strip(_("We are checking"), text=text, kind="info"), class_name="mb-6")


def _track() -> rx.Component:
    span = SubscriptionState.card.track
    shown = track(start=span.start, start_on=span.start_on, end=span.end, end_on=span.end_on)
    return rx.el.div(card(shown), class_name="mb-6")


def _actions() -> rx.Component:
    state = SubscriptionState
    pay = primary(_("View open invoice"), to=state.open_address)
    cancel = quiet(_("Cancel subscription"), to=state.cancel_address)
    return rx.fragment(
        actions(
            when(state.has_open, pay),
            when(state.card.can_undo & ~state.is_checking, keep_button(state.card)),
            when(state.can_cancel & ConfigurationState.has_subscription_cancel, cancel),
        ),
        when(state.cancel_refusal != "", note(state.cancel_refusal)),
    )


def _sum() -> rx.Component:
    state = SubscriptionState
    change = when(
        ConfigurationState.has_payment_methods, secondary(_("Payment methods"), to="/payment-methods", size="small")
    )
    paid_from = rx.el.div(
        card_chip(state.card.method_glyph, state.card.method_text),
        change,
        class_name="flex flex-wrap items-center justify-between gap-3",
    )
    body = (
        said(state.sum_title, class_name="mb-2 text-small text-ink-2"),
        sum_list(sum_lines(state.sum_rows), total=(state.total_label, state.total)),
        said(state.sum_note, class_name="mt-3 text-small text-ink-2"),
        rx.foreach(state.tax_notes, lambda text: rx.el.p(text, class_name="mt-3 text-small text-ink-2")),
        said(state.age, class_name="mt-3 text-small text-ink-2"),
    )
    return rx.cond(state.is_charged, card(*body, foot=paid_from, is_tear=True), card(*body))


def _moment(entry: rx.Var[Moment]) -> rx.Component:
    mark = rx.match(entry.icon, *[(name, icon(name)) for name in _ICONS], icon("flag"))
    return moment(entry.text, entry.day, icon=mark)
