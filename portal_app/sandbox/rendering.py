"""Shows a kept object as Stripe sends it, with the expansions that were asked for."""

from collections.abc import Callable
from typing import Any

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.contract.blanks import blank, shape_of
from portal_app.sandbox.contract.presence import is_left_out
from portal_app.sandbox.errors import invalid

INLINE_LINES = 10
DEEPEST = 4
# What an include says when Stripe leaves the property out even though it was asked for.
LEFT_OUT = object()

View = Callable[[Account, Object], None]
Include = Callable[[Account, Object], Any]


class Shown(dict):  # type: ignore[type-arg]
    """An object that is already in the shape it has on the wire."""


def copied(value: Any) -> Any:
    """A deep copy without our private notes, which begin with an underscore."""
    if isinstance(value, dict):
        return {
            key: dict(item) if key == "metadata" and item else copied(item)
            for key, item in value.items()
            if not key.startswith("_")
        }
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value


def envelope(data: list[Any], url: str, has_more: bool = False) -> Object:
    """A list as Stripe wraps it."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def render(account: Account, thing: Object, expand: list[str] | None = None) -> Object:
    """A copy of an object in the shape it has on the wire."""
    if isinstance(thing, Shown):
        return thing
    if thing.get("deleted"):
        return {"id": thing["id"], "object": thing["object"], "deleted": True}
    shown = copied(thing)
    view = VIEWS.get(thing["object"])
    if view:
        view(account, shown)
    for path in expand or []:
        expand_path(account, shown, path)
    return shown


def expand_path(account: Account, shown: Any, path: str) -> None:
    """Replace the ids along a dotted path by their objects.

    Raises:
        StripeError: there is no such property, or it lies deeper than four levels.
    """
    names = path.split(".")
    if len(names) > DEEPEST:
        raise invalid(f"You cannot expand more than {DEEPEST} levels of a property. Property: {path}", "expand")
    _expand(account, shown, names, path)


def _expand(account: Account, shown: Any, names: list[str], path: str) -> None:
    if isinstance(shown, list):
        for item in shown:
            _expand(account, item, names, path)
        return
    if not names or not isinstance(shown, dict):
        return
    name, *rest = names
    include = INCLUDES.get((shown.get("object", ""), name))
    if include:
        if name not in shown and (found := include(account, shown)) is not LEFT_OUT:
            shown[name] = found
    elif name not in shown:
        if shown.get("deleted") or is_left_out(shown.get("object", ""), name):
            return  # it may be asked for, and does not apply here
        raise _not_expandable(shown, name, path)
    value = shown.get(name)
    if isinstance(value, str):
        found = account.find(value)
        if found is None:
            raise _not_expandable(shown, name, path)
        shown[name] = render(account, found)
    elif isinstance(value, list):
        kept = [account.find(item) if isinstance(item, str) else None for item in value]
        shown[name] = [render(account, k) if k else v for k, v in zip(kept, value, strict=True)]
    _expand(account, shown.get(name), rest, path)


def _not_expandable(shown: Object, name: str, path: str) -> Exception:
    if shown.get("object") in ("list", "search_result"):
        return invalid(
            f"This property cannot be expanded ({name}). You may want to try expanding 'data.{name}' instead.", "expand"
        )
    if shown.get("object") and name in shape_of(shown["object"]).properties:
        return invalid(f"This property cannot be expanded ({path}).", "expand")
    return invalid(f"This property cannot be expanded ({path}) because it does not exist.", "expand")


# How single objects differ from what is kept -----------------------------------------------------------------


def _embedded(account: Account, ids: list[str] | None) -> list[Object] | None:
    if ids is None:
        return None
    return [render(account, found) for found in map(account.find, ids) if found]


def _subscription(account: Account, shown: Object) -> None:
    url = f"/v1/subscription_items?subscription={shown['id']}"
    shown["items"] = envelope(_embedded(account, shown["items"]) or [], url)
    shown["default_tax_rates"] = _embedded(account, shown["default_tax_rates"])


def _subscription_item(account: Account, shown: Object) -> None:
    price = account.find(shown["price"])
    assert price is not None
    shown["price"] = render(account, price)
    shown["plan"] = plan_of(price)
    shown["tax_rates"] = _embedded(account, shown["tax_rates"])


def plan_of(price: Object) -> Object:
    """A price in the form it had before prices; subscription items still carry it."""
    recurring = price["recurring"] or {"interval": "month", "interval_count": 1}
    return blank("plan") | {
        "id": price["id"],
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": price["billing_scheme"],
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "metadata": dict(price["metadata"]),
        "nickname": price["nickname"],
        "product": price["product"],
        "usage_type": "licensed",
    }


def _invoice(account: Account, shown: Object) -> None:
    lines = shown["lines"]
    shown["lines"] = envelope(lines[:INLINE_LINES], f"/v1/invoices/{shown['id']}/lines", len(lines) > INLINE_LINES)
    shown["default_tax_rates"] = _embedded(account, shown["default_tax_rates"])


def _credit_note(account: Account, shown: Object) -> None:
    lines = shown["lines"]
    shown["lines"] = envelope(lines[:INLINE_LINES], f"/v1/credit_notes/{shown['id']}/lines", len(lines) > INLINE_LINES)


def _customer(account: Account, shown: Object) -> None:
    discount = account.find(shown["discount"])
    shown["discount"] = render(account, discount) if discount else None


def _invoiceitem(account: Account, shown: Object) -> None:
    shown["tax_rates"] = _embedded(account, shown["tax_rates"])


def _schedule(account: Account, shown: Object) -> None:
    shown["default_settings"]["default_payment_method"] = shown["default_settings"].get("default_payment_method")
    for phase in shown["phases"]:
        phase["default_tax_rates"] = _embedded(account, phase["default_tax_rates"])


VIEWS: dict[str, View] = {
    "subscription": _subscription,
    "subscription_item": _subscription_item,
    "subscription_schedule": _schedule,
    "invoice": _invoice,
    "invoiceitem": _invoiceitem,
    "credit_note": _credit_note,
    "customer": _customer,
}


# What appears only when it is asked for ------------------------------------------------------------------------


def _tax_ids(account: Account, shown: Object) -> Object:
    found = reversed(account.all("tax_id", customer=shown["id"]))
    return envelope([render(account, t) for t in found], f"/v1/customers/{shown['id']}/tax_ids")


def _subscriptions(account: Account, shown: Object) -> Object:
    live = [
        render(account, s)
        for s in reversed(account.all("subscription", customer=shown["id"]))
        if s["status"] not in ("canceled", "incomplete_expired")
    ]
    return envelope(live[:10], f"/v1/customers/{shown['id']}/subscriptions", len(live) > 10)


def _payments(account: Account, shown: Object) -> Object:
    found = reversed(account.all("invoice_payment", ref=shown["id"]))
    return envelope([render(account, p) for p in found], f"/v1/invoice_payments?invoice={shown['id']}")


def _confirmation_secret(account: Account, shown: Object) -> Object | None:
    for payment in account.all("invoice_payment", ref=shown["id"]):
        intent = account.find(payment["payment"].get("payment_intent"))
        if payment["is_default"] and intent:
            return {"client_secret": intent["client_secret"], "type": "payment_intent"}
    return None


def _refunds(account: Account, shown: Object) -> Object:
    found = reversed(account.all("refund", ref=shown["id"]))
    return envelope([render(account, r) for r in found], f"/v1/charges/{shown['id']}/refunds")


def _no_sources(account: Account, shown: Object) -> Object:
    return envelope([], f"/v1/customers/{shown['id']}/sources")


def _currency_options(account: Account, shown: Object) -> Object:
    names = ("custom_unit_amount", "tax_behavior", "unit_amount", "unit_amount_decimal")
    return {shown["currency"]: {name: shown[name] for name in names}}


def _coupon_currencies(account: Account, shown: Object) -> Any:
    return {shown["currency"]: {"amount_off": shown["amount_off"]}} if shown["amount_off"] else LEFT_OUT


def _applies_to(account: Account, shown: Object) -> Any:
    products = (account.find(shown["id"]) or {}).get("_products")
    return {"products": list(products)} if products else LEFT_OUT


INCLUDES: dict[tuple[str, str], Include] = {
    ("customer", "tax_ids"): _tax_ids,
    ("customer", "subscriptions"): _subscriptions,
    ("customer", "sources"): _no_sources,
    ("invoice", "payments"): _payments,
    ("invoice", "confirmation_secret"): _confirmation_secret,
    ("charge", "refunds"): _refunds,
    ("price", "currency_options"): _currency_options,
    ("price", "tiers"): lambda account, shown: LEFT_OUT,
    ("coupon", "applies_to"): _applies_to,
    ("coupon", "currency_options"): _coupon_currencies,
    ("customer", "tax"): lambda account, shown: LEFT_OUT,
    ("customer", "cash_balance"): lambda account, shown: LEFT_OUT,
    ("customer", "invoice_credit_balance"): lambda account, shown: LEFT_OUT,
}
