"""Believable invoices as Stripe sends them, told only what matters; and a seller to put above them."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

from portal_app.documents.invoice import invoice_pdf
from portal_app.documents.seller import Seller

VAT = {
    "id": "txr_vat19",
    "object": "tax_rate",
    "display_name": "VAT",
    "percentage": 19.0,
    "effective_percentage": 19.0,
    "inclusive": False,
}
LINNET = Seller(
    name="Linnet Software GmbH",
    address=("Torstraße 12", "10119 Berlin", "Germany"),
    email="help@linnet.example",
    tax_id="DE314159265",
    colour="#00747e",
)


def seconds(*parts: int) -> int:
    """A moment of UTC as Stripe's whole seconds."""
    return int(datetime(*parts, tzinfo=UTC).timestamp())


def a_line(amount: int = 39200, description: str = "Team, 8 seats", **changes: Any) -> dict[str, Any]:
    """A line of a subscription, October to November, eight at €49.00 unless told otherwise."""
    line = {
        "id": "il_1",
        "object": "line_item",
        "amount": amount,
        "subtotal": amount,
        "currency": "eur",
        "description": description,
        "discountable": True,
        "discounts": [],
        "discount_amounts": [],
        "metadata": {},
        "period": {"start": seconds(2026, 10, 13, 9), "end": seconds(2026, 11, 13, 9)},
        "pricing": {"type": "price_details", "unit_amount_decimal": "4900", "price_details": None},
        "quantity": 8,
        "quantity_decimal": "8",
        "taxes": [],
    }
    return line | changes


def one_at(unit_amount: str) -> dict[str, Any]:
    """What a line says of one piece at this price."""
    return {
        "quantity": 1,
        "quantity_decimal": "1",
        "pricing": {"type": "price_details", "unit_amount_decimal": unit_amount, "price_details": None},
    }


def a_tax(amount: int, taxable_amount: int, rate_id: str = "txr_vat19", **changes: Any) -> dict[str, Any]:
    """An exclusive tax; 19 % unless told otherwise."""
    tax = {
        "amount": amount,
        "tax_behavior": "exclusive",
        "tax_rate_details": {"tax_rate": rate_id},
        "taxability_reason": "standard_rated",
        "taxable_amount": taxable_amount,
        "type": "tax_rate_details",
    }
    return tax | changes


def a_list(data: list[dict[str, Any]]) -> dict[str, Any]:
    """Stripe's list object, complete."""
    return {"object": "list", "has_more": False, "data": data, "url": "/v1/invoices/in_1194/lines"}


def an_invoice(**changes: Any) -> dict[str, Any]:
    """An open invoice over €476.00 to Aalto Tools, due on 12 November 2026; `lines` may be a plain list."""
    if isinstance(changes.get("lines"), list):
        changes["lines"] = a_list(changes["lines"])
    invoice = {
        "id": "in_1194",
        "object": "invoice",
        "number": "INV-1194",
        "status": "open",
        "currency": "eur",
        "account_country": "DE",
        "account_name": "Linnet Software GmbH",
        "billing_reason": "subscription_cycle",
        "collection_method": "send_invoice",
        "created": seconds(2026, 10, 13, 9),
        "effective_at": seconds(2026, 10, 13, 10),
        "due_date": seconds(2026, 11, 12, 10),
        "next_payment_attempt": None,
        "customer": "cus_finn",
        "customer_name": "Aalto Tools Oy",
        "customer_email": "finn@example.com",
        "customer_address": {
            "line1": "Kalevankatu 8",
            "line2": None,
            "postal_code": "00100",
            "city": "Helsinki",
            "state": None,
            "country": "FI",
        },
        "customer_shipping": None,
        "customer_phone": None,
        "customer_tax_exempt": "none",
        "customer_tax_ids": [{"type": "eu_vat", "value": "FI12345678"}],
        "custom_fields": [{"name": "Your reference", "value": "PO 88-410"}],
        "default_tax_rates": [],
        "description": None,
        "footer": None,
        "discounts": [],
        "lines": a_list([a_line(), a_line(8400, "Storage, 1 TB", id="il_2", **one_at("8400"))]),
        "subtotal": 47600,
        "total": 47600,
        "total_excluding_tax": 47600,
        "total_discount_amounts": [],
        "total_taxes": [],
        "shipping_cost": None,
        "amount_due": 47600,
        "amount_paid": 0,
        "amount_remaining": 47600,
        "starting_balance": 0,
        "ending_balance": 0,
        "pre_payment_credit_notes_amount": 0,
        "post_payment_credit_notes_amount": 0,
        "receipt_number": None,
        "rendering": None,
        "status_transitions": {
            "finalized_at": seconds(2026, 10, 13, 10),
            "paid_at": None,
            "voided_at": None,
            "marked_uncollectible_at": None,
        },
    }
    return invoice | changes


def a_paid_invoice(**changes: Any) -> dict[str, Any]:
    """The same with 19 % VAT on €400.00 (€76.00), paid on 3 November 2026."""
    paid = {
        "lines": [a_line(40000, "Pro, yearly", taxes=[a_tax(7600, 40000)], **one_at("40000"))],
        "status": "paid",
        "due_date": None,
        "subtotal": 40000,
        "total_excluding_tax": 40000,
        "total_taxes": [a_tax(7600, 40000)],
        "default_tax_rates": [VAT],
        "amount_paid": 47600,
        "amount_remaining": 0,
        "status_transitions": {"finalized_at": seconds(2026, 11, 1), "paid_at": seconds(2026, 11, 3, 12)},
    }
    return an_invoice(**(paid | changes))


def sixty_lines() -> list[dict[str, Any]]:
    """More lines than a page holds, some of them long."""
    long = "storage, traffic and a description so long that it needs a second line to be told in full"
    tales = [long if n % 7 == 0 else "storage" for n in range(60)]
    return [a_line(1900 + n, f"Workspace {n:02d}, {tale}", id=f"il_{n}") for n, tale in enumerate(tales)]


def made(invoice: dict[str, Any], locale: str = "en", zone: str = "Europe/Berlin", **seller: Any) -> bytes:
    """The PDF of an invoice by Linnet, changed as told."""
    return invoice_pdf(invoice, replace(LINNET, **seller), locale=locale, zone=zone)


def a_logo(width: int = 480, height: int = 120) -> bytes:
    """A transparent PNG with a sign and a bar, as merchants upload them."""
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((0, 0, height - 1, height - 1), fill="#00747e")
    draw.rectangle((height + 20, height // 3, width - 1, 2 * height // 3), fill="#151a20")
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
