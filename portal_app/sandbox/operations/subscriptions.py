"""Subscriptions."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing import pausing
from portal_app.sandbox.billing.changes import change_items, terms_of
from portal_app.sandbox.billing.discounts import Owner, clear_discount, replace
from portal_app.sandbox.billing.endings import drop_pending, end_subscription, pending_items, take_end
from portal_app.sandbox.billing.intervals import DAY
from portal_app.sandbox.billing.invoices import finalize
from portal_app.sandbox.billing.prorations import Proration, credit_unused
from portal_app.sandbox.billing.renewals import begin_cycle, end_trial
from portal_app.sandbox.billing.standing import OVER, items_of
from portal_app.sandbox.billing.subscriptions import (
    PLAIN,
    bill,
    check_owner,
    start,
    take_payment_settings,
    tax_rates,
)
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.events import changing
from portal_app.sandbox.listing import list_page, matches, search_page
from portal_app.sandbox.registry import operation, retrieves
from portal_app.sandbox.store import Query
from portal_app.sandbox.values import assign

AFTER_THE_END = {"metadata", "cancellation_details"}


@operation("POST", "/v1/subscriptions")
def create(account: Account, params: Object) -> Object:
    """Start a subscription."""
    if "items" not in params:
        raise invalid("Missing required param: items.", "items", "parameter_missing")
    return start(account, params)


@operation("GET", "/v1/subscriptions")
def list_all(account: Account, params: Object) -> Object:
    """List subscriptions; canceled ones only when they are asked for."""
    status = params.get("status")
    same = matches(params, "collection_method", "test_clock")

    def keep(subscription: Object) -> bool:
        now = subscription["status"]
        if status == "ended":
            fits = now in OVER
        elif status and status != "all":
            fits = now == status
        else:
            fits = status == "all" or now != "canceled"
        return fits and same(subscription) and _has_price(account, subscription, params.get("price"))

    query = Query("subscription", customer=params.get("customer"), keep=keep)
    return list_page(account, query, params, "/v1/subscriptions")


def _has_price(account: Account, subscription: Object, price_id: str | None) -> bool:
    return price_id is None or any(item["price"] == price_id for item in items_of(account, subscription))


@operation("GET", "/v1/subscriptions/search")
def search(account: Account, params: Object) -> Object:
    """Search subscriptions."""
    return search_page(account, "subscription", params)


retrieves("/v1/subscriptions/{subscription_exposed_id}", "subscription")


@operation("POST", "/v1/subscriptions/{subscription_exposed_id}")
def update(account: Account, params: Object, subscription_id: str) -> Object:
    """Change a subscription."""
    subscription = account.get("subscription", subscription_id)
    if subscription["status"] in OVER:
        forbidden = set(params) - AFTER_THE_END
        if forbidden:
            raise invalid(
                "A canceled subscription can only update its cancellation_details and metadata.", sorted(forbidden)[0]
            )
    with changing(account, subscription, "customer.subscription.updated"):
        _take(account, subscription, params)
        _take_trial(account, subscription, params)
        if "items" in params or "billing_cycle_anchor" in params:
            _change_items(account, subscription, params)
    return subscription


def _take(account: Account, subscription: Object, params: Object) -> None:
    if params.get("default_payment_method"):
        check_owner(account, params["default_payment_method"], subscription["customer"])
    assign(subscription, params, *PLAIN, "collection_method")
    take_payment_settings(subscription, params)
    take_end(account, subscription, params)
    if "default_tax_rates" in params:
        subscription["default_tax_rates"] = tax_rates(account, params["default_tax_rates"], "default_tax_rates")
    if "pause_collection" in params:
        given = params["pause_collection"]
        subscription["pause_collection"] = part("subscription", "pause_collection", **given) if given else None
    if "trial_settings" in params:
        behavior = (params["trial_settings"] or {}).get("end_behavior", {})
        subscription["trial_settings"] = part("subscription", "trial_settings", end_behavior=behavior)
    if "discounts" in params:
        customer = account.get("customer", subscription["customer"])
        replace(account, subscription, params["discounts"], Owner(customer, subscription["id"]))


def _take_trial(account: Account, subscription: Object, params: Object) -> None:
    wanted = params.get("trial_end")
    if not wanted:
        return
    now = account.now(subscription["customer"])
    if wanted == "now":
        if subscription["status"] == "trialing":
            subscription["trial_end"] = now
            end_trial(account, subscription)
        return
    if int(wanted) <= now:
        raise invalid("`trial_end` must be in the future.", "trial_end")
    if int(wanted) > now + 730 * DAY:
        raise invalid("`trial_end` must be at most two years in the future.", "trial_end")
    _extend_trial(account, subscription, params, int(wanted))


def _extend_trial(account: Account, subscription: Object, params: Object, until: int) -> None:
    now = account.now(subscription["customer"])
    if subscription["status"] != "trialing" and params.get("proration_behavior") != "none":
        for item in items_of(account, subscription):
            credit_unused(Proration(account, subscription, now), item)
    begin_cycle(account, subscription, now)
    subscription |= {
        "status": "trialing",
        "trial_start": subscription["trial_start"] if subscription["status"] == "trialing" else now,
        "trial_end": until,
        "billing_cycle_anchor": until,
        "_is_warned": False,
    }
    for item in items_of(account, subscription):
        item["current_period_end"] = until
        account.put(item)


def _change_items(account: Account, subscription: Object, params: Object) -> None:
    if subscription["status"] not in ("active", "trialing", "past_due", "incomplete"):
        raise invalid(f"Subscriptions with status `{subscription['status']}` cannot change their items.", "items")
    if subscription["pending_update"]:
        raise invalid("This subscription has a pending update that must be paid or expire first.", "items")
    change_items(account, subscription, params.get("items") or [], terms_of(account, subscription, params))


@operation("DELETE", "/v1/subscriptions/{subscription_exposed_id}")
def cancel(account: Account, params: Object, subscription_id: str) -> Object:
    """End a subscription at once, with a last invoice and a credit where they are asked for."""
    subscription = account.get("subscription", subscription_id)
    if subscription["status"] in OVER:
        raise invalid(f"No such subscription: '{subscription_id}'", "id", "resource_missing")
    take_end(account, subscription, {k: v for k, v in params.items() if k == "cancellation_details"})
    now = account.now(subscription["customer"])
    wants_credit, wants_invoice = params.get("prorate", False), params.get("invoice_now", False)
    if wants_credit:
        proration = Proration(account, subscription, now)
        for item in items_of(account, subscription):
            credit_unused(proration, item)
    if wants_invoice and pending_items(account, subscription):
        finalize(account, bill(account, subscription, "subscription_update", []))
    if not wants_credit and not wants_invoice:
        drop_pending(account, subscription)
    subscription |= {"cancel_at": None, "cancel_at_period_end": False, "canceled_at": now}
    return end_subscription(account, subscription, "cancellation_requested")


@operation("DELETE", "/v1/subscriptions/{subscription_exposed_id}/discount")
def delete_discount(account: Account, params: Object, subscription_id: str) -> Object:
    """Take the discount off a subscription."""
    subscription = account.get("subscription", subscription_id)
    if not subscription["discounts"]:
        raise invalid(f"No active discount for subscription: {subscription_id}", code="resource_missing")
    discount = account.get("discount", subscription["discounts"][-1])
    clear_discount(account, discount)
    return discount | {"deleted": True}


@operation("POST", "/v1/subscriptions/{subscription}/pause")
def pause(account: Account, params: Object, subscription_id: str) -> Object:
    """Pause a subscription."""
    return pausing.pause(account, account.get("subscription", subscription_id), params)


@operation("POST", "/v1/subscriptions/{subscription}/resume")
def resume(account: Account, params: Object, subscription_id: str) -> Object:
    """Take a paused subscription up again."""
    return pausing.resume(account, account.get("subscription", subscription_id), params)
