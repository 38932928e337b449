"""Which of Stripe's objects the portal copies, where they are asked for, and what must be asked for with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Json = dict[str, Any]

Kind = Literal[
    "customer",
    "product",
    "price",
    "coupon",
    "promotion_code",
    "subscription",
    "subscription_schedule",
    "invoice",
    "payment_method",
    "payment_intent",
    "charge",
    "refund",
    "credit_note",
]


@dataclass(frozen=True)
class Part:
    """A list inside an object of which Stripe sends only the first page; `path` and `query` take the owner's id."""

    name: str
    path: str
    query: str = ""


@dataclass(frozen=True)
class Source:
    """Where a kind is read.

    Attributes:
        expand: what Stripe leaves out, or sends as an id, unless asked.
        list_parameters: what a list needs so that it holds everything.
    """

    path: str
    expand: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    list_parameters: Mapping[str, str] | None = None


SOURCES: dict[Kind, Source] = {
    "customer": Source("/v1/customers", expand=("tax_ids",), parts=(Part("tax_ids", "/v1/customers/{id}/tax_ids"),)),
    "product": Source("/v1/products"),
    "price": Source("/v1/prices", expand=("currency_options", "tiers")),
    "coupon": Source("/v1/coupons", expand=("applies_to", "currency_options")),
    "promotion_code": Source("/v1/promotion_codes"),
    "subscription": Source(
        "/v1/subscriptions",
        expand=("discounts",),
        parts=(Part("items", "/v1/subscription_items", query="subscription"),),
        # Without it Stripe hides canceled ones.
        list_parameters={"status": "all"},
    ),
    "subscription_schedule": Source("/v1/subscription_schedules"),
    "invoice": Source(
        "/v1/invoices",
        expand=("discounts", "payments"),
        parts=(Part("lines", "/v1/invoices/{id}/lines"), Part("payments", "/v1/invoice_payments", query="invoice")),
    ),
    "payment_method": Source("/v1/payment_methods"),
    # The charge knows when it was tried and with which card.
    "payment_intent": Source("/v1/payment_intents", expand=("latest_charge",)),
    "charge": Source("/v1/charges"),
    "refund": Source("/v1/refunds"),
    "credit_note": Source("/v1/credit_notes", parts=(Part("lines", "/v1/credit_notes/{id}/lines"),)),
}

_PREFIXES: dict[str, Kind] = {
    "cus": "customer",
    "sub": "subscription",
    "sub_sched": "subscription_schedule",
    "in": "invoice",
    "pm": "payment_method",
    "pi": "payment_intent",
    "ch": "charge",
    "re": "refund",
    "cn": "credit_note",
    "price": "price",
    "promo": "promotion_code",
}


def find_kind(object_id: str) -> Kind | None:
    """The kind that an id shows by its prefix; None where merchants choose ids or the portal copies nothing."""
    return _PREFIXES.get(object_id.rpartition("_")[0])
