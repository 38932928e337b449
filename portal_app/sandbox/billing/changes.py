"""Changes to a running subscription's items, with prorations to the second."""

import copy
from dataclasses import dataclass

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.collection import Attempt, collect
from portal_app.sandbox.billing.intervals import boundary_after, same_interval
from portal_app.sandbox.billing.invoices import HOUR, close, finalize, subscription_of, when_closed, when_paid
from portal_app.sandbox.billing.items import MOST_ITEMS, make_item, price_for, take_item
from portal_app.sandbox.billing.lines import Line, item_line, price_amount
from portal_app.sandbox.billing.prorations import Proration, credit_unused, debit_remaining
from portal_app.sandbox.billing.standing import items_of, set_status
from portal_app.sandbox.billing.subscriptions import bill
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.errors import StripeError, invalid, no_such
from portal_app.sandbox.events import emit
from portal_app.sandbox.rendering import render

PENDING_LIVES = 23 * HOUR


@dataclass(frozen=True)
class Terms:
    """How a change is billed."""

    at: int
    proration_behavior: str = "create_prorations"
    payment_behavior: str = "allow_incomplete"
    is_anchored_now: bool = False
    is_off_session: bool = False


def terms_of(account: Account, subscription: Object, params: Object) -> Terms:
    """The terms that a request's parameters ask for."""
    behavior = params.get("proration_behavior", "create_prorations")
    now = account.now(subscription["customer"])
    at = params.get("proration_date", now)
    if "proration_date" in params:
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
    anchor = params.get("billing_cycle_anchor") or {}
    return Terms(
        at=at,
        proration_behavior=behavior,
        payment_behavior=params.get("payment_behavior", "allow_incomplete"),
        is_anchored_now=anchor.get("type") == "now",
        is_off_session=bool(params.get("off_session")),
    )


def change_items(account: Account, subscription: Object, wanted: list[Object], terms: Terms) -> Object | None:
    """Change, add and remove items as `wanted` says; the invoice that came of it, if one did.

    Raises:
        StripeError: the wish makes no sense, or `error_if_incomplete` and the payment failed; nothing changes then.
    """
    before = {item["id"]: copy.deepcopy(item) for item in items_of(account, subscription)}
    kept = copy.deepcopy({k: subscription[k] for k in ("items", "billing_cycle_anchor", "latest_invoice")})
    olds = {item_id: account.get("price", item["price"]) for item_id, item in before.items()}
    is_reset = terms.is_anchored_now or _resets(account, wanted, olds, before)
    proration = Proration(account, subscription, terms.at)
    if terms.proration_behavior != "none" and subscription["status"] != "trialing":
        changed = set(before) if is_reset else _changed_ids(wanted, before)
        for item_id in [i for i in before if i in changed]:
            credit_unused(proration, before[item_id])
    touched = _apply(account, subscription, wanted, terms.at)
    if is_reset and subscription["status"] != "trialing":
        lines = _start_over(account, subscription, terms.at)
        return _bill_now(account, subscription, lines, terms, (before, kept, wanted))
    if terms.proration_behavior != "none" and subscription["status"] != "trialing":
        for item in touched:
            debit_remaining(proration, item)
    if terms.proration_behavior == "always_invoice" and proration.made:
        return _bill_now(account, subscription, [], terms, (before, kept, wanted))
    return None


def _resets(account: Account, wanted: list[Object], olds: dict[str, Object], before: dict[str, Object]) -> bool:
    """Whether the cycle starts anew: another interval, or from free to paid."""
    was_free = all(not olds[i]["unit_amount"] or not before[i]["quantity"] for i in before)
    becomes_paid = False
    for place, wish in enumerate(wanted):
        old = olds.get(wish.get("id", ""))
        if "price" not in wish and "price_data" not in wish:
            continue
        price = price_for(account, wish, f"items[{place}]")
        becomes_paid = becomes_paid or bool(price["unit_amount"])
        if old and not wish.get("deleted") and not same_interval(old, price):
            return True
    return was_free and becomes_paid


def _changed_ids(wanted: list[Object], before: dict[str, Object]) -> set[str]:
    changed = set()
    for wish in wanted:
        item = before.get(wish.get("id", ""))
        if item is None:
            continue
        price, quantity = wish.get("price", item["price"]), wish.get("quantity", item["quantity"])
        if wish.get("deleted") or (price, quantity) != (item["price"], item["quantity"]):
            changed.add(item["id"])
    return changed


def _apply(account: Account, subscription: Object, wanted: list[Object], at: int) -> list[Object]:
    """Bring the items into their new state; those that now cost something else."""
    touched = []
    for place, wish in enumerate(wanted):
        if wish.get("id"):
            item = _own_item(account, subscription, wish["id"], f"items[{place}][id]")
            if wish.get("deleted"):
                _remove(account, subscription, item)
                continue
            touched += [item] if _alter(account, subscription, item, wish, place) else []
        else:
            touched.append(_add(account, subscription, wish, at, place))
    if not subscription["items"]:
        raise invalid("A subscription must have at least one active plan. You can cancel it instead.", "items")
    if len(subscription["items"]) > MOST_ITEMS:
        raise invalid(f"A subscription can have at most {MOST_ITEMS} items.", "items")
    account.put(subscription)
    account.count("subscription_changed", subscription["id"])
    return touched


def _own_item(account: Account, subscription: Object, item_id: str, param: str) -> Object:
    if item_id not in subscription["items"]:
        raise no_such("subscription item", item_id, param, status=400)
    return account.get("subscription_item", item_id)


def _remove(account: Account, subscription: Object, item: Object) -> None:
    subscription["items"] = [i for i in subscription["items"] if i != item["id"]]
    account.bury(item)


def _alter(account: Account, subscription: Object, item: Object, wish: Object, place: int) -> bool:
    old = (item["price"], item["quantity"])
    if "price" in wish or "price_data" in wish:
        price = price_for(account, wish, f"items[{place}]")
        _check_fit(account, subscription, price, item["id"])
        item["price"] = price["id"]
    if "quantity" in wish:
        item["quantity"] = wish["quantity"]
    take_item(account, subscription, item, wish)
    account.put(item)
    return old != (item["price"], item["quantity"])


def _add(account: Account, subscription: Object, wish: Object, at: int, place: int) -> Object:
    item = make_item(account, subscription, wish, f"items[{place}]")
    price = account.get("price", item["price"])
    _check_fit(account, subscription, price, item["id"])
    if subscription["status"] == "trialing":
        end = subscription["trial_end"]
    else:
        end = boundary_after(subscription["billing_cycle_anchor"], price["recurring"], at)
    item |= {"current_period_start": at, "current_period_end": end}
    account.put(item)
    subscription["items"] = [*subscription["items"], item["id"]]
    return item


def _check_fit(account: Account, subscription: Object, price: Object, item_id: str) -> None:
    if price["currency"] != subscription["currency"]:
        raise invalid(
            f"The price specified only supports `{price['currency']}`. This doesn't match the expected currency: "
            f"`{subscription['currency']}`.",
            "items",
        )
    for other in items_of(account, subscription):
        if other["id"] != item_id and other["price"] == price["id"]:
            raise invalid(f"Cannot add multiple subscription items with the same plan: {price['id']}", "items")


def _start_over(account: Account, subscription: Object, at: int) -> list[Line]:
    """New periods from now on, each billed in full."""
    subscription["billing_cycle_anchor"] = at
    lines = []
    for item in items_of(account, subscription):
        recurring = account.get("price", item["price"])["recurring"]
        item |= {"current_period_start": at, "current_period_end": boundary_after(at, recurring, at)}
        account.put(item)
        lines.append(item_line(account, subscription, item))
    account.put(subscription)
    return lines


def _bill_now(
    account: Account, subscription: Object, lines: list[Line], terms: Terms, way_back: tuple[dict, Object, list[Object]]
) -> Object:
    invoice = bill(account, subscription, "subscription_update", lines)
    if account.is_rehearsing:
        return invoice
    finalize(account, invoice)
    if invoice["status"] == "paid" or subscription["collection_method"] == "send_invoice":
        return invoice
    refusal = None
    if terms.payment_behavior != "default_incomplete":
        if terms.payment_behavior == "pending_if_incomplete":
            subscription["pending_update"] = _pending(account, subscription)
        refusal = collect(account, invoice, Attempt(is_off_session=terms.is_off_session))
    elif subscription["status"] == "active":
        set_status(account, subscription, "past_due")
    if invoice["status"] == "paid":
        subscription["pending_update"] = None
        account.put(subscription)
    elif terms.payment_behavior == "error_if_incomplete":
        raise _refused(refusal)
    elif terms.payment_behavior == "pending_if_incomplete":
        _go_back(account, subscription, invoice, way_back)
    return invoice


def _refused(refusal: StripeError | None) -> StripeError:
    refusal = refusal or StripeError(
        402,
        "card_error",
        "Payment for this subscription requires additional user action before it can be completed.",
        "subscription_payment_intent_requires_action",
    )
    refusal.status, refusal.keeps_work = 402, False
    return refusal


def _pending(account: Account, subscription: Object) -> Object:
    return part(
        "subscription",
        "pending_update",
        expires_at=account.now(subscription["customer"]) + PENDING_LIVES,
        subscription_items=[render(account, item) for item in items_of(account, subscription)],
        billing_cycle_anchor=subscription["billing_cycle_anchor"],
    )


def _go_back(
    account: Account, subscription: Object, invoice: Object, way_back: tuple[dict[str, Object], Object, list[Object]]
) -> None:
    """Undo the change until its invoice is paid; keep what is wanted for then."""
    before, kept, wanted = way_back
    for item_id in subscription["items"]:
        if item_id not in before:
            account.bury(account.get("subscription_item", item_id))
    for item in before.values():
        account.put(item)
    subscription |= kept | {"latest_invoice": invoice["id"]}
    subscription["_pending"] = {"invoice": invoice["id"], "items": wanted}
    account.put(subscription)


def apply_pending(account: Account, invoice: Object) -> None:
    """The waiting change takes effect once its invoice is paid."""
    subscription = subscription_of(account, invoice)
    pending = (subscription or {}).get("_pending")
    if subscription is None or not pending or pending["invoice"] != invoice["id"]:
        return
    at = invoice["created"]
    anchor = subscription["pending_update"]["billing_cycle_anchor"]
    subscription |= {"_pending": None, "pending_update": None}
    touched = _apply(account, subscription, pending["items"], at)
    if anchor != subscription["billing_cycle_anchor"]:
        _start_over(account, subscription, anchor)
    for item in touched:
        price = account.get("price", item["price"])
        item["_debit"] = {
            "amount": price_amount(price, item["quantity"]),
            "start": item["current_period_start"],
            "end": item["current_period_end"],
        }
        account.put(item)
    emit(account, "customer.subscription.pending_update_applied", subscription)


def expire_pending(account: Account, subscription: Object) -> None:
    """Nobody paid in time: the change is off, its invoice void."""
    invoice = account.find(subscription["_pending"]["invoice"])
    subscription |= {"_pending": None, "pending_update": None}
    account.put(subscription)
    if invoice and invoice["status"] == "open":
        close(account, invoice, "void")
    emit(account, "customer.subscription.pending_update_expired", subscription)


def _drop_if_void(account: Account, invoice: Object) -> None:
    subscription = subscription_of(account, invoice)
    pending = (subscription or {}).get("_pending")
    if subscription and pending and pending["invoice"] == invoice["id"] and invoice["status"] == "void":
        expire_pending(account, subscription)


when_paid.append(apply_pending)
when_closed.append(_drop_if_void)
