"""The lines of an invoice, page by page, with what they add up to and the notes below."""

from collections.abc import Callable

from portal_app.documents.invoice_sums import Sum
from portal_app.documents.invoice_text import Entry, InvoiceText
from portal_app.documents.look import BODY, BOTTOM, LABEL, MARGIN, TOTAL
from portal_app.documents.paging import paginate
from portal_app.documents.sheet import INK, Sheet, Style
from portal_app.documents.typesetting import Line, clean, set_line
from portal_app.kit.i18n import Words

_GAP = 20
_ROW_PADDING = 8
_HEAD_HEIGHT = 24
_NARROWEST_DESCRIPTION = 130
_SUMS_WIDTH = 252
_SUM_PADDING = 6
_NOTES_WIDTH = 380
# Where a continued page begins below its running head.
_CONTINUED = 88


class InvoiceTable:
    """Draws downwards from where it is told to start, over as many pages as it takes."""

    def __init__(self, sheet: Sheet, text: InvoiceText, words: Words, running_head: Callable[[], None]) -> None:
        self._sheet = sheet
        self._text = text
        self._words = words
        self._running_head = running_head
        self._right = sheet.w - MARGIN
        self._bottom = sheet.h - BOTTOM
        self._columns = _columns(text, words)
        self._description_width = self._right - MARGIN - sum(width + _GAP for _, width, _ in self._columns)
        self._y = 0.0

    def draw(self, top: float) -> None:
        """Draw all of it."""
        rows = [self._broken(entry) for entry in self._text.entries]
        sums = [self._sum_lines(one) for one in self._text.sums]
        room = self._bottom - _CONTINUED - _HEAD_HEIGHT
        tail = sum(_sum_height(one, lines) for one, lines in zip(self._text.sums, sums, strict=True)) + 12
        counts = paginate(
            [_row_height(lines) for lines in rows], self._bottom - top - _HEAD_HEIGHT, room, min(tail, room)
        )
        self._y = top
        first = 0
        for page, count in enumerate(counts):
            if page:
                self._turn()
            if count:
                self._head()
            for entry, lines in list(zip(self._text.entries, rows, strict=True))[first : first + count]:
                self._row(entry, lines)
            first += count
        self._y += 12
        for one, lines in zip(self._text.sums, sums, strict=True):
            self._sum(one, lines)
        self._notes()

    def _turn(self) -> None:
        self._sheet.add_page()
        self._running_head()
        self._y = _CONTINUED

    def _head(self) -> None:
        _ = self._words
        self._sheet.text_at(MARGIN, self._y + 8, _("Description"), LABEL)
        for right, (label, _, _) in zip(self._rights(), self._columns, strict=True):
            self._sheet.text_ending_at(right, self._y + 8, label, LABEL)
        self._y += _HEAD_HEIGHT - 8
        self._sheet.hairline(MARGIN, self._right, self._y, colour=INK)

    def _rights(self) -> list[float]:
        """Where each column ends; the last one ends at the margin."""
        ends, right = [], self._right
        for _, width, _ in reversed(self._columns):
            ends.append(right)
            right -= width + _GAP
        return ends[::-1]

    def _broken(self, entry: Entry) -> list[tuple[Line, Style]]:
        lines = [(line, BODY) for line in self._sheet.lines_of(entry.description, BODY, self._description_width)]
        for detail in entry.details:
            lines += [(line, LABEL) for line in self._sheet.lines_of(detail, LABEL, self._description_width)]
        return lines

    def _row(self, entry: Entry, lines: list[tuple[Line, Style]]) -> None:
        """Drawn in the order in which it is read aloud: what, how much, then the details."""
        baseline = self._y + _ROW_PADDING + 10
        (first, style), *details = lines
        self._sheet.line_at(MARGIN, baseline, first, style)
        for right, (_, _, value_of) in zip(self._rights(), self._columns, strict=True):
            self._sheet.text_ending_at(right, baseline, value_of(entry), BODY)
        for line, detail_style in details:
            baseline += style.leading
            style = detail_style
            self._sheet.line_at(MARGIN, baseline, line, style)
        self._y += _row_height(lines)
        self._sheet.hairline(MARGIN, self._right, self._y)

    def _sum_lines(self, one: Sum) -> list[Line]:
        style = _style_of(one)
        amount = style.width_of(set_line(one.amount, style.weight))
        return self._sheet.lines_of(clean(one.label), style, max(_SUMS_WIDTH - amount - _GAP, 90))

    def _sum(self, one: Sum, lines: list[Line]) -> None:
        style, height = _style_of(one), _sum_height(one, lines)
        if self._y + height > self._bottom:
            self._turn()
        left = self._right - _SUMS_WIDTH
        if one.is_strong and one is not self._text.sums[0]:
            self._sheet.hairline(left, self._right, self._y + 2)
        baseline = self._y + _SUM_PADDING / 2 + 10 + (3 if one.is_strong else 0)
        for n, line in enumerate(lines):
            self._sheet.line_at(left, baseline + n * style.leading, line, style)
            if n == 0:
                self._sheet.text_ending_at(self._right, baseline, one.amount, style)
        self._y += height

    def _notes(self) -> None:
        self._y += 24
        for note in self._text.notes:
            for line in self._sheet.lines_of(note, LABEL, _NOTES_WIDTH):
                if self._y + LABEL.leading > self._bottom:
                    self._turn()
                self._sheet.line_at(MARGIN, self._y + 10, line, LABEL)
                self._y += LABEL.leading
            self._y += 8


def _columns(text: InvoiceText, _: Words) -> list[tuple[str, float, Callable[[Entry], str]]]:
    """What stands to the right of the description: its label, its width, and what to show; empty ones are left out."""
    wanted: list[tuple[str, Callable[[Entry], str]]] = [
        (_("Quantity"), lambda entry: entry.quantity),
        (_("Unit price"), lambda entry: entry.unit_price),
        (_("Tax"), lambda entry: entry.tax),
        (_("Amount"), lambda entry: entry.amount),
    ]
    shown = [(label, value_of) for label, value_of in wanted if any(value_of(entry) for entry in text.entries)]
    return [(label, _widest(label, [value_of(entry) for entry in text.entries]), value_of) for label, value_of in shown]


def _widest(label: str, values: list[str]) -> float:
    widths = [BODY.width_of(set_line(value, BODY.weight)) for value in set(values)]
    return max(LABEL.width_of(set_line(label, LABEL.weight)), *widths)


def _row_height(lines: list[tuple[Line, Style]]) -> float:
    return sum(style.leading for _, style in lines) + 2 * _ROW_PADDING


def _style_of(one: Sum) -> Style:
    return TOTAL if one.is_strong else BODY


def _sum_height(one: Sum, lines: list[Line]) -> float:
    style = _style_of(one)
    return len(lines) * style.leading + _SUM_PADDING + (6 if one.is_strong else 0)
