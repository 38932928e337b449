"""Products and prices."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing import catalogue
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.events import changing, emit
from portal_app.sandbox.listing import list_page, matches, search_page
from portal_app.sandbox.registry import operation, retrieves
from portal_app.sandbox.store import Query
from portal_app.sandbox.values import assign


@operation("POST", "/v1/products")
def create_product(account: Account, params: Object) -> Object:
    """Create a product, and its default price when one is described."""
    return catalogue.make_product(account, params)


@operation("POST", "/v1/products/{id}")
def update_product(account: Account, params: Object, product_id: str) -> Object:
    """Change a product."""
    product = account.get("product", product_id)
    with changing(account, product, "product.updated"):
        catalogue.take_product(account, product, params)
    return product


@operation("GET", "/v1/products")
def list_products(account: Account, params: Object) -> Object:
    """List products."""
    ids = params.get("ids")
    same = matches(params, "active", "url", "shippable")
    query = Query("product", keep=lambda p: same(p) and (ids is None or p["id"] in ids))
    return list_page(account, query, params, "/v1/products")


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
    return catalogue.make_price(account, params)


@operation("POST", "/v1/prices/{price}")
def update_price(account: Account, params: Object, price_id: str) -> Object:
    """Change what may be changed of a price; never its amount."""
    price = account.get("price", price_id)
    with changing(account, price, "price.updated"):
        assign(price, params, *catalogue.PRICE)
        catalogue.take_lookup_key(account, price, params)
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

    return list_page(account, Query("price", ref=params.get("product"), keep=keep), params, "/v1/prices")


@operation("GET", "/v1/prices/search")
def search_prices(account: Account, params: Object) -> Object:
    """Search prices."""
    return search_page(account, "price", params)


retrieves("/v1/prices/{price}", "price")
