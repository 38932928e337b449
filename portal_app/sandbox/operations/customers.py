"""Customers, their credit balance and their tax ids."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing import balance
from portal_app.sandbox.billing.discounts import clear_discount
from portal_app.sandbox.billing.endings import end_subscription
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.events import changing, emit
from portal_app.sandbox.listing import list_page, search_page
from portal_app.sandbox.payments.methods import attach
from portal_app.sandbox.registry import operation
from portal_app.sandbox.store import Query
from portal_app.sandbox.values import address_of, assign, nulled

PLAIN = ("email", "name", "phone", "description", "preferred_locales", "tax_exempt", "invoice_prefix")
MOST_ON_CLOCK = 3
ENDED = ("canceled", "incomplete_expired")


@operation("POST", "/v1/customers")
def create(account: Account, params: Object) -> Object:
    """Create a customer, on a test clock if one is named."""
    clock = params.get("test_clock")
    if clock:
        account.refer("test_helpers.test_clock", clock, "test_clock")
        if sum(c["test_clock"] == clock for c in account.all("customer")) >= MOST_ON_CLOCK:
            raise invalid(f"A test clock can have at most {MOST_ON_CLOCK} customers.", "test_clock")
    made = account.new("customer", {"test_clock": clock}) | {
        "balance": 0,
        "delinquent": False,
        "invoice_prefix": account.new_id("coupon").upper(),
        "invoice_settings": part("customer", "invoice_settings"),
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
        "test_clock": clock,
    }
    account.put(made)
    _take(account, made, params)
    account.put(made)
    emit(account, "customer.created", made)
    _set_balance(account, made, params)
    for tax_id in params.get("tax_id_data", []):
        add_tax_id(account, tax_id, made["id"])
    return made


@operation("POST", "/v1/customers/{customer}")
def update(account: Account, params: Object, customer_id: str) -> Object:
    """Change a customer."""
    customer = account.get("customer", customer_id)
    with changing(account, customer, "customer.updated"):
        _take(account, customer, params)
    _set_balance(account, customer, params)
    return customer


def _take(account: Account, customer: Object, params: Object) -> None:
    assign(customer, params, *PLAIN)
    if "next_invoice_sequence" in params:
        customer["next_invoice_sequence"] = params["next_invoice_sequence"]
    if "address" in params:
        customer["address"] = address_of(params["address"])
    if "shipping" in params:
        given = params["shipping"]
        customer["shipping"] = None
        if given:
            shipping = part("customer", "shipping", name=given.get("name"), phone=given.get("phone"))
            customer["shipping"] = shipping | {"address": address_of(given.get("address"))}
    if params.get("payment_method"):
        attach(account, params["payment_method"], customer)
    if "invoice_settings" in params:
        _take_invoice_settings(account, customer, nulled(params["invoice_settings"]))


def _take_invoice_settings(account: Account, customer: Object, given: Object) -> None:
    method_id = given.get("default_payment_method")
    if method_id:
        param = "invoice_settings[default_payment_method]"
        method = account.refer("payment_method", method_id, param)
        if method["customer"] != customer["id"]:
            raise invalid(
                f"The customer does not have a payment method with the ID {method_id}. The payment method must be "
                "attached to the customer.",
                param,
                "resource_missing",
            )
    customer["invoice_settings"] = part("customer", "invoice_settings", **(customer["invoice_settings"] | given))


def _set_balance(account: Account, customer: Object, params: Object) -> None:
    if "balance" in params and params["balance"] != customer["balance"]:
        difference = params["balance"] - customer["balance"]
        balance.add(account, customer, balance.Entry(difference, customer["currency"] or "eur"))


@operation("GET", "/v1/customers")
def list_all(account: Account, params: Object) -> Object:
    """List customers, by their exact address if one is given."""
    clock = params.get("test_clock")
    email = params.get("email")
    query = Query(
        "customer",
        ref=email.lower() if email else None,
        keep=lambda c: c["test_clock"] == clock and (email is None or c["email"] == email),
    )
    return list_page(account, query, params, "/v1/customers")


@operation("GET", "/v1/customers/search")
def search(account: Account, params: Object) -> Object:
    """Search customers."""
    return search_page(account, "customer", params)


@operation("GET", "/v1/customers/{customer}")
def retrieve(account: Account, params: Object, customer_id: str) -> Object:
    """A customer, or the stub of a deleted one."""
    found = account.find(customer_id)
    if found and found.get("deleted") and found["object"] == "customer":
        return found
    return account.get("customer", customer_id)


@operation("DELETE", "/v1/customers/{customer}")
def delete(account: Account, params: Object, customer_id: str) -> Object:
    """Delete a customer for good, ending every subscription at once."""
    customer = account.get("customer", customer_id)
    for subscription in account.all("subscription", customer=customer_id):
        if subscription["status"] not in ENDED:
            end_subscription(account, subscription, "cancellation_requested")
    emit(account, "customer.deleted", customer)
    for method in account.all("payment_method", customer=customer_id):
        method["customer"] = None
        method["_is_spent"] = True
        account.put(method)
    account.count("customer_deleted", customer_id)
    return account.bury(customer)


@operation("DELETE", "/v1/customers/{customer}/discount")
def delete_discount(account: Account, params: Object, customer_id: str) -> Object:
    """Take the discount off a customer."""
    customer = account.get("customer", customer_id)
    discount = account.find(customer["discount"])
    if discount is None:
        raise invalid(f"No active discount for customer: {customer_id}", code="resource_missing")
    clear_discount(account, discount)
    return discount | {"deleted": True}


# Balance --------------------------------------------------------------------------------------------------------


@operation("POST", "/v1/customers/{customer}/balance_transactions")
def add_balance(account: Account, params: Object, customer_id: str) -> Object:
    """Adjust the balance; a negative amount is credit for the customer."""
    customer = account.get("customer", customer_id)
    entry = balance.Entry(
        params["amount"],
        params["currency"].lower(),
        description=params.get("description") or None,
        metadata=params.get("metadata") or {},
    )
    return balance.add(account, customer, entry)


@operation("GET", "/v1/customers/{customer}/balance_transactions")
def list_balance(account: Account, params: Object, customer_id: str) -> Object:
    """List what moved the balance."""
    account.get("customer", customer_id)
    url = f"/v1/customers/{customer_id}/balance_transactions"
    return list_page(account, Query("customer_balance_transaction", customer=customer_id), params, url)


@operation("GET", "/v1/customers/{customer}/balance_transactions/{transaction}")
def retrieve_balance(account: Account, params: Object, customer_id: str, transaction_id: str) -> Object:
    """One movement of the balance."""
    return account.get("customer_balance_transaction", transaction_id)


# Tax ids --------------------------------------------------------------------------------------------------------


@operation("POST", "/v1/customers/{customer}/tax_ids")
def add_tax_id(account: Account, params: Object, customer_id: str) -> Object:
    """Add a tax id; European VAT numbers are verified as soon as they have the right form."""
    customer = account.get("customer", customer_id)
    kind, value = params["type"], params["value"]
    country = value[:2] if kind == "eu_vat" else kind[:2].upper()
    if kind == "eu_vat" and not (value[:2].isalpha() and value[2:].isalnum() and len(value) >= 8):
        raise invalid("Invalid value for eu_vat.", "value", "tax_id_invalid")
    made = account.new(
        "tax_id",
        customer,
        type=kind,
        value=value,
        country=country,
        owner=part("tax_id", "owner", type="customer", customer=customer_id),
        verification=part("tax_id", "verification", status="verified" if kind == "eu_vat" else "unavailable"),
    )
    account.put(made)
    emit(account, "customer.tax_id.created", made)
    return made


@operation("GET", "/v1/customers/{customer}/tax_ids")
def list_tax_ids(account: Account, params: Object, customer_id: str) -> Object:
    """List a customer's tax ids."""
    account.get("customer", customer_id)
    return list_page(account, Query("tax_id", customer=customer_id), params, f"/v1/customers/{customer_id}/tax_ids")


@operation("GET", "/v1/customers/{customer}/tax_ids/{id}")
def retrieve_tax_id(account: Account, params: Object, customer_id: str, tax_id: str) -> Object:
    """One of a customer's tax ids."""
    return account.get("tax_id", tax_id)


@operation("DELETE", "/v1/customers/{customer}/tax_ids/{id}")
def delete_tax_id(account: Account, params: Object, customer_id: str, tax_id: str) -> Object:
    """Remove a tax id."""
    found = account.get("tax_id", tax_id)
    emit(account, "customer.tax_id.deleted", found)
    return account.bury(found)
