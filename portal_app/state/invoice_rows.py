"""An invoice as a line of a list, in words."""

from dataclasses import dataclass

from portal_app.kit.i18n import N_
from portal_app.services.invoices import About, InvoiceRow, State
from portal_app.state.speech import Speech

# Word, look and icon of each state; the due date of what is due stands in its word.
_BADGES: dict[State, tuple[str, str, str]] = {
    "paid": (N_("Paid"), "good", ""),
    "due": (N_("Due {day}"), "wait", ""),
    "overdue": (N_("Overdue"), "bad", ""),
    "processing": (N_("Processing"), "info", ""),
    "confirm": (N_("Confirm with bank"), "wait", "shield"),
    "written_off": (N_("Written off"), "off", ""),
    "void": (N_("Canceled"), "off", "ended"),
}


@dataclass(frozen=True)
class InvoiceLine:
    """An invoice in a list. `day` is for phones and home, `short_day` for the table's column."""

    id: str
    number: str
    address: str
    day: str
    short_day: str
    about: str
    sub: str
    amount: str
    badge: str
    badge_kind: str
    badge_icon: str
    file_url: str
    file_label: str


def line_of(row: InvoiceRow, say: Speech) -> InvoiceLine:
    """An invoice in the visitor's words."""
    _ = say.words
    word, kind, icon = badge_of(row, say)
    number = row.number or _("Without number")
    about = say_about(row.about, say)
    return InvoiceLine(
        id=row.id,
        number=number,
        address=f"/invoices/{row.id}",
        day=say.day(row.created_at),
        short_day=say.short_day(row.created_at),
        about=about,
        sub=f"{number} · {about}" if about else number,
        amount=say.money(row.total),
        badge=word,
        badge_kind=kind,
        badge_icon=icon,
        file_url=file_url(row.id),
        file_label=_("{number} as PDF", number=number),
    )


def badge_of(row: InvoiceRow, say: Speech) -> tuple[str, str, str]:
    """Word, look and icon."""
    _ = say.words
    word, kind, icon = _BADGES[row.state]
    due_at = row.due_at or row.next_try_at
    if row.state == "due" and due_at is None:
        return _("Due now"), kind, icon
    return _(word, day=say.near_day(due_at)), kind, icon


def say_about(about: tuple[About, ...], say: Speech) -> str:
    """What an invoice is for: "10 × Team and Storage"."""
    _ = say.words
    names = [
        _("{quantity} × {name}", quantity=one.quantity, name=one.name) if (one.quantity or 1) > 1 else one.name
        for one in about
        if one.name
    ]
    return say.join(names)


def file_url(invoice_id: str) -> str:
    """Where the PDF of an invoice is."""
    return f"/files/invoices/{invoice_id}.pdf"
