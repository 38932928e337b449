"""`/invoices`: find, read and hand over paper."""

import reflex as rx

from portal_app.components.badges import badge
from portal_app.components.buttons import icon_button, secondary
from portal_app.components.feedback import block_error, empty, load_more, loading_rows, refused
from portal_app.components.forms import filters, search_field, select_field
from portal_app.components.i18n import _
from portal_app.components.links import text_link
from portal_app.components.money import amount, amount_card_head
from portal_app.components.records import (
    card,
    end_cell,
    end_column,
    list_card,
    phone_only,
    row_link,
    rows,
    sub_cell,
    table,
    table_row,
    wide_only,
)
from portal_app.components.shell import shell
from portal_app.components.text import hidden
from portal_app.state.invoice_rows import InvoiceLine
from portal_app.state.invoices import InvoicesState


def invoices() -> rx.Component:
    """What is due on top, then the list."""
    return shell(
        heading=_("Invoices"),
        body=rx.match(
            InvoicesState.problem,
            ("not_allowed", refused()),
            ("failed", _failed()),
            rx.cond(InvoicesState.is_loaded, rx.fragment(_due(), _list()), loading_rows(_("Loading invoices"), 6)),
        ),
    )


def _failed() -> rx.Component:
    return block_error(
        _("Your invoices could not be loaded."),
        has_money_moved=_("No money was moved."),
        on_retry=InvoicesState.load,
        reference=InvoicesState.reference,
    )


def _due() -> rx.Component:
    body = card(
        amount_card_head(InvoicesState.due_label, InvoicesState.due, below=_overdue()),
        rx.cond(
            InvoicesState.status == "open",
            rx.fragment(),
            rx.el.div(
                secondary(_("Show open invoices"), on_click=InvoicesState.choose_status("open")), class_name="mt-4"
            ),
        ),
        class_name="mb-8",
    )
    return rx.cond(InvoicesState.due_label != "", body, rx.fragment())


def _overdue() -> rx.Component:
    line = rx.el.span(badge(_("Overdue"), kind="bad"), InvoicesState.overdue, class_name="flex items-center gap-2")
    return rx.cond(InvoicesState.overdue != "", line, rx.fragment())


def _list() -> rx.Component:
    nothing_found = empty(
        _("No invoice matches these filters."), action=secondary(_("Show all"), on_click=InvoicesState.clear)
    )
    nothing_yet = empty(_("Your invoices appear here as soon as there is one."))
    found = rx.fragment(wide_only(_table()), phone_only(_rows()), _rest())
    none = rx.cond(InvoicesState.has_filter, nothing_found, nothing_yet)
    return rx.fragment(
        rx.cond(InvoicesState.has_rows | InvoicesState.has_filter, _filters(), rx.fragment()),
        rx.el.div(rx.cond(InvoicesState.has_rows, found, none), class_name="mt-4"),
    )


def _filters() -> rx.Component:
    return filters(
        search_field(
            _("Search"),
            placeholder=_("Number or amount"),
            default_value=InvoicesState.text,
            max_length=80,
            on_change=InvoicesState.search.debounce(300),
        ),
        select_field(
            _("Year"),
            InvoicesState.years,
            name="year",
            value=InvoicesState.year,
            on_change=InvoicesState.choose_year,
        ),
        select_field(
            _("Status"),
            [("", _("All")), ("open", _("Open")), ("paid", _("Paid")), ("closed", _("Written off or canceled"))],
            name="status",
            value=InvoicesState.status,
            on_change=InvoicesState.choose_status,
        ),
        label=_("Filter invoices"),
    )


def _table() -> rx.Component:
    columns = [
        _("Number"),
        _("Date"),
        _("For"),
        end_column(_("Amount")),
        _("Status"),
        end_column(hidden(_("Document"))),
    ]
    body = rx.foreach(InvoicesState.rows, _line)
    return list_card(table(body, caption=_("Invoices"), columns=columns))


def _line(line: rx.Var[InvoiceLine]) -> rx.Component:
    return table_row(
        rx.el.span(text_link(line.number, to=line.address), class_name="whitespace-nowrap"),
        rx.el.span(line.short_day, class_name="num whitespace-nowrap"),
        sub_cell(line.about),
        end_cell(amount(line.amount)),
        badge(line.badge, kind=line.badge_kind, icon_name=line.badge_icon),
        end_cell(icon_button(line.file_label, "download", href=line.file_url)),
    )


def _rows() -> rx.Component:
    return list_card(
        rows(
            rx.foreach(
                InvoicesState.rows,
                lambda line: row_link(
                    line.short_day,
                    to=line.address,
                    sub=line.sub,
                    end=[amount(line.amount), badge(line.badge, kind=line.badge_kind, icon_name=line.badge_icon)],
                ),
            )
        )
    )


def _rest() -> rx.Component:
    more = load_more(
        InvoicesState.shown, _("Load more"), on_click=InvoicesState.load_more, is_busy=InvoicesState.is_loading_more
    )
    return rx.cond(InvoicesState.has_more, more, rx.fragment())
