"""Payment and setup intents: from a card to a charge, through the bank."""

from typing import Any

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.errors import StripeError, invalid
from portal_app.sandbox.events import emit
from portal_app.sandbox.payments.bank import Occasion, Verdict, judge_charge, judge_setup
from portal_app.sandbox.payments.charges import make_charge
from portal_app.sandbox.payments.methods import attach, method_for
from portal_app.sandbox.rendering import render

TOLD = ("advice_code", "code", "decline_code", "doc_url", "message", "param", "type")


def new_intent(account: Account, kind: str, customer: str | None, **values: Any) -> Object:
    """An intent with its client secret, not kept yet."""
    made = account.new(kind, customer, status="requires_payment_method", payment_method_types=["card"]) | values
    made["customer"] = customer
    made["client_secret"] = f"{made['id']}_secret_{account.new_id('secret')[-24:]}"
    return made


def new_payment_intent(account: Account, customer: str | None, amount: int, currency: str, **values: Any) -> Object:
    """A payment intent over an amount in minor units."""
    defaults: Object = {
        "amount": amount,
        "currency": currency,
        "capture_method": "automatic_async",
        "confirmation_method": "automatic",
        "amount_capturable": 0,
        "amount_received": 0,
    }
    return new_intent(account, "payment_intent", customer, **(defaults | values))


def require_open(account: Account, intent: Object, deed: str) -> None:
    """Refuse a deed on an intent that is over."""
    if intent["status"] in ("succeeded", "canceled"):
        kind = intent["object"]
        noun = "PaymentIntent" if kind == "payment_intent" else "SetupIntent"
        raise _unexpected(
            account, intent, f"You cannot {deed} this {noun} because it has a status of {intent['status']}."
        )


def choose_method(account: Account, intent: Object, method_id: str) -> None:
    """Put a payment method on an intent."""
    method = method_for(account, method_id)
    if method["customer"] and method["customer"] != intent["customer"]:
        raise invalid(
            "The provided PaymentMethod cannot be attached. To reuse a PaymentMethod, you must attach it to a Customer "
            "first.",
            "payment_method",
        )
    if method.get("_is_spent"):
        raise invalid(
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared "
            "with a connected account without Customer attachment, or was detached from a Customer. It may not be used "
            "again.",
            "payment_method",
        )
    intent["payment_method"] = method["id"]


def _method_of(account: Account, intent: Object) -> Object:
    method = account.find(intent["payment_method"])
    if method is None:
        noun = "PaymentIntent" if intent["object"] == "payment_intent" else "SetupIntent"
        raise _unexpected(
            account,
            intent,
            f"You cannot confirm this {noun} because it's missing a payment method. You can either update the {noun} "
            "with a payment method and then confirm it again, or confirm it again directly with a payment method.",
        )
    return method


def _unexpected(account: Account, intent: Object, message: str) -> StripeError:
    error = invalid(message, code=f"{intent['object']}_unexpected_state")
    error.error[intent["object"]] = render(account, intent)
    return error


def confirm_payment(account: Account, intent: Object, occasion: Occasion, return_url: str | None = None) -> Object:
    """Try to take the money.

    Raises:
        StripeError: the bank refuses (402); the failed charge and the intent's new state remain.
    """
    require_open(account, intent, "confirm")
    method = _method_of(account, intent)
    verdict = judge_charge(account, method, occasion)
    if verdict.wants_customer:
        return _ask_customer(account, intent, return_url)
    if verdict.refusal:
        return _refuse_payment(account, intent, method, verdict.refusal)
    intent["latest_charge"] = make_charge(account, intent, method)["id"]
    intent |= {
        "status": "succeeded",
        "amount_received": intent["amount"],
        "next_action": None,
        "last_payment_error": None,
    }
    account.put(intent)
    emit(account, "payment_intent.succeeded", intent)
    if intent["setup_future_usage"] and intent["customer"]:
        _set_up(account, method, intent["customer"])
    return intent


def _refuse_payment(account: Account, intent: Object, method: Object, refusal: StripeError) -> Object:
    charge = make_charge(account, intent, method, refusal)
    intent |= {
        "latest_charge": charge["id"],
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_payment_error": _last_error(account, method, refusal, charge["id"]),
    }
    account.put(intent)
    emit(account, "payment_intent.payment_failed", intent)
    refusal.error |= {"charge": charge["id"], "payment_method": render(account, method)}
    refusal.error["payment_intent"] = render(account, intent)
    refusal.keeps_work = True
    raise refusal


def _last_error(account: Account, method: Object, refusal: StripeError, charge: str | None) -> Object:
    told = {key: value for key, value in refusal.error.items() if key in TOLD}
    if charge:
        told["charge"] = charge
    return told | {"payment_method": render(account, method)}


def _ask_customer(account: Account, intent: Object, return_url: str | None) -> Object:
    """Wait for the customer to approve at the bank: 3-D Secure."""
    url = f"{account.base_url}/_sandbox/bank/{intent['id']}"
    if return_url:
        action: Object = {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": url}}
    else:
        action = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": url}}
    intent |= {"status": "requires_action", "next_action": action}
    account.put(intent)
    emit(account, f"{intent['object']}.requires_action", intent)
    return intent


def confirm_setup(account: Account, intent: Object, occasion: Occasion, return_url: str | None = None) -> Object:
    """Save a card for later.

    Raises:
        StripeError: the bank refuses (402); the intent's new state remains.
    """
    require_open(account, intent, "confirm")
    method = _method_of(account, intent)
    verdict: Verdict = judge_setup(method, occasion)
    if verdict.wants_customer:
        return _ask_customer(account, intent, return_url)
    if verdict.refusal:
        _refuse_setup(account, intent, method, verdict.refusal)
    intent |= {"status": "succeeded", "next_action": None, "last_setup_error": None}
    account.put(intent)
    if intent["customer"]:
        _set_up(account, method, intent["customer"])
    emit(account, "setup_intent.succeeded", intent)
    account.count("card_saved", intent["id"])
    return intent


def _refuse_setup(account: Account, intent: Object, method: Object, refusal: StripeError) -> None:
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_setup_error": _last_error(account, method, refusal, None),
    }
    account.put(intent)
    emit(account, "setup_intent.setup_failed", intent)
    refusal.error |= {"payment_method": render(account, method), "setup_intent": render(account, intent)}
    refusal.keeps_work = True
    raise refusal


def _set_up(account: Account, method: Object, customer_id: str) -> None:
    method["_is_set_up"] = True
    account.put(method)
    customer = account.find(customer_id)
    if customer and not customer.get("deleted"):
        attach(account, method["id"], customer)
