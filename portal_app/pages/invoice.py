"""`/invoices/[invoice_id]`: understand one bill and take it along."""

import reflex as rx

from portal_app.components.badges import badge
from portal_app.components.buttons import actions, primary, secondary
from portal_app.components.facts import fact, key_value, moment, sum_line, sum_list, timeline
from portal_app.components.feedback import block_error, loading_card, not_found, note, refused
from portal_app.components.i18n import _
from portal_app.components.icons import icon
from portal_app.components.money import amount_card_head
from portal_app.components.records import card, section
from portal_app.components.shell import shell
from portal_app.components.where import is_shown
from portal_app.state.facts import Fact
from portal_app.state.invoice import InvoiceState
from portal_app.state.invoice_words import Happening

_ICONS = ("receipt", "ended", "stop", "alert", "shield", "clock")


def invoice() -> rx.Component:
    """Status, sum, recipient, attempts; the paper is one click away."""
    is_here = InvoiceState.is_loaded & is_shown(InvoiceState.shown_at)
    is_full = is_here & (InvoiceState.problem == "")
    answer = rx.match(
        InvoiceState.problem,
        ("not_found", not_found()),
        ("not_allowed", refused()),
        ("failed", _failed()),
        _full(),
    )
    return shell(
        heading=rx.cond(is_full, InvoiceState.heading, _("Invoice")),
        lead=rx.cond(is_full, InvoiceState.lead, ""),
        badge=rx.cond(
            is_full,
            badge(InvoiceState.badge, kind=InvoiceState.badge_kind, icon_name=InvoiceState.badge_icon),
            rx.fragment(),
        ),
        back=(_("Invoices"), "/invoices"),
        body=rx.cond(is_here, answer, loading_card(_("Loading the invoice"))),
    )


def _failed() -> rx.Component:
    return block_error(
        _("This invoice could not be loaded."),
        has_money_moved=_("No money was moved."),
        on_retry=InvoiceState.load,
        reference=InvoiceState.reference,
    )


def _full() -> rx.Component:
    owed = rx.cond(InvoiceState.due != "", _owed(), rx.fragment())
    return rx.fragment(
        owed,
        rx.el.div(actions(_pay(), _file()), class_name="mt-4"),
        section(_("What it is for"), _sum()),
        rx.cond(
            InvoiceState.has_recipient,
            section(_("On this invoice"), card(key_value(rx.foreach(InvoiceState.recipient, _field)))),
            rx.fragment(),
        ),
        section(_("What happened"), card(timeline(rx.foreach(InvoiceState.happenings, _happening)))),
    )


def _owed() -> rx.Component:
    return card(amount_card_head(_("Amount due"), InvoiceState.due, below=InvoiceState.next_try))


def _pay() -> rx.Component:
    link = primary(InvoiceState.pay_label, href=InvoiceState.pay_url)
    return rx.cond(InvoiceState.pay_url != "", link, rx.fragment())


def _file() -> rx.Component:
    label, address = _("Download PDF"), InvoiceState.file_url
    # One primary a page: paying goes first.
    return rx.cond(
        InvoiceState.pay_url != "",
        secondary(label, href=address, icon="download"),
        primary(label, href=address, icon="download"),
    )


def _sum() -> rx.Component:
    lines = rx.foreach(InvoiceState.sum_rows, lambda line: sum_line(line.label, line.amount, sub=line.sub))
    credited = rx.cond(InvoiceState.credited != "", sum_line(_("Credit note"), InvoiceState.credited), rx.fragment())
    paid = rx.cond(InvoiceState.paid != "", sum_line(_("Paid so far"), InvoiceState.paid), rx.fragment())
    left = rx.cond(
        InvoiceState.remaining != "",
        sum_line(_("Still to pay"), InvoiceState.remaining, is_strong=True),
        rx.fragment(),
    )
    return rx.fragment(
        card(sum_list(lines, total=(InvoiceState.total_label, InvoiceState.total)), sum_list(credited, paid, left)),
        rx.foreach(InvoiceState.notes, lambda text: note(text, class_name="mt-3")),
    )


def _field(field: rx.Var[Fact]) -> rx.Component:
    return fact(field.label, field.text)


def _happening(happening: rx.Var[Happening]) -> rx.Component:
    mark = rx.match(happening.icon, *[(name, icon(name)) for name in _ICONS], icon("check"))
    return moment(happening.text, happening.day, icon=mark, kind=happening.kind)
