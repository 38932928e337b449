"""`/subscriptions`: all of them, what runs first, what is over folded."""

import reflex as rx

from portal_app.components.badges import badge, count
from portal_app.components.buttons import secondary
from portal_app.components.facts import details
from portal_app.components.feedback import block_error, contact_line, empty, loading_card
from portal_app.components.i18n import _
from portal_app.components.money import amount
from portal_app.components.records import list_card, row_link, rows
from portal_app.components.shell import shell
from portal_app.pages.pieces import method_line, subscription_card, when
from portal_app.state.subscription_cards import SubscriptionCard
from portal_app.state.subscriptions import SubscriptionsState


def subscriptions() -> rx.Component:
    """Every subscription of the customer, with what can be done about each."""
    state = SubscriptionsState
    return shell(
        heading=_("Subscriptions"),
        lead=rx.cond(state.is_loaded & (state.problem == ""), state.lead, ""),
        body=rx.cond(
            state.is_loaded,
            rx.match(state.problem, ("", _full()), _failed()),
            loading_card(_("Loading your subscriptions")),
        ),
    )


def _failed() -> rx.Component:
    return block_error(
        _("Your subscriptions could not be loaded."),
        on_retry=SubscriptionsState.load,
        reference=SubscriptionsState.reference,
    )


def _full() -> rx.Component:
    nothing = empty(
        rx.el.span(_("As soon as you subscribe to something, it stands here."), " ", contact_line()),
        title=_("You have no subscriptions yet"),
        icon_name="repeat",
    )
    running = rx.el.div(rx.foreach(SubscriptionsState.cards, _card), class_name="grid gap-4")
    return rx.cond(
        SubscriptionsState.has_cards | SubscriptionsState.has_ended,
        rx.fragment(running, when(SubscriptionsState.has_ended, _ended())),
        nothing,
    )


def _card(found: rx.Var[SubscriptionCard]) -> rx.Component:
    told = rx.fragment(
        rx.el.p(found.next_event, class_name="mt-4"),
        when(~found.is_method_told, method_line(found)),
    )
    manage = secondary(found.manage_label, to=found.address)
    return subscription_card(found, told=told, manage=manage, is_top=True)


def _ended() -> rx.Component:
    title = rx.el.span(_("Ended"), " ", count(SubscriptionsState.ended_count))
    return details(
        title,
        list_card(rows(rx.foreach(SubscriptionsState.ended, _ended_row))),
        is_fold=True,
        class_name="mt-8",
    )


def _ended_row(found: rx.Var[SubscriptionCard]) -> rx.Component:
    standing = [amount(found.price), badge(found.badge, kind=found.badge_kind, icon_name=found.badge_icon)]
    return row_link(found.name, to=found.address, sub=found.next_event, end=standing)
