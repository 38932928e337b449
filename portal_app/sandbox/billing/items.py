"""The items of a subscription."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.catalogue import make_price
from portal_app.sandbox.billing.discounts import Owner, redeem
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.values import merged

MOST_ITEMS = 20


def price_for(account: Account, wanted: Object, param: str) -> Object:
    """The recurring price that an item names or describes."""
    if "price_data" in wanted:
        price = make_price(account, wanted["price_data"])
        price["active"] = False
        wanted["price"] = account.put(price)["id"]
        del wanted["price_data"]
        return price
    price_id = wanted.get("price") or wanted.get("plan")
    if not price_id:
        raise invalid(f"Missing required param: {param}[price].", f"{param}[price]", "parameter_missing")
    price = account.refer("price", price_id, f"{param}[price]")
    if price["type"] != "recurring":
        raise invalid(
            "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.",
            f"{param}[price]",
        )
    return price


def check_items(account: Account, items: list[Object], param: str) -> list[Object]:
    """The prices of new items, which must go together."""
    if not items:
        raise invalid(f"Missing required param: {param}.", param, "parameter_missing")
    if len(items) > MOST_ITEMS:
        raise invalid(f"A subscription can have at most {MOST_ITEMS} items.", param)
    prices = [price_for(account, item, f"{param}[{place}]") for place, item in enumerate(items)]
    if len({price["id"] for price in prices}) < len(prices):
        raise invalid("Cannot add multiple subscription items with the same plan.", param)
    if len({price["currency"] for price in prices}) > 1:
        raise invalid("All prices on a subscription must use the same currency.", param)
    return prices


def make_item(account: Account, subscription: Object, wanted: Object, param: str) -> Object:
    """A new item, not kept yet; its period is the caller's to set."""
    price = price_for(account, wanted, param)
    made = account.new("subscription_item", subscription["customer"]) | {
        "price": price["id"],
        "plan": None,
        "quantity": wanted.get("quantity", 1),
        "subscription": subscription["id"],
        "tax_rates": [],
    }
    take_item(account, subscription, made, wanted)
    return made


def take_item(account: Account, subscription: Object, item: Object, wanted: Object) -> None:
    """Take over what an item says besides price and quantity."""
    if "metadata" in wanted:
        item["metadata"] = merged(item["metadata"], wanted["metadata"])
    if "tax_rates" in wanted:
        item["tax_rates"] = [account.refer("tax_rate", r, "tax_rates")["id"] for r in wanted["tax_rates"] or []]
    if "discounts" in wanted:
        customer = account.get("customer", subscription["customer"])
        owner = Owner(customer, subscription["id"], item["id"])
        item["discounts"] = redeem(account, wanted["discounts"], owner)
