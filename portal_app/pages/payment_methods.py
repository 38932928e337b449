"""`/payment-methods`: which cards are on file, and what each pays for."""

import reflex as rx

from portal_app.components.badges import badge
from portal_app.components.feedback import block_error, contact_line, empty, loading_rows, note, refused
from portal_app.components.i18n import _
from portal_app.components.money import chip
from portal_app.components.records import list_card, row, rows
from portal_app.components.shell import shell
from portal_app.state.payment_methods import MethodRow, PaymentMethodsState


def payment_methods() -> rx.Component:
    """The default first; who wants another card is told whom to ask."""
    return shell(
        heading=_("Payment methods"),
        lead=PaymentMethodsState.lead,
        body=rx.match(
            PaymentMethodsState.problem,
            ("not_allowed", refused()),
            ("failed", _failed()),
            rx.cond(PaymentMethodsState.is_loaded, _full(), loading_rows(_("Loading payment methods"), 2)),
        ),
    )


def _failed() -> rx.Component:
    return block_error(
        _("Your payment methods could not be loaded."),
        has_money_moved=_("No money was moved."),
        on_retry=PaymentMethodsState.load,
        reference=PaymentMethodsState.reference,
    )


def _full() -> rx.Component:
    nothing = empty(_("No payment method is on file. Your next payment page asks for one."), icon_name="card")
    return rx.fragment(
        rx.cond(
            PaymentMethodsState.has_rows,
            list_card(rows(rx.foreach(PaymentMethodsState.rows, _method))),
            nothing,
        ),
        note(_("Do you want to pay with another card?"), " ", contact_line(), class_name="mt-6"),
    )


def _method(method: rx.Var[MethodRow]) -> rx.Component:
    standing = [
        rx.cond(method.is_default, badge(_("Default"), kind="good"), rx.fragment()),
        rx.cond(method.warning != "", badge(method.warning, kind=method.warning_kind), rx.fragment()),
    ]
    return row(method.name, lead=chip(method.glyph), sub=method.sub, end=standing, is_tall=True)
