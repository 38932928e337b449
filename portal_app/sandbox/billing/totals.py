"""Adds an invoice up: discounts line by line, then taxes, then the customer's balance."""

from decimal import Decimal

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.discounts import coupon_of
from portal_app.sandbox.billing.money import half_up, percent_of, share
from portal_app.sandbox.contract.blanks import part

REASONS = {"exempt": "customer_exempt", "reverse": "reverse_charge"}


def total(account: Account, invoice: Object) -> Object:
    """Fill in every sum of an invoice that is still a draft."""
    lines = invoice["lines"]
    for line in lines:
        line["discount_amounts"], line["taxes"] = [], []
    _discount(account, invoice)
    for line in lines:
        _tax(account, invoice, line)
    discounted = sum(_discounted(line) for line in lines)
    exclusive = sum(tax["amount"] for line in lines for tax in line["taxes"] if tax["tax_behavior"] == "exclusive")
    inclusive = sum(tax["amount"] for line in lines for tax in line["taxes"] if tax["tax_behavior"] == "inclusive")
    invoice["subtotal"] = sum(line["amount"] for line in lines)
    invoice["subtotal_excluding_tax"] = invoice["subtotal"] - sum(_inclusive_share(account, line) for line in lines)
    invoice["total"] = discounted + exclusive
    invoice["total_excluding_tax"] = discounted - inclusive
    invoice["total_discount_amounts"] = _sum_by(lines, "discount_amounts", "discount")
    invoice["total_taxes"] = _sum_taxes(lines)
    _settle(account, invoice)
    return invoice


def _discounted(line: Object) -> int:
    return line["amount"] - sum(taken["amount"] for taken in line["discount_amounts"])


def _discount(account: Account, invoice: Object) -> None:
    for line in invoice["lines"]:
        if line["discountable"]:
            for discount_id in line["discounts"]:
                _take_off(account, discount_id, [line])
    fitting = [line for line in invoice["lines"] if line["discountable"]]
    for discount_id in invoice["discounts"]:
        _take_off(account, discount_id, fitting)


def _take_off(account: Account, discount_id: str, lines: list[Object]) -> None:
    discount = account.get("discount", discount_id)
    coupon = coupon_of(account, discount)
    if coupon["_products"]:
        lines = [line for line in lines if _product_of(line) in coupon["_products"]]
    open_lines = [(line, left) for line in lines if (left := _discounted(line)) > 0]
    if coupon["percent_off"] is not None:
        taken = [(line, percent_of(left, coupon["percent_off"])) for line, left in open_lines]
    else:
        taken = _spread(min(coupon["amount_off"] or 0, sum(left for _, left in open_lines)), open_lines)
    for line, amount in taken:
        line["discount_amounts"].append({"amount": amount, "discount": discount_id})


def _spread(amount: int, lines: list[tuple[Object, int]]) -> list[tuple[Object, int]]:
    """An amount over lines in proportion; the last line takes the rounding."""
    whole, left = sum(value for _, value in lines), amount
    spread = []
    for place, (line, value) in enumerate(lines):
        taken = left if place == len(lines) - 1 else share(amount, value, whole)
        spread.append((line, taken))
        left -= taken
    return spread


def _product_of(line: Object) -> str | None:
    return ((line["pricing"] or {}).get("price_details") or {}).get("product")


def _tax(account: Account, invoice: Object, line: Object) -> None:
    taxable = _discounted(line)
    exempt = REASONS.get(invoice["customer_tax_exempt"])
    for rate_id in line["_tax_rates"] or invoice["default_tax_rates"]:
        rate = account.get("tax_rate", rate_id)
        amount = _included(taxable, rate) if rate["inclusive"] else percent_of(taxable, rate["percentage"])
        line["taxes"].append(
            part(
                "line_item",
                "taxes",
                amount=0 if exempt else amount,
                tax_behavior="inclusive" if rate["inclusive"] else "exclusive",
                tax_rate_details={"tax_rate": rate_id},
                taxability_reason=exempt or "standard_rated",
                taxable_amount=taxable - amount if rate["inclusive"] else taxable,
                type="tax_rate_details",
            )
        )


def _included(amount: int, rate: Object) -> int:
    percent = Decimal(str(rate["percentage"]))
    return half_up(Decimal(amount) * percent / (100 + percent))


def _inclusive_share(account: Account, line: Object) -> int:
    """The tax inside a line's amount before discounts."""
    rates = [account.get("tax_rate", tax["tax_rate_details"]["tax_rate"]) for tax in line["taxes"]]
    return sum(_included(line["amount"], rate) for rate in rates if rate["inclusive"])


def _sum_by(lines: list[Object], name: str, key: str) -> list[Object]:
    sums: dict[str, int] = {}
    for line in lines:
        for entry in line[name]:
            sums[entry[key]] = sums.get(entry[key], 0) + entry["amount"]
    return [{"amount": amount, key: value} for value, amount in sums.items()]


def _sum_taxes(lines: list[Object]) -> list[Object]:
    sums: dict[str, Object] = {}
    for line in lines:
        for tax in line["taxes"]:
            rate = tax["tax_rate_details"]["tax_rate"]
            if rate not in sums:
                sums[rate] = part("invoice", "total_taxes", **tax)
            else:
                sums[rate]["amount"] += tax["amount"]
                sums[rate]["taxable_amount"] += tax["taxable_amount"]
    return list(sums.values())


def _settle(account: Account, invoice: Object) -> None:
    """What is left to pay after the customer's balance."""
    customer = account.find(invoice["customer"]) or {}
    start = customer.get("balance") or 0
    if customer.get("currency") not in (None, invoice["currency"]):
        start = 0
    due = invoice["total"] + start
    invoice["starting_balance"] = start
    invoice["ending_balance"] = min(due, 0) if invoice["status"] != "draft" or invoice["_is_preview"] else None
    invoice["amount_due"] = max(due, 0)
    invoice["amount_remaining"] = invoice["amount_due"] - invoice["amount_paid"]
