"""How each of Stripe's objects becomes a row: the columns that are asked for, and why some objects are refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Table

from portal_app.gateway.port import Json
from portal_app.kit.clock import moment_of
from portal_app.kit.errors import InvalidInput
from portal_app.models import mirror
from portal_app.security.addresses import clean_email
from portal_app.services.sync.about import first_products

# Whoever holds these can act on the payment; nobody here needs them.
_SECRETS = ("client_secret", "confirmation_secret")
# The largest whole number that both databases keep.
_LARGEST = 2**63 - 1


class Refusal(StrEnum):
    """Why an object is not in the mirror; the value is stable, `sentence` is for people."""

    UNKNOWN_KIND = "unknown_kind"
    NO_ID = "no_id"
    NO_CUSTOMER = "no_customer"
    OLDER_SHAPE = "older_shape"
    PART_OF_PAYMENT = "part_of_payment"
    MALFORMED = "malformed"

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    Refusal.UNKNOWN_KIND: "The portal shows nothing of this kind.",
    Refusal.NO_ID: "It has no id, so it cannot be told from others; previews are like this.",
    Refusal.NO_CUSTOMER: "It belongs to no customer, so nobody could see it here.",
    Refusal.OLDER_SHAPE: "It has the shape of another API version; it is fetched instead.",
    Refusal.PART_OF_PAYMENT: "It is shown as part of its payment intent.",
    Refusal.MALFORMED: "A value that the portal relies on is missing or of the wrong type.",
}


class Refused(Exception):
    """Raised inside this room only; callers get the refusal as a value."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True)
class Shape:
    """How one kind is kept.

    Attributes:
        columns: reads them from the object; raises `Refused`, or what a missing value raises by itself.
        children: lists inside the object that are rows of their own here, by their name in the object.
        expanded: what a fetch brings in full and an event only as an id.
        is_fetched_only: an event's payload leaves out what pages need.
    """

    table: Table
    columns: Callable[[Json], dict[str, Any]]
    children: tuple[str, ...] = ()
    expanded: tuple[str, ...] = ()
    is_fetched_only: bool = False


def shape_of(kind: str) -> Shape:
    """The shape of a kind of object.

    Raises:
        Refused: the mirror does not keep this kind.
    """
    if kind not in SHAPES:
        raise Refused(Refusal.UNKNOWN_KIND)
    return SHAPES[kind]


def cleaned(data: Json) -> Json:
    """The object as it is kept: without secrets, and without what has rows of its own."""
    shape = SHAPES.get(str(data.get("object")))
    left_out = (*(shape.children if shape else ()), *_SECRETS)
    return {name: value for name, value in data.items() if name not in left_out}


def row_of(data: Json) -> dict[str, Any]:
    """The row of an object without its moments.

    Raises:
        Refused: it cannot be kept.
    """
    shape = shape_of(str(data.get("object")))
    if not isinstance(data.get("id"), str) or not data["id"] or "\0" in data["id"]:
        raise Refused(Refusal.NO_ID)
    try:
        columns = shape.columns(data)
        created_at = moment_of(data["created"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, OSError) as error:
        raise Refused(Refusal.MALFORMED) from error
    return {"id": data["id"], "created_at": created_at, "is_deleted": False, "data": cleaned(data), **columns}


def id_of(value: Any) -> str:
    """The id of something that Stripe sends as an id, in full, or not at all."""
    if value is None:
        return ""
    found = value if isinstance(value, str) else value["id"]
    if not isinstance(found, str):
        raise TypeError("an id is a text")
    return found


def _text(value: Any) -> str:
    """A text that every database takes; Stripe passes on what people typed."""
    return "" if value is None else str(value).replace("\0", "").encode("utf-8", "replace").decode()


def _amount(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST:
        raise TypeError("an amount is a whole number")
    return value


def _moment(value: Any) -> datetime | None:
    return None if value is None else moment_of(value)


def _owner(data: Json) -> str:
    if not (owner := id_of(data["customer"])):
        raise Refused(Refusal.NO_CUSTOMER)
    return owner


def _customer(data: Json) -> dict[str, Any]:
    return {
        "email": _email(_text(data["email"])),
        "name": _text(data["name"]),
        "currency": _text(data.get("currency")),
        "balance": _amount(data["balance"]),
        "default_payment_method_id": id_of(data["invoice_settings"]["default_payment_method"]),
        "revision": 0,  # of a new row; a change raises it
    }


def _email(text: str) -> str:
    """In the one spelling that signing in looks up: anything looser would open an account to a stranger's address."""
    try:
        return clean_email(text)
    except InvalidInput:
        return text.strip()  # nobody signs in with it


def _product(data: Json) -> dict[str, Any]:
    return {"name": _text(data["name"]), "is_active": bool(data["active"])}


def _price(data: Json) -> dict[str, Any]:
    return {"product_id": id_of(data["product"]), "is_active": bool(data["active"])}


def _coupon(data: Json) -> dict[str, Any]:
    if not isinstance(data["valid"], bool):
        raise TypeError("a coupon is valid or not")
    return {}


def _promotion_code(data: Json) -> dict[str, Any]:
    return {"code": _text(data["code"])}


def _subscription(data: Json) -> dict[str, Any]:
    items = data["items"]["data"]
    # Before 2025-03-31 the period stood on the subscription.
    if any("current_period_end" not in item for item in items):
        raise Refused(Refusal.OLDER_SHAPE)
    ends = [item["current_period_end"] for item in items]
    return {
        "customer_id": _owner(data),
        "status": _text(data["status"]),
        "schedule_id": id_of(data.get("schedule")),
        "default_payment_method_id": id_of(data.get("default_payment_method")),
        "cancel_at": _moment(data["cancel_at"]),
        "canceled_at": _moment(data["canceled_at"]),
        "ended_at": _moment(data["ended_at"]),
        "current_period_end": _moment(min(ends)) if ends else None,
    }


def _subscription_schedule(data: Json) -> dict[str, Any]:
    of = id_of(data["subscription"]) or id_of(data.get("released_subscription"))
    return {"customer_id": _owner(data), "subscription_id": of, "status": _text(data["status"])}


def _invoice(data: Json) -> dict[str, Any]:
    # Before 2025-03-31 the subscription stood on the invoice.
    if "parent" not in data:
        raise Refused(Refusal.OLDER_SHAPE)
    parent = (data["parent"] or {}).get("subscription_details") or {}
    if not isinstance(data["lines"]["data"], list):
        raise TypeError("lines are a list")
    return {
        "customer_id": _owner(data),
        "subscription_id": id_of(parent.get("subscription")),
        "number": _text(data["number"]),
        "status": _text(data["status"]),
        "currency": _text(data["currency"]),
        "total": _amount(data["total"]),
        "amount_due": _amount(data["amount_due"]),
        "amount_remaining": _amount(data["amount_remaining"]),
        "due_at": _moment(data["due_date"]),
        "description": _text(data["description"]),
        "about": first_products(data["lines"]["data"]),
    }


def _payment_method(data: Json) -> dict[str, Any]:
    details = data.get(data["type"]) or {}
    return {"customer_id": _owner(data), "type": _text(data["type"]), "last4": _text(details.get("last4"))}


def _money(data: Json, amount: str = "amount") -> dict[str, Any]:
    return {
        "status": _text(data["status"]),
        "amount": _amount(data[amount]),
        "currency": _text(data["currency"]),
    }


def _payment_intent(data: Json) -> dict[str, Any]:
    return {"customer_id": _owner(data), **_money(data)}


def _charge(data: Json) -> dict[str, Any]:
    if id_of(data["payment_intent"]):
        raise Refused(Refusal.PART_OF_PAYMENT)
    return {"customer_id": _owner(data), **_money(data)}


def _refund(data: Json) -> dict[str, Any]:
    return {"payment_id": id_of(data["payment_intent"]) or id_of(data["charge"]), **_money(data)}


def _invoice_payment(data: Json) -> dict[str, Any]:
    payment: Mapping[str, Any] = data["payment"]
    return {
        "invoice_id": id_of(data["invoice"]),
        "payment_id": id_of(payment[payment["type"]]),
        **_money(data, "amount_paid" if data["amount_paid"] is not None else "amount_requested"),
    }


def _credit_note(data: Json) -> dict[str, Any]:
    return {
        "customer_id": _owner(data),
        "invoice_id": id_of(data["invoice"]),
        "number": _text(data["number"]),
        "total": _amount(data["total"]),
        "currency": _text(data["currency"]),
    }


def _tax_id(data: Json) -> dict[str, Any]:
    owner = data.get("owner") or {}
    customer_id = id_of(data["customer"]) or id_of(owner.get("customer"))
    if not customer_id:
        raise Refused(Refusal.NO_CUSTOMER)
    return {"customer_id": customer_id, "type": _text(data["type"]), "value": _text(data["value"])}


def _shape(model: Any, columns: Callable[[Json], dict[str, Any]], **rest: Any) -> Shape:
    return Shape(model.__table__, columns, **rest)


SHAPES: dict[str, Shape] = {
    "customer": _shape(mirror.Customer, _customer, children=("tax_ids",)),
    "product": _shape(mirror.Product, _product),
    "price": _shape(mirror.Price, _price, is_fetched_only=True),
    "coupon": _shape(mirror.Coupon, _coupon, is_fetched_only=True),
    "promotion_code": _shape(mirror.PromotionCode, _promotion_code),
    "subscription": _shape(mirror.Subscription, _subscription, expanded=("discounts",)),
    "subscription_schedule": _shape(mirror.SubscriptionSchedule, _subscription_schedule),
    "invoice": _shape(mirror.Invoice, _invoice, children=("payments",), expanded=("discounts",)),
    "payment_method": _shape(mirror.PaymentMethod, _payment_method),
    "payment_intent": _shape(mirror.Payment, _payment_intent, expanded=("latest_charge",)),
    "charge": _shape(mirror.Payment, _charge),
    "invoice_payment": _shape(mirror.InvoicePayment, _invoice_payment),
    "refund": _shape(mirror.Refund, _refund),
    "credit_note": _shape(mirror.CreditNote, _credit_note),
    "tax_id": _shape(mirror.TaxId, _tax_id),
}
