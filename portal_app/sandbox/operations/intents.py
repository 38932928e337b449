"""Setup intents and payment intents."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.collection import fail_by_intent, settle_by_intent
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.errors import StripeError, invalid
from portal_app.sandbox.events import emit
from portal_app.sandbox.payments.bank import Occasion
from portal_app.sandbox.payments.intents import (
    choose_method,
    confirm_payment,
    confirm_setup,
    new_intent,
    new_payment_intent,
    require_open,
)
from portal_app.sandbox.registry import lists, operation
from portal_app.sandbox.values import assign

SETUP = "setup_intent"
PAYMENT = "payment_intent"
AUTOMATIC = {"allow_redirects": "always", "enabled": True}
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action", "requires_capture", "processing")


def _prepare(account: Account, intent: Object, params: Object) -> None:
    """Take over what both kinds have in common."""
    assign(intent, params, "description")
    if "automatic_payment_methods" in params:
        given = AUTOMATIC | params["automatic_payment_methods"]
        intent["automatic_payment_methods"] = part(intent["object"], "automatic_payment_methods", **given)
    if params.get("payment_method"):
        choose_method(account, intent, params["payment_method"])
        intent["status"] = "requires_confirmation"


def _customer(account: Account, params: Object) -> str | None:
    if not params.get("customer"):
        return None
    return account.refer("customer", params["customer"], "customer")["id"]


def _check_secret(account: Account, intent: Object, params: Object) -> None:
    """From the browser, an intent is reached by its secret only."""
    if account.request.is_publishable and params.get("client_secret") != intent["client_secret"]:
        raise invalid(
            "The client_secret provided does not match the client_secret associated with this intent.",
            "client_secret",
            f"{intent['object']}_invalid_parameter" if intent["object"] == PAYMENT else None,
        )


def _retrieve(kind: str, path: str) -> None:
    @operation("GET", path)
    def work(account: Account, params: Object, intent_id: str) -> Object:
        intent = account.get(kind, intent_id, "intent")
        _check_secret(account, intent, params)
        return intent


_retrieve(SETUP, "/v1/setup_intents/{intent}")
_retrieve(PAYMENT, "/v1/payment_intents/{intent}")
lists("/v1/setup_intents", SETUP, "payment_method")
lists("/v1/payment_intents", PAYMENT)


# Setup intents -------------------------------------------------------------------------------------------------


@operation("POST", "/v1/setup_intents")
def create_setup(account: Account, params: Object) -> Object:
    """Prepare to save a card; confirm at once if told to."""
    customer = _customer(account, params)
    made = new_intent(account, SETUP, customer, usage=params.get("usage", "off_session"))
    made["automatic_payment_methods"] = part(SETUP, "automatic_payment_methods", **AUTOMATIC)
    _prepare(account, made, params)
    account.put(made)
    emit(account, "setup_intent.created", made)
    if params.get("confirm"):
        return confirm_setup(account, made, Occasion(), params.get("return_url"))
    return made


@operation("POST", "/v1/setup_intents/{intent}")
def update_setup(account: Account, params: Object, intent_id: str) -> Object:
    """Change an open setup intent."""
    intent = account.get(SETUP, intent_id, "intent")
    require_open(account, intent, "update")
    if "customer" in params:
        intent["customer"] = _customer(account, params)
    _prepare(account, intent, params)
    return account.put(intent)


@operation("POST", "/v1/setup_intents/{intent}/confirm")
def confirm_setup_intent(account: Account, params: Object, intent_id: str) -> Object:
    """Save the card, if the bank agrees."""
    intent = account.get(SETUP, intent_id, "intent")
    _check_secret(account, intent, params)
    require_open(account, intent, "confirm")
    _choose_given(account, intent, params)
    return confirm_setup(account, intent, Occasion(), params.get("return_url"))


@operation("POST", "/v1/setup_intents/{intent}/cancel")
def cancel_setup(account: Account, params: Object, intent_id: str) -> Object:
    """Cancel an open setup intent."""
    return _cancel(account, account.get(SETUP, intent_id, "intent"), params)


def _choose_given(account: Account, intent: Object, params: Object) -> None:
    if params.get("payment_method"):
        choose_method(account, intent, params["payment_method"])


def _cancel(account: Account, intent: Object, params: Object) -> Object:
    if intent["status"] not in OPEN:
        require_open(account, intent, "cancel")
    intent |= {"status": "canceled", "cancellation_reason": params.get("cancellation_reason"), "next_action": None}
    if intent["object"] == PAYMENT:
        intent["canceled_at"] = account.now(intent["customer"])
    account.put(intent)
    account.count("intent_canceled", intent["id"])
    emit(account, f"{intent['object']}.canceled", intent)
    return intent


# Payment intents -----------------------------------------------------------------------------------------------


@operation("POST", "/v1/payment_intents")
def create_payment(account: Account, params: Object) -> Object:
    """Prepare a payment; confirm at once if told to."""
    if params["amount"] < 1:
        raise invalid("This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer")
    customer = _customer(account, params)
    made = new_payment_intent(
        account,
        customer,
        params["amount"],
        params["currency"].lower(),
        setup_future_usage=params.get("setup_future_usage") or None,
        receipt_email=params.get("receipt_email") or None,
        capture_method=params.get("capture_method", "automatic_async"),
    )
    made["automatic_payment_methods"] = part(PAYMENT, "automatic_payment_methods", **AUTOMATIC)
    _prepare(account, made, params)
    account.put(made)
    emit(account, "payment_intent.created", made)
    if params.get("confirm"):
        return confirm_payment(account, made, Occasion(bool(params.get("off_session"))), params.get("return_url"))
    return made


@operation("POST", "/v1/payment_intents/{intent}")
def update_payment(account: Account, params: Object, intent_id: str) -> Object:
    """Change an open payment intent."""
    intent = account.get(PAYMENT, intent_id, "intent")
    require_open(account, intent, "update")
    if "customer" in params:
        intent["customer"] = _customer(account, params)
    assign(intent, params, "amount", "currency", "receipt_email", "setup_future_usage")
    _prepare(account, intent, params)
    return account.put(intent)


@operation("POST", "/v1/payment_intents/{intent}/confirm")
def confirm_payment_intent(account: Account, params: Object, intent_id: str) -> Object:
    """Try to take the money; an invoice that waits for it is settled along with it."""
    intent = account.get(PAYMENT, intent_id, "intent")
    _check_secret(account, intent, params)
    require_open(account, intent, "confirm")
    _choose_given(account, intent, params)
    if params.get("setup_future_usage"):
        intent["setup_future_usage"] = params["setup_future_usage"]
    return _confirm(account, intent, Occasion(bool(params.get("off_session"))), params.get("return_url"))


def _confirm(account: Account, intent: Object, occasion: Occasion, return_url: str | None) -> Object:
    try:
        confirm_payment(account, intent, occasion, return_url)
    except StripeError as refusal:
        if refusal.keeps_work:
            fail_by_intent(account, intent)
        raise
    if intent["status"] == "succeeded":
        settle_by_intent(account, intent)
    return intent


@operation("POST", "/v1/payment_intents/{intent}/cancel")
def cancel_payment(account: Account, params: Object, intent_id: str) -> Object:
    """Cancel an open payment intent."""
    intent = account.get(PAYMENT, intent_id, "intent")
    if intent.get("_invoice"):
        raise invalid("You cannot cancel a PaymentIntent that belongs to an invoice; void the invoice instead.")
    return _cancel(account, intent, params)


def answer_bank(account: Account, intent_id: str, is_approved: bool) -> Object:
    """What the customer said at the bank's page: approved or refused.

    Raises:
        StripeError: the intent waits for nobody, or the bank refuses after all.
    """
    found = account.find(intent_id)
    if found is None or found["object"] not in (SETUP, PAYMENT) or found["status"] != "requires_action":
        raise invalid("This intent does not wait for the customer.", "intent")
    if not is_approved:
        return _refuse_authentication(account, found)
    occasion = Occasion(is_authenticated=True)
    if found["object"] == SETUP:
        return confirm_setup(account, found, occasion)
    return _confirm(account, found, occasion, None)


def _refuse_authentication(account: Account, intent: Object) -> Object:
    kind = intent["object"]
    failure = {
        "type": "invalid_request_error",
        "code": f"{kind}_authentication_failure",
        "message": "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
        "PaymentMethod to attempt to fulfill this PaymentIntent again.",
    }
    name = "last_payment_error" if kind == PAYMENT else "last_setup_error"
    intent |= {"status": "requires_payment_method", "next_action": None, "payment_method": None, name: failure}
    account.put(intent)
    emit(account, "payment_intent.payment_failed" if kind == PAYMENT else "setup_intent.setup_failed", intent)
    if kind == PAYMENT:
        fail_by_intent(account, intent)
    return intent
