"""Prorations: credit for unused time, debit for the remaining time, to the second."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.discounts import coupon_of, live
from portal_app.sandbox.billing.lines import price_amount, pricing_of, product_name
from portal_app.sandbox.billing.money import percent_of, share
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.events import emit


@dataclass
class Proration:
    """The prorations of one change, made at one moment."""

    account: Account
    subscription: Object
    at: int
    made: list[Object] = field(default_factory=list)


def credit_unused(proration: Proration, item: Object) -> None:
    """Give back the unused part of what was really debited for an item in its running period.

    Source: https://docs.stripe.com/billing/subscriptions/billing-mode
    """
    account = proration.account
    price = account.get("price", item["price"])
    debit = item.get("_debit")
    start, end = item["current_period_start"], item["current_period_end"]
    amount = price_amount(price, item["quantity"] or 0)
    if debit and proration.subscription["billing_mode"]["type"] == "flexible":
        start, end, amount = debit["start"], debit["end"], debit["amount"]
    unused = share(amount, max(end - max(proration.at, start), 0), end - start)
    if unused == 0:
        return
    credited = debit if debit and debit.get("line") else None
    made = _make(proration, item, -unused, "Unused")
    if credited:
        made["proration_details"]["credited_items"] = _credited_items(credited)
        made["_credited"] = {"invoice": credited["invoice"], "invoice_line_items": [credited["line"]]}
    _keep(proration, made)


def debit_remaining(proration: Proration, item: Object) -> None:
    """Charge the rest of the period at the item's new price and quantity."""
    account = proration.account
    price = account.get("price", item["price"])
    start, end = item["current_period_start"], item["current_period_end"]
    recurring_start = _period_start(proration, item)
    full = price_amount(price, item["quantity"] or 0)
    amount = share(full, max(end - max(proration.at, start), 0), end - recurring_start)
    if proration.subscription["billing_mode"]["type"] == "flexible":
        amount = _less_discounts(proration, item, amount)
    item["_debit"] = {"amount": amount, "start": proration.at, "end": end}
    account.put(item)
    if amount:
        _keep(proration, _make(proration, item, amount, "Remaining"))


def _period_start(proration: Proration, item: Object) -> int:
    """The start of the whole period, also for an item that joined in its middle."""
    starts = [
        other["current_period_start"]
        for other in map(proration.account.find, proration.subscription["items"])
        if other and other["current_period_end"] == item["current_period_end"]
    ]
    return min([item["current_period_start"], *starts])


def _less_discounts(proration: Proration, item: Object, amount: int) -> int:
    """In flexible billing mode prorations are net of discounts and show none of their own."""
    account = proration.account
    carried = [*item["discounts"], *proration.subscription["discounts"]]
    for discount_id in live(account, carried, proration.at):
        coupon = coupon_of(account, account.get("discount", discount_id))
        if coupon["percent_off"] is not None:
            amount -= percent_of(amount, coupon["percent_off"])
    return amount


def _what(account: Account, price: Object, item: Object) -> str:
    name = product_name(account, price)
    return f"{item['quantity']} × {name}" if (item["quantity"] or 0) != 1 else name


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%d %b %Y")


def _credited_items(debit: Object) -> Object:
    lines = {"invoice": debit["invoice"], "invoice_line_items": [debit["line"]]}
    return {"type": "invoice_line_items", "invoice_line_item_details": lines}


def _keep(proration: Proration, made: Object) -> None:
    proration.account.put(made)
    proration.made.append(made)
    emit(proration.account, "invoiceitem.created", made)


def _make(proration: Proration, item: Object, amount: int, which: str) -> Object:
    account, subscription = proration.account, proration.subscription
    price = account.get("price", item["price"])
    details = {"subscription": subscription["id"], "subscription_item": item["id"]}
    is_net = subscription["billing_mode"]["type"] == "flexible"
    return account.new("invoiceitem", subscription["customer"]) | {
        "amount": amount,
        "net_amount": amount,
        "currency": subscription["currency"],
        "date": proration.at,
        "description": f"{which} time on {_what(account, price, item)} after {_day(proration.at)}",
        "discountable": not is_net,
        "discounts": [],
        "parent": part("invoiceitem", "parent", type="subscription_details", subscription_details=details),
        "period": {"start": proration.at, "end": item["current_period_end"]},
        "pricing": pricing_of("invoiceitem", price),
        "proration": True,
        "proration_details": part("invoiceitem", "proration_details"),
        "quantity": item["quantity"] or 0,
        "quantity_decimal": str(item["quantity"] or 0),
        "tax_rates": item["tax_rates"] or subscription["default_tax_rates"] or [],
        "test_clock": subscription["test_clock"],
    }
