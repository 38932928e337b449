"""`/`: what do I pay, when, and is all well?"""

import reflex as rx

from portal_app.components.buttons import primary, secondary
from portal_app.components.facts import details, sum_list
from portal_app.components.feedback import block_error, contact_line, empty, loading_card, loading_rows
from portal_app.components.i18n import _
from portal_app.components.icons import icon
from portal_app.components.links import text_link
from portal_app.components.money import amount_card_head, card_chip
from portal_app.components.records import card, section
from portal_app.components.shell import shell
from portal_app.pages.pieces import (
    attention,
    fact_list,
    invoice_list,
    method_line,
    said,
    subscription_card,
    sum_lines,
    when,
)
from portal_app.state.configuration import ConfigurationState
from portal_app.state.home import HomeState
from portal_app.state.subscription_cards import SubscriptionCard


def home() -> rx.Component:
    """Attention first, then the one amount, the subscriptions, the papers and a person to ask."""
    is_full = HomeState.is_loaded & (HomeState.problem == "")
    return shell(
        heading=rx.cond(is_full, HomeState.heading, _("Home")),
        title=_("Home"),
        lead=rx.cond(HomeState.is_loaded, when(is_full & ~HomeState.is_empty, _lead()), _coming()),
        body=rx.cond(HomeState.is_loaded, rx.match(HomeState.problem, ("", _full()), _failed()), _loading()),
    )


def _lead() -> rx.Component:
    well = rx.el.span(icon("ok"), rx.el.span(HomeState.lead), class_name="well")
    return rx.cond(HomeState.is_well, well, HomeState.lead)


def _coming() -> rx.Var:
    # Stands in the file that the server sends, so that something is read before any script has run.
    return _("Your next payment, your subscriptions and your latest invoices in a moment.")


def _loading() -> rx.Component:
    return rx.fragment(
        loading_card(_("Loading the next payment")),
        rx.el.div(loading_rows(_("Loading invoices")), class_name="mt-10"),
    )


def _failed() -> rx.Component:
    return block_error(_("Your overview could not be loaded."), on_retry=HomeState.load, reference=HomeState.reference)


def _full() -> rx.Component:
    return rx.cond(HomeState.is_empty, _nothing(), _all())


def _nothing() -> rx.Component:
    again = secondary(_("Try another address"), to="/login")
    return rx.fragment(
        empty(
            _("Receipts show which address you used: it may be an older one, or the one at work."),
            title=_("No purchases with this address yet"),
            action=again,
        ),
        _help(),
    )


def _all() -> rx.Component:
    return rx.fragment(
        attention(HomeState.strips),
        when(HomeState.has_amount, _amount()),
        when(HomeState.has_cards, _subscriptions()),
        when(HomeState.has_facts, section(_("Payments"), card(fact_list(HomeState.facts)))),
        when(
            HomeState.has_invoices,
            section(
                _("Latest invoices"),
                invoice_list(HomeState.invoices),
                more=HomeState.all_invoices,
                more_to="/invoices",
            ),
        ),
        when(HomeState.has_billing, section(_("Billing details"), card(fact_list(HomeState.billing)))),
        _help(),
    )


def _amount() -> rx.Component:
    found = HomeState.amount
    below = rx.fragment(
        rx.el.span(found.when),
        when(found.method != "", card_chip(found.method_glyph, found.method)),
    )
    why = details(
        _("Why this amount?"),
        sum_list(sum_lines(HomeState.sum_rows), total=(found.total_label, found.total)),
        said(found.age, class_name="mt-3 text-small text-ink-2"),
    )
    head = amount_card_head(found.label, found.text, below=below)
    later = said(found.later, class_name="mt-2 text-ink-2")
    return rx.cond(HomeState.has_sum, card(head, later, foot=why, is_tear=True), card(head, later))


def _subscriptions() -> rx.Component:
    cards = rx.el.div(rx.foreach(HomeState.cards, _subscription), class_name="grid gap-4")
    return rx.cond(
        HomeState.has_one_card, section(_("Your subscription"), cards), section(_("Your subscriptions"), cards)
    )


def _subscription(found: rx.Var[SubscriptionCard]) -> rx.Component:
    label = _("Manage subscription")
    name = rx.cond(HomeState.has_one_card, label, found.manage_label)
    manage = rx.cond(HomeState.is_card_primary, primary(name, to=found.address), secondary(name, to=found.address))
    told = rx.fragment(
        rx.el.p(found.next_short, " ", found.since, class_name="mt-4"),
        when(found.method_note != "", method_line(found)),
    )
    return subscription_card(found, told=told, manage=manage)


def _help() -> rx.Component:
    phone = when(
        ConfigurationState.support_phone != "",
        rx.el.p(_("By phone: {phone}", phone=ConfigurationState.support_phone), class_name="mt-2"),
    )
    page = when(
        (ConfigurationState.support_url != "") & (ConfigurationState.support_email != ""),
        rx.el.p(text_link(_("Read the help page"), href=ConfigurationState.support_url), class_name="mt-2"),
    )
    return section(_("Need help?"), card(rx.el.p(contact_line()), phone, page))
