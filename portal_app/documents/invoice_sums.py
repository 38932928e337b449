"""How an invoice adds up: every figure as Stripe sent it, from the subtotal to what is due."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from portal_app.documents.speech import Speech

REVERSE_CHARGE = "reverse_charge"


@dataclass(frozen=True, slots=True)
class Sum:
    """One row of the column that adds up."""

    label: str
    amount: str
    is_strong: bool = False


def sums_of(invoice: Mapping, speech: Speech) -> tuple[Sum, ...]:
    """The rows from the subtotal to the amount due."""
    _ = speech.words
    before = [*_discounts(invoice, speech), *_shipping(invoice, speech), *_taxes(invoice, speech)]
    subtotal = [Sum(_("Subtotal"), speech.money(invoice["subtotal"]))] if before else []
    total = Sum(_("Total"), speech.money(invoice["total"]), is_strong=True)
    return (*subtotal, *before, total, *_settlement(invoice, speech))


def line_discounts(invoice: Mapping, line: Mapping, speech: Speech) -> tuple[str, ...]:
    """The discounts that belong to one line alone; the subtotal has them in it already."""
    own = _ids(line.get("discounts"))
    return tuple(
        f"{_discount_name(invoice, given['discount'], speech)} {speech.money(-given['amount'])}"
        for given in line.get("discount_amounts") or ()
        if given["amount"] and _id(given["discount"]) in own
    )


def tax_shares(invoice: Mapping, line: Mapping, speech: Speech) -> str | None:
    """The rates on a line, in per cent; None where a rate is not known."""
    rates = _rates(invoice)
    shares = [_share(rates.get(_rate_id(tax)), speech) for tax in line.get("taxes") or ()]
    return None if None in shares else " + ".join(share for share in shares if share)


def is_reverse_charge(invoice: Mapping) -> bool:
    """Whether the recipient owes the tax."""
    reasons = {tax.get("taxability_reason") for tax in invoice.get("total_taxes") or ()}
    return REVERSE_CHARGE in reasons or invoice.get("customer_tax_exempt") == "reverse"


def _discounts(invoice: Mapping, speech: Speech) -> Iterator[Sum]:
    of_lines = {one for line in invoice["lines"]["data"] for one in _ids(line.get("discounts"))}
    for given in invoice.get("total_discount_amounts") or ():
        if given["amount"] and _id(given["discount"]) not in of_lines:
            yield Sum(_discount_name(invoice, given["discount"], speech), speech.money(-given["amount"]))


def _discount_name(invoice: Mapping, discount: str | Mapping, speech: Speech) -> str:
    _ = speech.words
    known = {_id(one): one for one in invoice.get("discounts") or () if isinstance(one, Mapping)}
    found = discount if isinstance(discount, Mapping) else known.get(discount, {})
    coupon = (found.get("source") or {}).get("coupon") or found.get("coupon")
    if not isinstance(coupon, Mapping) or not coupon.get("name"):
        return _("Discount")
    if coupon.get("percent_off") is None:
        return coupon["name"]
    return _("{name}, {percent} off", name=coupon["name"], percent=speech.percent(str(coupon["percent_off"])))


def _shipping(invoice: Mapping, speech: Speech) -> Iterator[Sum]:
    _ = speech.words
    cost = invoice.get("shipping_cost") or {}
    if cost.get("amount_subtotal"):
        yield Sum(_("Shipping"), speech.money(cost["amount_subtotal"]))


def _taxes(invoice: Mapping, speech: Speech) -> Iterator[Sum]:
    _ = speech.words
    taxes = [tax for tax in invoice.get("total_taxes") or () if tax["amount"] or _says_something(tax)]
    if not taxes:
        return
    rates = _rates(invoice)
    if invoice.get("total_excluding_tax") is not None:
        yield Sum(_("Total excluding tax"), speech.money(invoice["total_excluding_tax"]))
    for tax in taxes:
        yield Sum(_tax_label(tax, rates.get(_rate_id(tax)), speech), speech.money(tax["amount"]))


def _says_something(tax: Mapping) -> bool:
    return tax.get("taxability_reason") in (REVERSE_CHARGE, "zero_rated", "standard_rated", "reduced_rated")


def _tax_label(tax: Mapping, rate: Mapping | None, speech: Speech) -> str:
    _ = speech.words
    name = (rate or {}).get("display_name") or _("Tax")
    named = f"{name} {_share(rate, speech) or ''}".strip()
    if tax.get("taxability_reason") == REVERSE_CHARGE:
        return _("{tax}, reverse charge", tax=named)
    if tax.get("taxable_amount") is None:
        return named
    return _("{tax} on {amount}", tax=named, amount=speech.money(tax["taxable_amount"]))


def _rates(invoice: Mapping) -> dict[str, Mapping]:
    """The tax rates that came with the invoice. Stripe sends those of automatic tax as ids only."""
    expanded = [rate for rate in invoice.get("default_tax_rates") or () if isinstance(rate, Mapping)]
    taxed = [invoice.get("total_taxes"), *(line.get("taxes") for line in invoice["lines"]["data"])]
    for tax in (tax for taxes in taxed for tax in taxes or ()):
        rate = (tax.get("tax_rate_details") or {}).get("tax_rate")
        if isinstance(rate, Mapping):
            expanded.append(rate)
    return {rate["id"]: rate for rate in expanded}


def _rate_id(tax: Mapping) -> str:
    return _id((tax.get("tax_rate_details") or {}).get("tax_rate"))


def _share(rate: Mapping | None, speech: Speech) -> str | None:
    value = (rate or {}).get("effective_percentage")
    value = (rate or {}).get("percentage") if value is None else value
    return None if value is None else speech.percent(str(value))


def _settlement(invoice: Mapping, speech: Speech) -> Iterator[Sum]:
    _ = speech.words
    steps = [
        *_balance(invoice, speech),
        (_("Credit notes"), -(invoice.get("pre_payment_credit_notes_amount") or 0)),
        (_("Paid"), -(invoice.get("amount_paid") or 0)),
    ]
    yield from (Sum(label, speech.money(amount)) for label, amount in steps if amount)
    is_as_total = invoice["amount_remaining"] == invoice["total"] and not any(amount for _label, amount in steps)
    if invoice.get("status") != "void" and not is_as_total:
        yield Sum(_("Amount due"), speech.money(invoice["amount_remaining"]), is_strong=True)
    credited = invoice.get("post_payment_credit_notes_amount") or 0
    if credited:
        yield Sum(_("Credited after payment"), speech.money(-credited))


def _balance(invoice: Mapping, speech: Speech) -> Iterator[tuple[str, int]]:
    """What the customer's balance gave or took; Stripe sends it as the balance before and after.

    Source: https://docs.stripe.com/billing/customer/balance
    """
    _ = speech.words
    if invoice.get("ending_balance") is None:
        return
    moved = (invoice.get("starting_balance") or 0) - invoice["ending_balance"]
    if moved < 0:
        yield _("Credit applied"), moved
    elif invoice["total"] < 0:
        yield _("Added to your credit"), moved
    else:
        yield _("Earlier balance"), moved


def _ids(things: list | None) -> set[str]:
    return {_id(thing) for thing in things or ()}


def _id(thing: str | Mapping | None) -> str:
    return str(thing.get("id") or "") if isinstance(thing, Mapping) else thing or ""
