"""The PDF of an invoice: one large sum, who owes it to whom, what for, and how it adds up."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from portal_app.documents.invoice_table import InvoiceTable
from portal_app.documents.invoice_text import InvoiceText, read_invoice
from portal_app.documents.look import BODY, LABEL, LARGE_SUM, MARGIN, NAME, STANDING, STRONG_BODY
from portal_app.documents.seller import Seller, readable_on_paper
from portal_app.documents.sheet import SECOND_INK, Imprint, Sheet, Style
from portal_app.documents.speech import Speech
from portal_app.documents.typesetting import clean, set_line
from portal_app.kit.i18n import Words

_LOGO = (150, 36)
_SIGN_WIDTH = 320
_TOP = 68
_DASHES = "#b3b9bf"
_LONGEST_LINE = 200
_LETTER_COUNTRIES = frozenset({"US", "CA", "MX", "CL", "CO", "PH"})


def invoice_pdf(invoice: Mapping, seller: Seller, *, locale: str, zone: str) -> bytes:
    """Stripe's invoice, with all of its lines, as a PDF/A file; the same invoice gives the same bytes.

    Every figure is the invoice's own. Days are those of `zone`.

    Raises:
        ValueError: `lines` is only the first page of them.
    """
    speech = Speech(locale, zone, invoice["currency"])
    text = read_invoice(invoice, speech)
    sheet = Sheet(Imprint(f"{text.title} – {seller.name}", seller.name, locale, text.made_at), _paper(invoice))
    sheet.add_page()
    _headline(sheet, text, seller)
    bottom = _parties(sheet, text, seller, speech.words)
    InvoiceTable(sheet, text, speech.words, lambda: _running_head(sheet, text, seller)).draw(bottom + 36)
    sheet.on_every_page(lambda page, pages: _foot(sheet, seller, _page_of(speech.words, page, pages)))
    return sheet.file()


def _paper(invoice: Mapping) -> str:
    wanted = ((invoice.get("rendering") or {}).get("pdf") or {}).get("page_size")
    if wanted in ("a4", "letter"):
        return wanted
    country = (invoice.get("customer_address") or {}).get("country") or invoice.get("account_country")
    return "letter" if country in _LETTER_COUNTRIES else "a4"


def _page_of(_: Words, page: int, pages: int) -> str:
    return _("Page {page} of {pages}", page=page, pages=pages)


def _headline(sheet: Sheet, text: InvoiceText, seller: Seller) -> None:
    """The seller's sign, then the sum and how the invoice stands."""
    right = sheet.w - MARGIN
    drawn = sheet.picture(seller.logo_png, MARGIN, _TOP - 26, *_LOGO) if seller.logo_png else 0
    if not drawn:
        style = _fitting(NAME.in_colour(readable_on_paper(seller.colour)), clean(seller.name), _SIGN_WIDTH, 10)
        sheet.line_at(MARGIN, _TOP, sheet.fitted(seller.name, style, _SIGN_WIDTH), style)
    title = sheet.fitted(text.title, STRONG_BODY, right - MARGIN - _SIGN_WIDTH - 20)
    sheet.line_at(right - STRONG_BODY.width_of(title), _TOP, title, STRONG_BODY)
    label, amount, standing = text.headline
    sheet.text_at(MARGIN, _TOP + 62, label, LABEL)
    # Moved left by about the white that a digit carries at its side, which shows at this size.
    large = _fitting(LARGE_SUM, amount, right - MARGIN, 12)
    sheet.text_at(MARGIN - large.size * 0.03, _TOP + 99, amount, large.in_colour(SECOND_INK) if text.is_void else large)
    sheet.text_at(MARGIN, _TOP + 123, standing, STANDING)
    sheet.hairline(MARGIN, right, _TOP + 147, colour=_DASHES, dashed=True)


def _fitting(style: Style, text: str, width: float, smallest: float) -> Style:
    while style.size > smallest and style.width_of(set_line(text, style.weight)) > width:
        style = replace(style, size=style.size - 1)
    return style


def _parties(sheet: Sheet, text: InvoiceText, seller: Seller, _: Words) -> float:
    """Who sells, who owes, and the facts, side by side; gives back where the longest of them ends."""
    top, column = _TOP + 172, (sheet.w - 2 * MARGIN) / 3
    tax_id = _("VAT number {id}", id=seller.tax_id) if seller.tax_id else ""
    ours = [clean(line, _LONGEST_LINE) for line in (seller.name, *seller.address, seller.email, tax_id) if line]
    middle = MARGIN + column
    left_ends = _block(sheet, (MARGIN, top, column - 24), _("From"), ours)
    middle_ends = _block(sheet, (middle, top, column - 24), _("Billed to"), text.billed_to)
    if text.shipped_to:
        middle_ends = _block(sheet, (middle, middle_ends + 20, column - 24), _("Shipped to"), text.shipped_to)
    return max(left_ends, middle_ends, _facts(sheet, (MARGIN + 2 * column, top, column), text.facts))


def _block(sheet: Sheet, place: tuple[float, float, float], label: str, lines: Sequence[str]) -> float:
    x, y, width = place
    sheet.text_at(x, y, label, LABEL)
    y += 17
    for n, line in enumerate(lines):
        style = BODY if n else STRONG_BODY
        for part in sheet.lines_of(line, style, width):
            sheet.line_at(x, y, part, style)
            y += style.leading
    return y - BODY.leading


def _facts(sheet: Sheet, place: tuple[float, float, float], facts: Sequence[tuple[str, str]]) -> float:
    x, y, width = place
    for label, value in facts:
        room = width - LABEL.width_of(set_line(label, LABEL.weight)) - 12
        fits = BODY.width_of(set_line(value, BODY.weight)) <= room
        for part in sheet.lines_of(label, LABEL, width):
            sheet.line_at(x, y, part, LABEL)
            y += 0 if fits else BODY.leading
        for part in sheet.lines_of(value, BODY, width):
            sheet.line_at(x + width - BODY.width_of(part), y, part, BODY)
            y += BODY.leading
        y += 3
    return y - BODY.leading - 3


def _running_head(sheet: Sheet, text: InvoiceText, seller: Seller) -> None:
    style = replace(STRONG_BODY, colour=readable_on_paper(seller.colour))
    sheet.line_at(MARGIN, _TOP - 12, sheet.fitted(seller.name, style, _SIGN_WIDTH), style)
    sheet.text_ending_at(sheet.w - MARGIN, _TOP - 12, text.title, LABEL)


def _foot(sheet: Sheet, seller: Seller, page: str) -> None:
    y = sheet.h - 40
    sheet.hairline(MARGIN, sheet.w - MARGIN, y - 14)
    sign = " · ".join(part for part in (seller.name, seller.email) if part)
    sheet.line_at(MARGIN, y, sheet.fitted(sign, LABEL, sheet.w - 2 * MARGIN - 90), LABEL)
    sheet.text_ending_at(sheet.w - MARGIN, y, page, LABEL)
