"""What a merchant does at Stripe, by the official client: believable unless told otherwise."""

import secrets
from typing import Any

from tests.world import Account


def a_customer(account: Account, *, card: str = "pm_card_visa", **given: Any) -> str:
    """Ada with a Visa that works; `card=""` leaves her without one."""
    made = account.stripe.v1.customers.create({"name": "Ada", "email": "ada@example.com", **given})
    if card:
        attached = account.stripe.v1.payment_methods.attach(card, {"customer": made.id})
        account.stripe.v1.customers.update(made.id, {"invoice_settings": {"default_payment_method": attached.id}})
    return made.id


def a_price(account: Account, amount: int = 2900, *, name: str = "Pro", currency: str = "eur", **given: Any) -> str:
    """A monthly plan."""
    product = account.stripe.v1.products.create({"name": name})
    recurring = {"interval": given.pop("interval", "month")}
    price = {"product": product.id, "currency": currency, "unit_amount": amount, "recurring": recurring, **given}
    return account.stripe.v1.prices.create(price).id


def a_subscription(account: Account, customer_id: str, price_id: str = "", **given: Any) -> str:
    """Pro monthly, active and paid."""
    items = [{"price": price_id or a_price(account)}]
    return account.stripe.v1.subscriptions.create({"customer": customer_id, "items": items, **given}).id


def an_invoice(account: Account, customer_id: str, lines: int = 1) -> str:
    """A finalized invoice of several one-off lines."""
    made = account.stripe.v1.invoices.create({"customer": customer_id, "auto_advance": False})
    for number in range(1, lines + 1):
        item = {"customer": customer_id, "invoice": made.id, "currency": "eur", "amount": 100 * number}
        account.stripe.v1.invoice_items.create({**item, "description": f"Line {number}"})
    return account.stripe.v1.invoices.finalize_invoice(made.id).id


def rename(account: Account, customer_id: str, name: str = "") -> str:
    """Change something that an event tells; returns the new name."""
    name = name or f"Ada {secrets.token_hex(4)}"
    account.stripe.v1.customers.update(customer_id, {"name": name})
    return name
