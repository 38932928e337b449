"""Subscription schedules: phases one after the other, and what comes after the last."""

from typing import Any

from portal_app.sandbox.account import Account, Object, first_due
from portal_app.sandbox.billing.changes import Terms, change_items
from portal_app.sandbox.billing.discounts import Owner, redeem
from portal_app.sandbox.billing.endings import end_subscription
from portal_app.sandbox.billing.intervals import DAY, add_interval
from portal_app.sandbox.billing.items import price_for
from portal_app.sandbox.billing.renewals import PHASE, WARN, deed
from portal_app.sandbox.billing.standing import OVER, items_of, next_period_end
from portal_app.sandbox.billing.subscriptions import start
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.events import changing, emit

EXPIRING = 7 * DAY


def schedule_due(account: Account, schedule: Object) -> tuple[int, int] | None:
    """What comes next for a schedule."""
    if schedule["status"] == "not_started":
        return first_due({PHASE: schedule["phases"][0]["start_date"]})
    if schedule["status"] != "active" or not schedule["current_phase"]:
        return None
    last_end = schedule["phases"][-1]["end_date"]
    warning = None if schedule.get("_is_warned") else max(last_end - EXPIRING, schedule["created"])
    return first_due({WARN: warning, PHASE: schedule["current_phase"]["end_date"]})


def make_phase(account: Account, given: Object, span: tuple[int, int], param: str = "phases") -> Object:
    """One phase as a schedule keeps it, from the first moment of its span to the last."""
    items = []
    for place, item in enumerate(given["items"]):
        price = price_for(account, item, f"{param}[items][{place}]")
        items.append(
            part("subscription_schedule", "phases.items", price=price["id"], plan=price["id"], metadata={})
            | {"quantity": item.get("quantity", 1), "tax_rates": None, "discounts": []}
        )
    phase = part("subscription_schedule", "phases", start_date=span[0], end_date=span[1])
    currency = account.get("price", items[0]["price"])["currency"]
    return phase | {
        "add_invoice_items": [],
        "collection_method": given.get("collection_method"),
        "currency": currency,
        "default_payment_method": given.get("default_payment_method"),
        "default_tax_rates": given.get("default_tax_rates") or [],
        "description": given.get("description"),
        "discounts": [],
        "items": items,
        "metadata": dict(given.get("metadata") or {}),
        "proration_behavior": given.get("proration_behavior", "create_prorations"),
        "trial_end": given.get("trial_end"),
        "_discounts": given.get("discounts") or [],
    }


def make_phases(account: Account, given: list[Object], start_at: int) -> list[Object]:
    """Phases one after the other; each lasts until its end date or for its duration."""
    made, moment = [], start_at
    for place, phase in enumerate(given):
        param = f"phases[{place}]"
        begin = phase["start_date"] if isinstance(phase.get("start_date"), int) else moment
        end = phase.get("end_date")
        if not isinstance(end, int):
            end = _end_of(account, phase, begin, param)
        if end <= begin:
            raise invalid("The phase's `end_date` must come after its `start_date`.", f"{param}[end_date]")
        made.append(make_phase(account, phase, (begin, end), param))
        moment = end
    return made


def _end_of(account: Account, phase: Object, begin: int, param: str) -> int:
    duration = phase.get("duration")
    if duration is None:
        recurring = price_for(account, phase["items"][0], f"{param}[items][0]")["recurring"]
        duration = {"interval": recurring["interval"], "interval_count": recurring["interval_count"]}
    return add_interval(begin, duration["interval"], duration.get("interval_count", 1))


def from_subscription(account: Account, subscription: Object) -> list[Object]:
    """The one phase of a schedule that takes over a running subscription."""
    if subscription["schedule"]:
        raise invalid(
            f"You cannot migrate a subscription that is already attached to a schedule: {subscription['schedule']}.",
            "from_subscription",
        )
    if subscription["status"] in OVER:
        raise invalid("You cannot migrate a canceled subscription to a schedule.", "from_subscription")
    items = items_of(account, subscription)
    given: Object = {
        "items": [{"price": item["price"], "quantity": item["quantity"]} for item in items],
        "default_tax_rates": subscription["default_tax_rates"],
    }
    begin = min(item["current_period_start"] for item in items)
    return [make_phase(account, given, (begin, next_period_end(account, subscription)))]


def begin(account: Account, schedule: Object) -> None:
    """The first phase starts, and the subscription with it."""
    phase = schedule["phases"][0]
    settings = schedule["default_settings"]
    params: dict[str, Any] = {
        "customer": schedule["customer"],
        "items": [{"price": item["price"], "quantity": item["quantity"]} for item in phase["items"]],
        "default_tax_rates": phase["default_tax_rates"],
        "collection_method": phase["collection_method"] or settings["collection_method"] or "charge_automatically",
        "discounts": phase["_discounts"],
        "metadata": dict(phase["metadata"]),
        "payment_behavior": "default_incomplete",
    }
    method = phase["default_payment_method"] or settings["default_payment_method"]
    if method:
        params["default_payment_method"] = method
    if isinstance(phase["trial_end"], int):
        params["trial_end"] = phase["trial_end"]
    days = (settings["invoice_settings"] or {}).get("days_until_due")
    if days:
        params["days_until_due"] = days
    subscription = start(account, params, is_scheduled=True)
    with changing(account, subscription, "customer.subscription.updated"):
        subscription["schedule"] = schedule["id"]
    schedule |= {"subscription": subscription["id"], "status": "active"}
    enter(schedule, phase)
    account.put(schedule)


def enter(schedule: Object, phase: Object) -> None:
    """Note which phase is running."""
    schedule["current_phase"] = {"start_date": phase["start_date"], "end_date": phase["end_date"]}


@deed("subscription_schedule", WARN)
def warn(account: Account, schedule: Object) -> None:
    """A week before the last phase ends."""
    schedule["_is_warned"] = True
    account.put(schedule)
    emit(account, "subscription_schedule.expiring", schedule)


@deed("subscription_schedule", PHASE)
def advance(account: Account, schedule: Object) -> None:
    """A phase begins: the first, the next, or what comes after the last."""
    if schedule["status"] == "not_started":
        begin(account, schedule)
        emit(account, "subscription_schedule.updated", schedule)
        return
    now = schedule["current_phase"]["end_date"]
    following = next((phase for phase in schedule["phases"] if phase["start_date"] >= now), None)
    if following is None:
        _complete(account, schedule)
        return
    with changing(account, schedule, "subscription_schedule.updated"):
        enter(schedule, following)
    apply_phase(account, schedule, following)


def apply_phase(account: Account, schedule: Object, phase: Object) -> None:
    """Bring the subscription's items to what a phase says."""
    subscription = account.get("subscription", schedule["subscription"])
    current = {item["price"]: item for item in items_of(account, subscription)}
    wanted_prices = {item["price"] for item in phase["items"]}
    leaving = [item["id"] for price, item in current.items() if price not in wanted_prices]
    wanted: list[Object] = []
    for item in phase["items"]:
        wish = {"price": item["price"], "quantity": item["quantity"]}
        kept = current.get(item["price"])
        if kept:
            wish["id"] = kept["id"]
        elif leaving:
            wish["id"] = leaving.pop(0)
        wanted.append(wish)
    wanted += [{"id": item_id, "deleted": True} for item_id in leaving]
    at = account.now(schedule["customer"])
    with changing(account, subscription, "customer.subscription.updated"):
        subscription["default_tax_rates"] = phase["default_tax_rates"] or subscription["default_tax_rates"]
        if phase["_discounts"]:
            owner = Owner(account.get("customer", schedule["customer"]), subscription["id"])
            subscription["discounts"] = redeem(account, phase["_discounts"], owner)
        change_items(account, subscription, wanted, Terms(at, phase["proration_behavior"], is_off_session=True))


def _complete(account: Account, schedule: Object) -> None:
    subscription = account.get("subscription", schedule["subscription"])
    now = account.now(schedule["customer"])
    if schedule["end_behavior"] == "cancel":
        schedule |= {"status": "completed", "completed_at": now, "current_phase": None}
        account.put(schedule)
        emit(account, "subscription_schedule.completed", schedule)
        end_subscription(account, subscription, "cancellation_requested")
        return
    release(account, schedule)


def release(account: Account, schedule: Object) -> Object:
    """Let the subscription go on by itself."""
    subscription = account.find(schedule["subscription"])
    schedule |= {
        "status": "released",
        "released_at": account.now(schedule["customer"]),
        "released_subscription": schedule["subscription"],
        "subscription": None,
        "current_phase": None,
    }
    account.put(schedule)
    emit(account, "subscription_schedule.released", schedule)
    if subscription:
        with changing(account, subscription, "customer.subscription.updated"):
            subscription["schedule"] = None
    return schedule


Account.due_rules["subscription_schedule"] = schedule_due
