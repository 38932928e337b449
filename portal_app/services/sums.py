"""What an invoice, or the preview of the next one, adds up to: lines, discounts, taxes and credit."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portal_app.kit.money import Money
from portal_app.services.catalogue import Coupon, Product, coupon_of
from portal_app.services.reading import Json, decimal, entries, id_of, moment, money, number, part, text


@dataclass(frozen=True)
class Line:
    """One position. `unit_amount` is in minor units and may be a fraction of a coin; None where a tier decides.

    `name` is the product's, or Stripe's own sentence for prorations and single items.
    """

    name: str
    amount: Money
    quantity: int | None = None
    unit_amount: Decimal | None = None
    unit_label: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    is_proration: bool = False


@dataclass(frozen=True)
class Discount:
    """What a coupon takes off; the amount is positive."""

    name: str
    amount: Money
    percent_off: Decimal | None = None


@dataclass(frozen=True)
class Tax:
    """One tax; `percent` is unknown where Stripe named the rate only by its id."""

    name: str
    amount: Money
    percent: Decimal | None = None
    is_inclusive: bool = False
    is_reverse_charge: bool = False


@dataclass(frozen=True)
class Sum:
    """Lines, less discounts, plus taxes are the total; the balance makes the amount due of it.

    `balance_applied` is negative where credit was used and positive where an old debt was added.
    """

    lines: tuple[Line, ...]
    discounts: tuple[Discount, ...]
    taxes: tuple[Tax, ...]
    subtotal: Money
    total: Money
    balance_applied: Money
    amount_due: Money

    @property
    def to_pay(self) -> Money:
        """What the lines come to, before credit notes and payments."""
        return self.total + self.balance_applied


def product_ids(invoice: Json) -> Iterator[str]:
    """The products that a bill's lines name."""
    for line in entries(invoice.get("lines")):
        yield id_of(part(line, "pricing", "price_details").get("product"))


def coupon_ids(invoice: Json) -> Iterator[str]:
    """The coupons behind a bill's discounts, where Stripe sent the discounts in full."""
    for discount in entries(invoice.get("discounts")):
        yield id_of(part(discount, "source").get("coupon"))


def sum_of(
    invoice: Json, products: Mapping[str, Product], coupons: Mapping[str, Coupon], rates: Iterable[Json] = ()
) -> Sum:
    """Read a bill or a preview; `rates` are tax rates known from elsewhere, for instance the subscription's."""
    currency = text(invoice.get("currency")) or "usd"
    known = {id_of(rate): rate for rate in (*entries(invoice.get("default_tax_rates")), *rates)}
    total = money(invoice.get("total"), currency)
    return Sum(
        lines=tuple(_line(line, currency, products) for line in entries(invoice.get("lines"))),
        discounts=tuple(_discounts(invoice, currency, coupons)),
        taxes=tuple(_tax(tax, currency, known) for tax in entries(invoice.get("total_taxes"))),
        subtotal=money(invoice.get("subtotal"), currency),
        total=total,
        balance_applied=Money(_balance_applied(invoice), currency),
        amount_due=money(invoice.get("amount_due"), currency),
    )


def _balance_applied(invoice: Json) -> int:
    """What the customer's balance changes; Stripe counts it below zero while it is the customer's credit."""
    starting, ending = number(invoice.get("starting_balance")), invoice.get("ending_balance")
    if isinstance(ending, int):
        return starting - ending
    # A preview is not finalized: it has no ending balance, but its amount due takes the balance into account.
    return number(invoice.get("amount_due")) - number(invoice.get("total")) if starting else 0


def _line(line: Json, currency: str, products: Mapping[str, Product]) -> Line:
    details = part(line, "parent", "subscription_item_details") or part(line, "parent", "invoice_item_details")
    product = products.get(id_of(part(line, "pricing", "price_details").get("product")))
    is_proration = bool(details.get("proration"))
    description = text(line.get("description"))
    quantity = line.get("quantity")
    return Line(
        name=description if is_proration or not product else product.name,
        amount=money(line.get("amount"), currency),
        quantity=quantity if isinstance(quantity, int) else None,
        unit_amount=decimal(part(line, "pricing").get("unit_amount_decimal")),
        unit_label=product.unit_label if product else "",
        starts_at=moment(part(line, "period").get("start")),
        ends_at=moment(part(line, "period").get("end")),
        is_proration=is_proration,
    )


def _discounts(invoice: Json, currency: str, coupons: Mapping[str, Coupon]) -> Iterator[Discount]:
    sent = {id_of(discount): discount for discount in entries(invoice.get("discounts"))}
    for taken in entries(invoice.get("total_discount_amounts")):
        source = part(sent.get(id_of(taken.get("discount"))) or taken, "source")
        inner = part(source, "coupon")
        coupon = coupon_of(inner) if inner else coupons.get(id_of(source.get("coupon")))
        amount = money(taken.get("amount"), currency)
        yield Discount(coupon.name if coupon else "", amount, coupon.percent_off if coupon else None)


def _tax(tax: Json, currency: str, known: Mapping[str, Json]) -> Tax:
    named = part(tax, "tax_rate_details").get("tax_rate")
    rate = part(named) or known.get(id_of(named), {})
    return Tax(
        name=text(rate.get("display_name")),
        amount=money(tax.get("amount"), currency),
        percent=decimal(rate.get("percentage")),
        is_inclusive=tax.get("tax_behavior") == "inclusive",
        is_reverse_charge=tax.get("taxability_reason") == "reverse_charge",
    )
