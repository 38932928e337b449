"""Products and prices."""

from decimal import Decimal

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.money import half_up
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.events import changing, emit
from portal_app.sandbox.listing import list_page, matches, search_page
from portal_app.sandbox.registry import operation, retrieves
from portal_app.sandbox.store import Query
from portal_app.sandbox.values import assign

PRODUCT = ("active", "description", "images", "name", "statement_descriptor", "tax_code", "unit_label", "url")
PRICE = ("active", "nickname", "tax_behavior")


@operation("POST", "/v1/products")
def create_product(account: Account, params: Object) -> Object:
    """Create a product, and its default price when one is described."""
    made = account.new("product", active=True, images=[], marketing_features=[], type="service")
    if "id" in params:
        if account.find(params["id"]):
            raise invalid("Product already exists.", "id", "resource_already_exists")
        made["id"] = params["id"]
    _take_product(account, made, params)
    account.put(made)
    emit(account, "product.created", made)
    if "default_price_data" in params:
        price = create_price(account, params["default_price_data"] | {"product": made["id"]})
        with changing(account, made, "product.updated"):
            made["default_price"] = price["id"]
    return made


@operation("POST", "/v1/products/{id}")
def update_product(account: Account, params: Object, product_id: str) -> Object:
    """Change a product."""
    product = account.get("product", product_id)
    with changing(account, product, "product.updated"):
        _take_product(account, product, params)
    return product


def _take_product(account: Account, product: Object, params: Object) -> None:
    assign(product, params, *PRODUCT)
    product["updated"] = account.wall()
    if "marketing_features" in params:
        product["marketing_features"] = params["marketing_features"] or []
    if params.get("default_price"):
        product["default_price"] = account.refer("price", params["default_price"], "default_price")["id"]


@operation("GET", "/v1/products")
def list_products(account: Account, params: Object) -> Object:
    """List products."""
    ids = params.get("ids")
    same = matches(params, "active", "url", "shippable")
    return list_page(
        account, Query("product"), params, "/v1/products", lambda p: same(p) and (ids is None or p["id"] in ids)
    )


@operation("GET", "/v1/products/search")
def search_products(account: Account, params: Object) -> Object:
    """Search products."""
    return search_page(account, "product", params)


retrieves("/v1/products/{id}", "product")


@operation("DELETE", "/v1/products/{id}")
def delete_product(account: Account, params: Object, product_id: str) -> Object:
    """Delete a product that never had a price."""
    product = account.get("product", product_id)
    if account.all("price", ref=product_id):
        raise invalid("This product cannot be deleted because it has one or more user-created prices.")
    emit(account, "product.deleted", product)
    return account.bury(product)


@operation("POST", "/v1/prices")
def create_price(account: Account, params: Object) -> Object:
    """Create a price, for a product that exists or is described along with it."""
    if "product_data" in params:
        product_id = create_product(account, params["product_data"])["id"]
    elif "product" in params:
        product_id = account.refer("product", params["product"], "product")["id"]
    else:
        raise invalid("You must specify either `product` or `product_data` when creating a price.", "product")
    amount = unit_amount_of(params)
    recurring = params.get("recurring")
    made = account.new(
        "price",
        active=True,
        billing_scheme="per_unit",
        currency=params["currency"].lower(),
        product=product_id,
        type="recurring" if recurring else "one_time",
        unit_amount=amount if Decimal(amount) == amount else None,
        unit_amount_decimal=str(params.get("unit_amount_decimal", amount)),
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
    _take_lookup_key(account, made, params)
    account.put(made)
    emit(account, "price.created", made)
    return made


def unit_amount_of(params: Object) -> int:
    """The amount of one unit in minor units."""
    if "unit_amount" in params:
        if params["unit_amount"] < 0:
            raise invalid("This value must be greater than or equal to 0.", "unit_amount", "parameter_invalid_integer")
        return params["unit_amount"]
    if "unit_amount_decimal" in params:
        return half_up(Decimal(params["unit_amount_decimal"]))
    if "custom_unit_amount" in params:
        return params["custom_unit_amount"].get("preset", 0)
    raise invalid("Missing required param: unit_amount.", "unit_amount", "parameter_missing")


def _take_lookup_key(account: Account, price: Object, params: Object) -> None:
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


@operation("POST", "/v1/prices/{price}")
def update_price(account: Account, params: Object, price_id: str) -> Object:
    """Change what may be changed of a price; never its amount."""
    price = account.get("price", price_id)
    with changing(account, price, "price.updated"):
        assign(price, params, *PRICE)
        _take_lookup_key(account, price, params)
    return price


@operation("GET", "/v1/prices")
def list_prices(account: Account, params: Object) -> Object:
    """List prices."""
    keys = params.get("lookup_keys")
    recurring = params.get("recurring", {})
    same = matches(params, "active", "currency", "type")

    def keep(price: Object) -> bool:
        agrees = all((price["recurring"] or {}).get(name) == value for name, value in recurring.items())
        return same(price) and agrees and (keys is None or price["lookup_key"] in keys)

    return list_page(account, Query("price", ref=params.get("product")), params, "/v1/prices", keep)


@operation("GET", "/v1/prices/search")
def search_prices(account: Account, params: Object) -> Object:
    """Search prices."""
    return search_page(account, "price", params)


retrieves("/v1/prices/{price}", "price")
