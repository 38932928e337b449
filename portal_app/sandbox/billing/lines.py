"""The lines of an invoice."""

from dataclasses import dataclass, field
from decimal import Decimal

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.money import half_up, written
from portal_app.sandbox.contract.blanks import part


@dataclass(frozen=True)
class Line:
    """What a line says; amounts in minor units, before discounts and taxes."""

    amount: int
    currency: str
    description: str
    start: int
    end: int
    quantity: int = 1
    price: Object | None = None
    subscription: str | None = None
    item: str | None = None
    invoice_item: str | None = None
    is_proration: bool = False
    is_discountable: bool = True
    credited: Object | None = None
    tax_rates: list[str] = field(default_factory=list)
    discounts: list[str] = field(default_factory=list)
    metadata: Object = field(default_factory=dict)


def make_line(account: Account, invoice: Object, line: Line) -> Object:
    """The line as an invoice keeps it."""
    made = account.new("line_item") | {
        "amount": line.amount,
        "currency": line.currency,
        "description": line.description,
        "discount_amounts": [],
        "discountable": line.is_discountable,
        "discounts": list(line.discounts),
        "invoice": invoice["id"],
        "metadata": dict(line.metadata),
        "parent": _parent(line),
        "period": {"start": line.start, "end": line.end},
        "pretax_credit_amounts": [],
        "quantity": line.quantity,
        "quantity_decimal": str(line.quantity),
        "subscription": line.subscription,
        "subtotal": line.amount,
        "taxes": [],
        "_tax_rates": list(line.tax_rates),
        "_item": line.item,
        "_is_proration": line.is_proration,
    }
    made["pricing"] = pricing_of("line_item", line.price)
    return made


def pricing_of(kind: str, price: Object | None) -> Object | None:
    """How a line or an invoice item refers to its price."""
    if price is None:
        return None
    details = {"price": price["id"], "product": price["product"]}
    decimal = str(price["unit_amount_decimal"])
    return part(kind, "pricing", type="price_details", price_details=details, unit_amount_decimal=decimal)


def _parent(line: Line) -> Object:
    proration = {"credited_items": line.credited}
    if line.item:
        details = {
            "invoice_item": line.invoice_item,
            "proration": line.is_proration,
            "proration_details": proration,
            "subscription": line.subscription,
            "subscription_item": line.item,
        }
        return part("line_item", "parent", type="subscription_item_details", subscription_item_details=details)
    details = {
        "invoice_item": line.invoice_item or "",
        "proration": line.is_proration,
        "proration_details": proration,
        "subscription": line.subscription,
    }
    return part("line_item", "parent", type="invoice_item_details", invoice_item_details=details)


def price_amount(price: Object, quantity: int) -> int:
    """What a quantity of a price costs."""
    return half_up(Decimal(price["unit_amount_decimal"]) * quantity)


def describe(account: Account, price: Object, quantity: int) -> str:
    """`2 × Pro (at €29.00 / month)`, as Stripe words it."""
    recurring = price["recurring"]
    rate = written(Decimal(price["unit_amount_decimal"]), price["currency"])
    if not recurring:
        return product_name(account, price)
    every, interval = recurring["interval_count"], recurring["interval"]
    rhythm = interval if every == 1 else f"every {every} {interval}s"
    return f"{quantity} × {product_name(account, price)} (at {rate} / {rhythm})"


def product_name(account: Account, price: Object) -> str:
    """The name of what a price is for."""
    product = account.find(price["product"])
    return product["name"] if product and not product.get("deleted") else "Deleted product"


def item_line(account: Account, subscription: Object, item: Object, *, is_trial: bool = False) -> Line:
    """The line that bills an item for its current period."""
    price = account.get("price", item["price"])
    quantity = item["quantity"] or 0
    return Line(
        amount=0 if is_trial else price_amount(price, quantity),
        currency=price["currency"],
        description=f"Trial period for {product_name(account, price)}"
        if is_trial
        else describe(account, price, quantity),
        start=item["current_period_start"],
        end=item["current_period_end"],
        quantity=quantity,
        price=price,
        subscription=subscription["id"],
        item=item["id"],
        tax_rates=item["tax_rates"] or subscription["default_tax_rates"] or [],
        discounts=item["discounts"],
        metadata=subscription["metadata"],
    )


def line_of_invoice_item(account: Account, item: Object) -> Line:
    """The line that a pending invoice item becomes."""
    details = (item["parent"] or {}).get("subscription_details") or {}
    price_id = ((item["pricing"] or {}).get("price_details") or {}).get("price")
    return Line(
        amount=item["amount"],
        currency=item["currency"],
        description=item["description"] or "",
        start=item["period"]["start"],
        end=item["period"]["end"],
        quantity=item["quantity"],
        price=account.find(price_id),
        subscription=details.get("subscription"),
        item=details.get("subscription_item"),
        invoice_item=item["id"],
        is_proration=item["proration"],
        is_discountable=item["discountable"],
        credited=item.get("_credited"),
        tax_rates=item["tax_rates"] or [],
        discounts=item["discounts"] or [],
        metadata=item["metadata"],
    )
