"""What an invoice adds up to, line by line in words."""

from collections.abc import Iterator
from dataclasses import dataclass

from portal_app.services.sums import Discount, Line, Sum, Tax
from portal_app.state.speech import Speech


@dataclass(frozen=True)
class SumRow:
    """One line of a sum; `sub` says the period or the share."""

    label: str
    amount: str
    sub: str = ""


def sum_rows(total: Sum, say: Speech) -> list[SumRow]:
    """Everything between the first line and the total: lines, discounts, taxes, credit."""
    return [*_lines(total, say), *_reductions(total, say)]


def reverse_charge(total: Sum, say: Speech) -> str:
    """The note that a reverse charge needs; nothing where there is none."""
    if not any(tax.is_reverse_charge for tax in total.taxes):
        return ""
    _ = say.words
    return _("The recipient owes the VAT (reverse charge).")


def say_line(line: Line, say: Speech) -> str:
    """What a line is for: "Pro, 2 × €29.00"."""
    _ = say.words
    if line.is_proration or line.unit_amount is None or (line.quantity or 0) < 2:
        return line.name or _("Item")
    each = say.unit_amount(line.unit_amount, line.amount.currency)
    return _("{name}, {quantity} × {amount}", name=line.name or _("Item"), quantity=line.quantity, amount=each)


def _lines(total: Sum, say: Speech) -> Iterator[SumRow]:
    for line in total.lines:
        yield SumRow(say_line(line, say), say.money(line.amount), say.period(line.starts_at, line.ends_at))


def _reductions(total: Sum, say: Speech) -> Iterator[SumRow]:
    _ = say.words
    for discount in total.discounts:
        yield SumRow(_say_discount(discount, say), say.money(-discount.amount))
    for tax in total.taxes:
        if not tax.is_inclusive:
            yield SumRow(_say_tax(tax, say), say.money(tax.amount))
    if total.balance_applied.amount < 0:
        yield SumRow(_("Your credit"), say.money(total.balance_applied))
    elif total.balance_applied:
        yield SumRow(_("From earlier invoices"), say.money(total.balance_applied))


def included_taxes(total: Sum, say: Speech) -> list[str]:
    """Taxes that the prices contain: "Includes VAT 19%, €12.16"."""
    _ = say.words
    return [
        _("Includes {tax}: {amount}", tax=_say_tax(tax, say), amount=say.money(tax.amount))
        for tax in total.taxes
        if tax.is_inclusive
    ]


def tax_on_top(total: Sum | None, say: Speech) -> str:
    """The name of what comes on top of the prices: "VAT"; nothing where there is none, or it is zero."""
    found = [tax for tax in (total.taxes if total else ()) if not tax.is_inclusive and tax.amount]
    _ = say.words
    return (found[0].name or _("tax")) if found else ""


def _say_discount(discount: Discount, say: Speech) -> str:
    _ = say.words
    name = discount.name or _("Discount")
    return f"{name}, {say.percent(discount.percent_off)}" if discount.percent_off else name


def _say_tax(tax: Tax, say: Speech) -> str:
    _ = say.words
    name = tax.name or _("Tax")
    if tax.is_reverse_charge:
        return _("{tax}, reverse charge", tax=name)
    return f"{name} {say.percent(tax.percent)}" if tax.percent is not None else name
