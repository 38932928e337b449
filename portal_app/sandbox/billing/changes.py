"""Changes to a running subscription's items, with prorations to the second."""

import copy
from dataclasses import dataclass, field

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.catalogue import is_free
from portal_app.sandbox.billing.collection import Attempt, collect
from portal_app.sandbox.billing.intervals import boundary_after, same_interval
from portal_app.sandbox.billing.invoices import HOUR, finalize
from portal_app.sandbox.billing.items import MOST_ITEMS, make_item, price_for, take_item
from portal_app.sandbox.billing.lines import Line, item_line
from portal_app.sandbox.billing.prorations import Proration, credit_unused, debit_remaining
from portal_app.sandbox.billing.standing import items_of, set_status
from portal_app.sandbox.billing.subscriptions import bill, refused_for_good
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.errors import invalid, no_such
from portal_app.sandbox.rendering import render

PENDING_LIVES = 23 * HOUR
KEPT = ("items", "billing_cycle_anchor", "latest_invoice")


@dataclass(frozen=True)
class Terms:
    """How a change is billed."""

    at: int
    proration_behavior: str = "create_prorations"
    payment_behavior: str = "allow_incomplete"
    is_anchored_now: bool = False
    is_off_session: bool = False


@dataclass
class Change:
    """What is wanted of a subscription's items, and how they were before."""

    account: Account
    subscription: Object
    wanted: list[Object]
    terms: Terms
    before: dict[str, Object] = field(init=False)
    kept: Object = field(init=False)

    def __post_init__(self) -> None:
        self.before = {item["id"]: copy.deepcopy(item) for item in items_of(self.account, self.subscription)}
        self.kept = copy.deepcopy({name: self.subscription[name] for name in KEPT})

    @property
    def is_prorated(self) -> bool:
        """Whether times are credited and debited; a trial has nothing to credit."""
        return self.terms.proration_behavior != "none" and self.subscription["status"] != "trialing"


def terms_of(account: Account, subscription: Object, params: Object) -> Terms:
    """The terms that a request's parameters ask for."""
    behavior = params.get("proration_behavior", "create_prorations")
    if "proration_date" in params:
        _check_date(account, subscription, params["proration_date"], behavior)
    return Terms(
        at=params.get("proration_date", account.now(subscription["customer"])),
        proration_behavior=behavior,
        payment_behavior=params.get("payment_behavior", "allow_incomplete"),
        is_anchored_now=(params.get("billing_cycle_anchor") or {}).get("type") == "now",
        is_off_session=bool(params.get("off_session")),
    )


def _check_date(account: Account, subscription: Object, at: int, behavior: str) -> None:
    if behavior == "none":
        raise invalid("`proration_date` cannot be passed when `proration_behavior` is `none`.", "proration_date")
    items = items_of(account, subscription)
    earliest = min(item["current_period_start"] for item in items)
    latest = max(item["current_period_end"] for item in items)
    if not earliest <= at <= latest:
        raise invalid(
            f"Cannot specify proration_date outside of the current period, which runs from {earliest} to {latest}.",
            "proration_date",
        )


def change_items(account: Account, subscription: Object, wanted: list[Object], terms: Terms) -> Object | None:
    """Change, add and remove items as `wanted` says; the invoice that came of it, if one did.

    Raises:
        StripeError: the wish makes no sense, or `error_if_incomplete` and the payment failed; nothing changes then.
    """
    change = Change(account, subscription, wanted, terms)
    is_reset = terms.is_anchored_now or _resets(change)
    proration = Proration(account, subscription, terms.at)
    if change.is_prorated:
        for item in list(change.before.values()) if is_reset else _leaving(change):
            credit_unused(proration, item)
    touched = apply_wishes(change)
    if is_reset and subscription["status"] != "trialing":
        return _bill_now(change, start_over(account, subscription, terms.at))
    if change.is_prorated:
        for item in touched:
            debit_remaining(proration, item)
    if terms.proration_behavior == "always_invoice" and proration.made:
        return _bill_now(change, [])
    return None


def _resets(change: Change) -> bool:
    """Whether the cycle starts anew: another interval, or from free to paid."""
    account, before = change.account, change.before
    prices = {item_id: account.get("price", item["price"]) for item_id, item in before.items()}
    was_free = all(is_free(prices[i]) or not before[i]["quantity"] for i in before)
    becomes_paid = False
    for place, wish in enumerate(change.wanted):
        if wish.get("deleted") or not ("price" in wish or "price_data" in wish):
            continue
        price = price_for(account, wish, f"items[{place}]")
        becomes_paid = becomes_paid or not is_free(price)
        old = prices.get(wish.get("id", ""))
        if old and not same_interval(old, price):
            return True
    return was_free and becomes_paid


def _leaving(change: Change) -> list[Object]:
    """The items as they were whose price or quantity is about to change."""
    found = []
    for wish in change.wanted:
        item = change.before.get(wish.get("id", ""))
        if item is None:
            continue
        price, quantity = wish.get("price", item["price"]), wish.get("quantity", item["quantity"])
        if wish.get("deleted") or (price, quantity) != (item["price"], item["quantity"]):
            found.append(item)
    return found


def apply_wishes(change: Change) -> list[Object]:
    """Bring the items into their new state; those that now cost something else."""
    account, subscription = change.account, change.subscription
    touched = []
    for place, wish in enumerate(change.wanted):
        if not wish.get("id"):
            touched.append(_add(change, wish, f"items[{place}]"))
            continue
        if wish["id"] not in subscription["items"]:
            raise no_such("subscription item", wish["id"], f"items[{place}][id]", status=400)
        item = account.get("subscription_item", wish["id"])
        if wish.get("deleted"):
            subscription["items"] = [i for i in subscription["items"] if i != item["id"]]
            account.bury(item)
        elif _alter(change, item, wish, f"items[{place}]"):
            touched.append(item)
    if not subscription["items"]:
        raise invalid("A subscription must have at least one active plan. You can cancel it instead.", "items")
    if len(subscription["items"]) > MOST_ITEMS:
        raise invalid(f"A subscription can have at most {MOST_ITEMS} items.", "items")
    account.put(subscription)
    account.count("subscription_changed", subscription["id"])
    return touched


def _alter(change: Change, item: Object, wish: Object, param: str) -> bool:
    account = change.account
    old = (item["price"], item["quantity"])
    if "price" in wish or "price_data" in wish:
        price = price_for(account, wish, param)
        _check_fit(change, price, item["id"])
        item["price"] = price["id"]
    if "quantity" in wish:
        item["quantity"] = wish["quantity"]
    take_item(account, change.subscription, item, wish)
    account.put(item)
    return old != (item["price"], item["quantity"])


def _add(change: Change, wish: Object, param: str) -> Object:
    account, subscription, at = change.account, change.subscription, change.terms.at
    item = make_item(account, subscription, wish, param)
    price = account.get("price", item["price"])
    _check_fit(change, price, item["id"])
    if subscription["status"] == "trialing":
        end = subscription["trial_end"]
    else:
        end = boundary_after(subscription["billing_cycle_anchor"], price["recurring"], at)
    item |= {"current_period_start": at, "current_period_end": end}
    account.put(item)
    subscription["items"] = [*subscription["items"], item["id"]]
    return item


def _check_fit(change: Change, price: Object, item_id: str) -> None:
    currency = change.subscription["currency"]
    if price["currency"] != currency:
        raise invalid(
            f"The price specified only supports `{price['currency']}`. This doesn't match the expected currency: "
            f"`{currency}`.",
            "items",
        )
    for other in items_of(change.account, change.subscription):
        if other["id"] != item_id and other["price"] == price["id"]:
            raise invalid(f"Cannot add multiple subscription items with the same plan: {price['id']}", "items")


def start_over(account: Account, subscription: Object, at: int) -> list[Line]:
    """New periods from a moment on, each billed in full."""
    subscription["billing_cycle_anchor"] = at
    lines = []
    for item in items_of(account, subscription):
        recurring = account.get("price", item["price"])["recurring"]
        item |= {"current_period_start": at, "current_period_end": boundary_after(at, recurring, at)}
        account.put(item)
        lines.append(item_line(account, subscription, item))
    account.put(subscription)
    return lines


def _bill_now(change: Change, lines: list[Line]) -> Object:
    """Bill a change at once. Where the payment does not succeed, the terms say what becomes of the change."""
    account, subscription, terms = change.account, change.subscription, change.terms
    invoice = bill(account, subscription, "subscription_update", lines)
    if account.is_rehearsing:
        return invoice
    finalize(account, invoice)
    if invoice["status"] == "paid" or subscription["collection_method"] == "send_invoice":
        return invoice
    if terms.payment_behavior == "default_incomplete":
        if subscription["status"] == "active":
            set_status(account, subscription, "past_due")
        return invoice
    if terms.payment_behavior == "pending_if_incomplete":
        subscription["pending_update"] = _pending_update(account, subscription)
    refusal = collect(account, invoice, Attempt(is_off_session=terms.is_off_session))
    if invoice["status"] == "paid":
        subscription["pending_update"] = None
        account.put(subscription)
    elif terms.payment_behavior == "error_if_incomplete":
        raise refused_for_good(refusal)
    elif terms.payment_behavior == "pending_if_incomplete":
        _go_back(change, invoice)
    return invoice


def _pending_update(account: Account, subscription: Object) -> Object:
    """What a subscription would become, as it stands in its new state."""
    return part(
        "subscription",
        "pending_update",
        expires_at=account.now(subscription["customer"]) + PENDING_LIVES,
        subscription_items=[render(account, item) for item in items_of(account, subscription)],
        billing_cycle_anchor=subscription["billing_cycle_anchor"],
    )


def _go_back(change: Change, invoice: Object) -> None:
    """Undo the change until its invoice is paid, keeping what is wanted for then."""
    account, subscription = change.account, change.subscription
    for item_id in subscription["items"]:
        if item_id not in change.before:
            account.bury(account.get("subscription_item", item_id))
    for item in change.before.values():
        account.put(item)
    subscription |= change.kept | {"latest_invoice": invoice["id"]}
    subscription["_pending"] = {"invoice": invoice["id"], "items": change.wanted}
    account.put(subscription)
