"""Payment methods: made from a test card, attached to a customer, detached for good."""

import hashlib
from datetime import UTC, datetime

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.errors import invalid, no_such
from portal_app.sandbox.events import changing, emit
from portal_app.sandbox.payments.cards import BY_NAME, Bank, TestCard, decline
from portal_app.sandbox.values import address_of, nulled

TOKEN = "pm_card_"  # noqa: S105
YEARS_VALID = 3


def make_card(account: Account, card: TestCard, details: Object | None = None) -> Object:
    """A payment method of a test card, attached to nobody."""
    details = details or {}
    year = datetime.fromtimestamp(account.wall(), UTC).year + YEARS_VALID
    made = account.new("payment_method", type="card", allow_redisplay="unspecified", _card=card.number)
    made["billing_details"] = part("payment_method", "billing_details", address=address_of({"city": None}) or {})
    made["card"] = part(
        "payment_method",
        "card",
        brand=card.brand,
        display_brand=card.brand,
        last4=card.last4,
        exp_month=details.get("exp_month", 12),
        exp_year=details.get("exp_year", year),
        country=card.country,
        funding=card.funding,
        fingerprint=hashlib.sha256(f"{account.name}:{card.number}".encode()).hexdigest()[:16],
        checks={"cvc_check": "pass"},
        networks={"available": [card.brand]},
        three_d_secure_usage={"supported": True},
        regulated_status="unregulated",
    )
    made["_bank"] = card.bank.value
    made["_reason"] = card.reason
    return account.put(made)


def method_for(account: Account, method_id: str, param: str = "payment_method") -> Object:
    """The payment method of an id; the names of test cards make a new one each time."""
    if method_id.startswith(TOKEN):
        card = BY_NAME.get(method_id.removeprefix(TOKEN))
        if card is None:
            raise no_such("PaymentMethod", method_id, param, status=400)
        return make_card(account, card)
    return account.refer("payment_method", method_id, param)


def attach(account: Account, method_id: str, customer: Object) -> Object:
    """Give a payment method to a customer; the bank may refuse."""
    method = method_for(account, method_id)
    if method.get("_is_spent"):
        raise invalid(
            "This PaymentMethod was previously used without being attached to a Customer or was detached from a "
            "Customer, and may not be used again.",
            "payment_method",
            "payment_method_unactivated",
        )
    if method["_bank"] == Bank.DECLINES:
        raise decline(method["_reason"])
    if method["customer"] and method["customer"] != customer["id"]:
        raise invalid("The payment method you provided has already been attached to a customer.")
    if not method["customer"]:
        method["customer"] = customer["id"]
        account.put(method)
        emit(account, "payment_method.attached", method)
        account.count("attach", method["id"])
    return method


def detach(account: Account, method: Object) -> None:
    """Take a payment method from its customer, wherever it was the default."""
    customer = account.find(method["customer"])
    if customer is None:
        raise invalid(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            "payment_method",
        )
    method["_is_spent"] = True
    with changing(account, method, "payment_method.detached"):
        method["customer"] = None
    account.count("detach", method["id"])
    if customer["invoice_settings"]["default_payment_method"] == method["id"]:
        with changing(account, customer, "customer.updated"):
            customer["invoice_settings"]["default_payment_method"] = None
    for subscription in account.all("subscription", customer=customer["id"]):
        if subscription["default_payment_method"] == method["id"]:
            with changing(account, subscription, "customer.subscription.updated"):
                subscription["default_payment_method"] = None


def take_details(method: Object, params: Object) -> None:
    """Change what may be changed of a card: its expiry and the billing details."""
    card = params.get("card")
    if isinstance(card, dict):
        method["card"] |= {name: card[name] for name in ("exp_month", "exp_year") if name in card}
    details = params.get("billing_details")
    if isinstance(details, dict):
        given = nulled(details)
        if "address" in given:
            given["address"] = address_of(given["address"]) or address_of({"city": None})
        method["billing_details"] |= given


def is_expired(account: Account, method: Object) -> bool:
    """Whether a card is past its month."""
    if method["type"] != "card":
        return False
    today = datetime.fromtimestamp(account.now(method["customer"]), UTC)
    return (method["card"]["exp_year"], method["card"]["exp_month"]) < (today.year, today.month)
