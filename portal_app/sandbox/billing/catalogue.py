"""What the merchant sells: products and their prices."""

from decimal import Decimal

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.events import changing, emit
from portal_app.sandbox.values import assign

PRODUCT = ("active", "description", "images", "name", "statement_descriptor", "tax_code", "unit_label", "url")
PRICE = ("active", "nickname", "tax_behavior")


def make_product(account: Account, params: Object) -> Object:
    """Create a product, and its default price when one is described."""
    made = account.new("product", active=True, images=[], marketing_features=[], type="service")
    if "id" in params:
        if account.find(params["id"]):
            raise invalid("Product already exists.", "id", "resource_already_exists")
        made["id"] = params["id"]
    take_product(account, made, params)
    account.put(made)
    emit(account, "product.created", made)
    if "default_price_data" in params:
        price = make_price(account, params["default_price_data"] | {"product": made["id"]})
        with changing(account, made, "product.updated"):
            made["default_price"] = price["id"]
    return made


def take_product(account: Account, product: Object, params: Object) -> None:
    """Take over what a request says of a product."""
    assign(product, params, *PRODUCT)
    product["updated"] = account.wall()
    if "marketing_features" in params:
        product["marketing_features"] = params["marketing_features"] or []
    if params.get("default_price"):
        product["default_price"] = account.refer("price", params["default_price"], "default_price")["id"]


def make_price(account: Account, params: Object) -> Object:
    """Create a price, for a product that exists or is described along with it."""
    if "product_data" in params:
        product_id = make_product(account, params["product_data"])["id"]
    elif "product" in params:
        product_id = account.refer("product", params["product"], "product")["id"]
    else:
        raise invalid("You must specify either `product` or `product_data` when creating a price.", "product")
    amount = _unit_amount(params)
    recurring = params.get("recurring")
    made = account.new(
        "price",
        active=True,
        billing_scheme="per_unit",
        currency=params["currency"].lower(),
        product=product_id,
        type="recurring" if recurring else "one_time",
        # An amount with fractions of a minor unit has no whole number to show.
        unit_amount=int(amount) if amount == int(amount) else None,
        unit_amount_decimal=str(amount),
        tax_behavior="unspecified",
    )
    if recurring:
        made["recurring"] = part(
            "price",
            "recurring",
            interval=recurring["interval"],
            interval_count=recurring.get("interval_count", 1),
            usage_type="licensed",
        )
    assign(made, params, *PRICE)
    take_lookup_key(account, made, params)
    account.put(made)
    emit(account, "price.created", made)
    return made


def _unit_amount(params: Object) -> Decimal:
    """The amount of one unit in minor units."""
    name = "unit_amount" if "unit_amount" in params else "unit_amount_decimal"
    if name not in params:
        raise invalid("Missing required param: unit_amount.", "unit_amount", "parameter_missing")
    amount = Decimal(params[name])
    if amount < 0:
        raise invalid("This value must be greater than or equal to 0.", name, "parameter_invalid_integer")
    return amount


def is_free(price: Object) -> bool:
    """Whether a price costs nothing."""
    return Decimal(price["unit_amount_decimal"]) == 0


def take_lookup_key(account: Account, price: Object, params: Object) -> None:
    """Give a price its lookup key, taking it from another one only if told to."""
    key = params.get("lookup_key")
    if not key:
        return
    holder = next((p for p in account.all("price") if p["lookup_key"] == key and p["id"] != price["id"]), None)
    if holder and not params.get("transfer_lookup_key"):
        raise invalid(
            f"A price ({holder['id']}) already uses that lookup key.", "lookup_key", "resource_already_exists"
        )
    if holder:
        with changing(account, holder, "price.updated"):
            holder["lookup_key"] = None
    price["lookup_key"] = key
