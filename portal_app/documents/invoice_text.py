"""What an invoice says, all of it in words, before anything is drawn."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from portal_app.documents.invoice_sums import Sum, is_reverse_charge, line_discounts, sums_of, tax_shares
from portal_app.documents.speech import Speech
from portal_app.documents.typesetting import clean
from portal_app.kit.addresses import address_lines
from portal_app.kit.clock import moment_of

_NAME, _DESCRIPTION, _NOTE = 200, 600, 2000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an invoice; `details` stand below its description."""

    description: str
    details: tuple[str, ...]
    quantity: str
    unit_price: str
    tax: str
    amount: str


@dataclass(frozen=True, slots=True)
class InvoiceText:
    """An invoice in words; `headline` is its one large sum, with what it is and how the invoice stands."""

    title: str
    headline: tuple[str, str, str]
    is_void: bool
    billed_to: tuple[str, ...]
    shipped_to: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    entries: tuple[Entry, ...]
    sums: tuple[Sum, ...]
    notes: tuple[str, ...]
    made_at: datetime


def read_invoice(invoice: Mapping, speech: Speech) -> InvoiceText:
    """Put Stripe's invoice into words, without counting anything again.

    Raises:
        ValueError: `lines` is only the first page of them; the document would not add up.
    """
    if invoice["lines"].get("has_more"):
        raise ValueError("an invoice is printed with all of its lines or not at all")
    return InvoiceText(
        title=_title(invoice, speech),
        headline=(*_headline_sum(invoice, speech), _standing(invoice, speech)),
        is_void=invoice.get("status") == "void",
        billed_to=_billed_to(invoice, speech),
        shipped_to=_shipped_to(invoice, speech),
        facts=tuple((clean(label, _NAME), clean(value, _NAME)) for label, value in _facts(invoice, speech)),
        entries=tuple(_entry(invoice, line, speech) for line in invoice["lines"]["data"]),
        sums=sums_of(invoice, speech),
        notes=tuple(clean(note, _NOTE) for note in _notes(invoice, speech)),
        made_at=moment_of(_issued_at(invoice)),
    )


def _title(invoice: Mapping, speech: Speech) -> str:
    _ = speech.words
    if not invoice.get("number"):
        return _("Draft invoice")
    return _("Invoice {number}", number=clean(invoice["number"], _NAME))


def _issued_at(invoice: Mapping) -> int:
    finalized_at = _transition(invoice, "finalized_at")
    return invoice.get("effective_at") or finalized_at or invoice["created"]


def _transition(invoice: Mapping, name: str) -> int | None:
    return (invoice.get("status_transitions") or {}).get(name)


def _headline_sum(invoice: Mapping, speech: Speech) -> tuple[str, str]:
    _ = speech.words
    status = invoice.get("status")
    if status == "paid" and invoice.get("amount_paid"):
        return _("Amount paid"), speech.money(invoice["amount_paid"])
    if status in ("paid", "void"):
        return _("Total"), speech.money(invoice["total"])
    return _("Amount due"), speech.money(invoice["amount_remaining"])


def _standing(invoice: Mapping, speech: Speech) -> str:
    """How the invoice stands, in one sentence."""
    _ = speech.words
    paid_at, voided_at = _transition(invoice, "paid_at"), _transition(invoice, "voided_at")
    match invoice.get("status"):
        case "paid":
            return _("Paid on {day}", day=speech.day(paid_at)) if paid_at else _("Paid")
        case "void":
            return _("Void since {day}. Nothing is owed.", day=speech.day(voided_at or _issued_at(invoice)))
        case "draft":
            return _("Draft. This is not an invoice yet.")
    if invoice.get("due_date"):
        return _("Due on {day}", day=speech.day(invoice["due_date"]))
    if invoice.get("next_payment_attempt"):
        return _("Will be charged on {day}", day=speech.day(invoice["next_payment_attempt"]))
    return _("Not paid yet")


def _billed_to(invoice: Mapping, speech: Speech) -> tuple[str, ...]:
    _ = speech.words
    tax_ids = [
        _("VAT number {id}", id=one["value"]) if one["type"].endswith("_vat") else _("Tax ID {id}", id=one["value"])
        for one in invoice.get("customer_tax_ids") or ()
        if one.get("value")
    ]
    address = address_lines(invoice.get("customer_address"), speech.locale)
    lines = (invoice.get("customer_name"), *address, invoice.get("customer_email"), *tax_ids)
    return tuple(clean(line, _NAME) for line in lines if line)


def _shipped_to(invoice: Mapping, speech: Speech) -> tuple[str, ...]:
    shipping = invoice.get("customer_shipping") or {}
    address = address_lines(shipping.get("address"), speech.locale)
    is_elsewhere = address and address != address_lines(invoice.get("customer_address"), speech.locale)
    lines = (shipping.get("name"), *address) if is_elsewhere else ()
    return tuple(clean(line, _NAME) for line in lines if line)


def _facts(invoice: Mapping, speech: Speech) -> Iterator[tuple[str, str]]:
    _ = speech.words
    if invoice.get("number"):
        yield _("Invoice number"), invoice["number"]
        yield _("Issued on"), speech.short_day(_issued_at(invoice))
    if invoice.get("due_date"):
        yield _("Due on"), speech.short_day(invoice["due_date"])
    if invoice.get("receipt_number"):
        yield _("Receipt number"), invoice["receipt_number"]
    for field in invoice.get("custom_fields") or ():
        yield field["name"], field["value"]


def _entry(invoice: Mapping, line: Mapping, speech: Speech) -> Entry:
    period = line.get("period") or {"start": 0, "end": 0}
    unit_amount = (line.get("pricing") or {}).get("unit_amount_decimal")
    quantity = line.get("quantity_decimal") or line.get("quantity")
    details = (speech.period(period["start"], period["end"]), *line_discounts(invoice, line, speech))
    return Entry(
        description=clean(line.get("description") or "", _DESCRIPTION),
        details=tuple(clean(detail, _NAME) for detail in details if detail),
        quantity="" if quantity is None else speech.number(quantity),
        unit_price="" if unit_amount is None else speech.unit_amount(unit_amount),
        tax=tax_shares(invoice, line, speech) or "",
        amount=speech.money(line["amount"]),
    )


def _notes(invoice: Mapping, speech: Speech) -> Iterator[str]:
    _ = speech.words
    if is_reverse_charge(invoice):
        yield _("Reverse charge: the recipient owes the tax.")
    if invoice.get("description"):
        yield invoice["description"]
    if invoice.get("footer"):
        yield invoice["footer"]
