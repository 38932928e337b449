"""Objects as Stripe sends them, put into the mirror the way the portal does; believable unless told otherwise."""

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert

from portal_app.kit.clock import now
from portal_app.models.mirror import UpcomingInvoice
from portal_app.services import sync
from portal_app.services.desk import Desk

Json = dict[str, Any]
_numbers = itertools.count(1)


def seconds(moment: datetime) -> int:
    """A moment as Stripe writes it."""
    return int(moment.timestamp())


def put(desk: Desk, *objects: Json) -> None:
    """Into the mirror, as if just fetched; a refusal is the test's own mistake."""
    results = sync.apply_all(desk, objects, now())
    assert all(result.outcome != "refused" for result in results), results


def a_customer(desk: Desk, customer_id: str = "cus_ada", **given: Any) -> str:
    """Ada, in euros, with a default card only if it is given."""
    default = given.pop("default_payment_method", None)
    name = customer_id.removeprefix("cus_").title()
    put(
        desk,
        {
            "object": "customer",
            "id": customer_id,
            "created": seconds(now() - timedelta(days=400)),
            "email": f"{name.lower()}@example.com",
            "name": name,
            "currency": "eur",
            "balance": 0,
            "address": {"line1": "Weg 1", "postal_code": "10115", "city": "Berlin", "country": "DE"},
            "invoice_settings": {"default_payment_method": default},
            "tax_ids": {"object": "list", "data": [], "has_more": False},
            **given,
        },
    )
    return customer_id


def a_card(desk: Desk, customer_id: str = "cus_ada", **given: Any) -> str:
    """A Visa that is good for years."""
    method_id = given.pop("id", f"pm_{next(_numbers)}")
    card = {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": now().year + 3, **given}
    put(
        desk,
        {
            "object": "payment_method",
            "id": method_id,
            "created": seconds(now()),
            "customer": customer_id,
            "type": "card",
            "card": card,
        },
    )
    return method_id


def a_product(desk: Desk, name: str = "Pro", **given: Any) -> str:
    """Something to sell."""
    product_id = given.pop("id", f"prod_{name.lower().replace(' ', '_')}")
    made = {"object": "product", "id": product_id, "created": seconds(now()), "name": name, "active": True, **given}
    put(desk, {"metadata": {}, "marketing_features": [], "unit_label": None, **made})
    return product_id


def an_item(product_id: str = "prod_pro", amount: int = 2900, quantity: int = 1, **given: Any) -> Json:
    """A position of a subscription, monthly."""
    ends = given.pop("ends", now() + timedelta(days=12))
    recurring = {"interval": given.pop("interval", "month"), "interval_count": given.pop("count", 1)}
    price = {
        "id": given.pop("price", f"price_{product_id}"),
        "object": "price",
        "product": product_id,
        "billing_scheme": "per_unit",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
        "recurring": recurring,
        **given,
    }
    return {
        "id": f"si_{next(_numbers)}",
        "object": "subscription_item",
        "price": price,
        "quantity": quantity,
        "current_period_start": seconds(ends - timedelta(days=30)),
        "current_period_end": seconds(ends),
        "discounts": [],
        "tax_rates": [],
    }


def a_subscription(desk: Desk, customer_id: str = "cus_ada", *, items: Sequence[Json] = (), **given: Any) -> str:
    """Pro monthly, active, charged to the customer's default card."""
    if not items:
        a_product(desk)
        items = [an_item()]
    subscription_id = given.pop("id", f"sub_{next(_numbers)}")
    made = {
        "object": "subscription",
        "id": subscription_id,
        "created": seconds(now() - timedelta(days=400)),
        "start_date": seconds(now() - timedelta(days=400)),
        "customer": customer_id,
        "status": "active",
        "currency": "eur",
        "collection_method": "charge_automatically",
        "cancel_at": None,
        "canceled_at": None,
        "cancel_at_period_end": False,
        "ended_at": None,
        "trial_end": None,
        "default_payment_method": None,
        "default_tax_rates": [],
        "discounts": [],
        "items": {"object": "list", "data": list(items), "has_more": False},
        "metadata": {},
        "pause_collection": None,
        "schedule": None,
        "status_details": None,
        **given,
    }
    put(desk, made)
    return subscription_id


def a_line(product_id: str = "prod_pro", amount: int = 2900, quantity: int = 1, **given: Any) -> Json:
    """A line of an invoice."""
    parent = {"proration": given.pop("proration", False), "subscription_item": "si_1", "subscription": "sub_1"}
    pricing = {"type": "price_details", "price_details": {"price": "price_1", "product": product_id}}
    start = given.pop("start", now())
    return {
        "object": "line_item",
        "id": f"il_{next(_numbers)}",
        "amount": amount * quantity,
        "currency": "eur",
        "description": "1 × Something (at €29.00 / month)",
        "parent": {"type": "subscription_item_details", "subscription_item_details": parent},
        "period": {"start": seconds(start), "end": seconds(start + timedelta(days=30))},
        "pricing": {**pricing, "unit_amount_decimal": str(amount)} if product_id else None,
        "quantity": quantity,
        "taxes": [],
        **given,
    }


def an_invoice_of(customer_id: str = "cus_ada", **given: Any) -> Json:
    """A paid invoice over €29.00, as Stripe sends it."""
    number = next(_numbers)
    lines = given.pop("lines", [a_line()])
    total = given.pop("total", sum(line["amount"] for line in lines))
    status = given.pop("status", "paid")
    created = given.pop("created", now() - timedelta(days=1))
    subscription = given.pop("subscription", None)
    due_at = given.pop("due_at", None)
    next_try_at = given.pop("next_try_at", None)
    parent = {"subscription_details": {"subscription": subscription}, "type": "subscription_details"}
    return {
        "object": "invoice",
        "id": f"in_{number:06d}",
        "created": seconds(created),
        "customer": customer_id,
        "customer_name": "Ada Winter",
        "customer_email": "ada@example.com",
        "customer_address": None,
        "customer_tax_ids": [],
        "custom_fields": None,
        "number": f"INV-{number:04d}",
        "status": status,
        "currency": "eur",
        "collection_method": "charge_automatically",
        "total": total,
        "subtotal": total,
        "amount_due": total,
        "amount_paid": total if status == "paid" else 0,
        "amount_remaining": 0 if status == "paid" else total,
        "attempt_count": 0,
        "next_payment_attempt": seconds(next_try_at) if next_try_at else None,
        "due_date": seconds(due_at) if due_at else None,
        "description": None,
        "discounts": [],
        "default_tax_rates": [],
        "total_discount_amounts": [],
        "total_taxes": [],
        "starting_balance": 0,
        "ending_balance": 0,
        "hosted_invoice_url": None,
        "lines": {"object": "list", "data": lines, "has_more": False},
        "parent": parent if subscription else None,
        "payments": {"object": "list", "data": [], "has_more": False},
        "status_transitions": {"finalized_at": seconds(created), "paid_at": None, "voided_at": None},
        **given,
    }


def an_invoice(desk: Desk, customer_id: str = "cus_ada", **given: Any) -> str:
    """A paid invoice over €29.00."""
    made = an_invoice_of(customer_id, **given)
    put(desk, made)
    return made["id"]


def a_payment(desk: Desk, invoice_id: str, customer_id: str = "cus_ada", **given: Any) -> str:
    """A payment intent that belongs to an invoice; it went through."""
    payment_id = given.pop("id", f"pi_{next(_numbers)}")
    created = seconds(given.pop("at", now()))
    amount = given.pop("amount", 2900)
    error = given.pop("error", None)
    put(
        desk,
        {
            "object": "payment_intent",
            "id": payment_id,
            "created": created,
            "customer": customer_id,
            "status": "succeeded",
            "amount": amount,
            "currency": "eur",
            "payment_method": None,
            "last_payment_error": error,
            "latest_charge": None,
            **given,
        },
        {
            "object": "invoice_payment",
            "id": f"inpay_{payment_id}",
            "created": created,
            "invoice": invoice_id,
            "payment": {"type": "payment_intent", "payment_intent": payment_id},
            "status": "paid",
            "amount_paid": amount,
            "amount_requested": amount,
            "currency": "eur",
        },
    )
    return payment_id


def an_upcoming_invoice(desk: Desk, subscription_id: str, customer_id: str = "cus_ada", **given: Any) -> None:
    """What the worker has asked Stripe for, as new as the customer."""
    due_at = given.pop("due_at", now() + timedelta(days=12))
    revision = given.pop("revision", 10**9)
    asked_at = given.pop("asked_at", now())
    data = an_invoice_of(customer_id, **{"status": "draft", "ending_balance": None, **given})
    row = {
        "subscription_id": subscription_id,
        "customer_id": customer_id,
        "revision": revision,
        "asked_at": asked_at,
        "amount_due": data["amount_due"],
        "total": data["total"],
        "currency": data["currency"],
        "due_at": due_at,
        "data": data,
    }
    table = UpcomingInvoice.__table__
    with desk.transaction():
        desk.run(delete(table).where(table.c.subscription_id == subscription_id))
        desk.run(insert(table).values(**row))
