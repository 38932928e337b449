"""Payment methods."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.errors import StripeError, invalid
from portal_app.sandbox.events import changing
from portal_app.sandbox.listing import list_page, matches
from portal_app.sandbox.payments.cards import BY_NAME, card_for_number
from portal_app.sandbox.payments.methods import attach, detach, make_card, take_details
from portal_app.sandbox.registry import operation, retrieves
from portal_app.sandbox.rendering import envelope
from portal_app.sandbox.store import Query
from portal_app.sandbox.values import assign

UNSAFE = (
    "Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest you use test tokens that "
    "map to the test card you are using, see https://stripe.com/docs/testing."
)


@operation("POST", "/v1/payment_methods")
def create(account: Account, params: Object) -> Object:
    """Make a payment method of a test card's token, or, from the browser only, of a card number."""
    card = params.get("card") or {}
    if "token" in card:
        known = BY_NAME.get(card["token"].removeprefix("tok_"))
        if known is None:
            raise invalid(f"No such token: '{card['token']}'", "card[token]", "resource_missing")
        made = make_card(account, known)
    elif "number" in card:
        if not account.request.is_publishable:
            raise StripeError(402, "card_error", UNSAFE)
        made = make_card(account, card_for_number(card["number"]), card)
    else:
        raise invalid("Missing required param: card.", "card", "parameter_missing")
    take_details(made, {"billing_details": params.get("billing_details")})
    assign(made, params, "allow_redisplay")
    return account.put(made)


@operation("GET", "/v1/payment_methods")
def list_all(account: Account, params: Object) -> Object:
    """List a customer's payment methods."""
    customer = params.get("customer")
    if not customer:
        return envelope([], "/v1/payment_methods")
    account.refer("customer", customer, "customer")
    query = Query("payment_method", customer=customer, keep=matches(params, "type"))
    return list_page(account, query, params, "/v1/payment_methods")


@operation("GET", "/v1/customers/{customer}/payment_methods")
def list_of_customer(account: Account, params: Object, customer_id: str) -> Object:
    """List a customer's payment methods."""
    account.get("customer", customer_id, "customer")
    url = f"/v1/customers/{customer_id}/payment_methods"
    query = Query("payment_method", customer=customer_id, keep=matches(params, "type"))
    return list_page(account, query, params, url)


retrieves("/v1/payment_methods/{payment_method}", "payment_method")


@operation("GET", "/v1/customers/{customer}/payment_methods/{payment_method}")
def retrieve_of_customer(account: Account, params: Object, customer_id: str, method_id: str) -> Object:
    """One of a customer's payment methods."""
    method = account.get("payment_method", method_id, "payment_method")
    if method["customer"] != customer_id:
        raise invalid(f"No such PaymentMethod: '{method_id}'", "payment_method", "resource_missing")
    return method


@operation("POST", "/v1/payment_methods/{payment_method}")
def update(account: Account, params: Object, method_id: str) -> Object:
    """Change the expiry or the billing details of a saved card."""
    method = account.get("payment_method", method_id)
    if not method["customer"]:
        raise invalid("You must save this PaymentMethod to a customer before you can update it.")
    with changing(account, method, "payment_method.updated"):
        take_details(method, params)
        assign(method, params, "allow_redisplay")
    return method


@operation("POST", "/v1/payment_methods/{payment_method}/attach")
def attach_to(account: Account, params: Object, method_id: str) -> Object:
    """Save a card to a customer."""
    if "customer" not in params:
        raise invalid("Missing required param: customer.", "customer", "parameter_missing")
    return attach(account, method_id, account.refer("customer", params["customer"], "customer"))


@operation("POST", "/v1/payment_methods/{payment_method}/detach")
def detach_from(account: Account, params: Object, method_id: str) -> Object:
    """Remove a saved card for good."""
    method = account.get("payment_method", method_id)
    detach(account, method)
    return method
