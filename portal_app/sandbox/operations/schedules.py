"""Subscription schedules."""

from typing import Any

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.endings import end_subscription
from portal_app.sandbox.billing.schedules import (
    apply_phase,
    begin,
    enter,
    from_subscription,
    make_phases,
    release,
)
from portal_app.sandbox.billing.subscriptions import check_owner
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.events import changing, emit
from portal_app.sandbox.listing import list_page
from portal_app.sandbox.registry import operation, retrieves
from portal_app.sandbox.store import Query
from portal_app.sandbox.values import assign

BESIDE_FROM = {"from_subscription", "metadata", "expand", "billing_mode"}
MOMENTS = ("canceled_at", "completed_at", "released_at")


@operation("POST", "/v1/subscription_schedules")
def create(account: Account, params: Object) -> Object:
    """Plan a subscription in phases, from a moment on or from a running subscription."""
    if "from_subscription" in params:
        return _take_over(account, params)
    if "customer" not in params or not params.get("phases"):
        name = "phases" if "customer" in params else "customer"
        raise invalid(f"Missing required param: {name}.", name, "parameter_missing")
    customer = account.refer("customer", params["customer"], "customer")
    now = account.now(customer)
    wanted = params.get("start_date", "now")
    start_at = now if wanted == "now" else int(wanted)
    phases = make_phases(account, params["phases"], start_at)
    made = _make(account, customer, params, phases)
    emit(account, "subscription_schedule.created", made)
    if start_at <= now:
        begin(account, made)
    return made


def _make(account: Account, customer: Object, params: Object, phases: list[Object]) -> Object:
    now = account.now(customer)
    flexible = {"proration_discounts": "included"}
    made = account.new("subscription_schedule", customer) | {
        "billing_mode": part(
            "subscription_schedule", "billing_mode", type="flexible", flexible=flexible, updated_at=now
        ),
        "default_settings": _settings(account, customer, params.get("default_settings") or {}),
        "end_behavior": params.get("end_behavior", "release"),
        "phases": phases,
        "status": "not_started",
        "test_clock": customer["test_clock"],
    }
    assign(made, params)
    return account.put(made)


def _settings(account: Account, customer: Object, given: Object) -> Object:
    method = given.get("default_payment_method")
    if method:
        check_owner(account, method, customer["id"])
    values: dict[str, Any] = {
        "automatic_tax": {"enabled": False},
        "billing_cycle_anchor": given.get("billing_cycle_anchor", "automatic"),
        "collection_method": given.get("collection_method", "charge_automatically"),
        "default_payment_method": method,
        "description": given.get("description"),
        "invoice_settings": {"issuer": {"type": "self"}} | (given.get("invoice_settings") or {}),
    }
    return part("subscription_schedule", "default_settings", **values)


def _take_over(account: Account, params: Object) -> Object:
    forbidden = set(params) - BESIDE_FROM
    if forbidden:
        raise invalid("You cannot set any other parameters if `from_subscription` is set.", sorted(forbidden)[0])
    subscription = account.refer("subscription", params["from_subscription"], "from_subscription")
    customer = account.get("customer", subscription["customer"])
    made = _make(account, customer, params, from_subscription(account, subscription))
    made |= {"subscription": subscription["id"], "status": "active"}
    enter(made, made["phases"][0])
    account.put(made)
    with changing(account, subscription, "customer.subscription.updated"):
        subscription["schedule"] = made["id"]
    emit(account, "subscription_schedule.created", made)
    return made


@operation("GET", "/v1/subscription_schedules")
def list_all(account: Account, params: Object) -> Object:
    """List schedules."""
    scheduled = params.get("scheduled")

    def keep(schedule: Object) -> bool:
        ranges = [(schedule[name], params.get(name)) for name in MOMENTS]
        return all(_is_within(value, wanted) for value, wanted in ranges) and (
            scheduled is None or (schedule["status"] == "not_started") == scheduled
        )

    query = Query("subscription_schedule", customer=params.get("customer"), keep=keep)
    return list_page(account, query, params, "/v1/subscription_schedules")


def _is_within(value: int | None, wanted: int | Object | None) -> bool:
    if wanted is None:
        return True
    if value is None:
        return False
    if isinstance(wanted, int):
        return value == wanted
    low = all(value >= int(wanted[k]) + (k == "gt") for k in ("gt", "gte") if k in wanted)
    return low and all(value <= int(wanted[k]) - (k == "lt") for k in ("lt", "lte") if k in wanted)


retrieves("/v1/subscription_schedules/{schedule}", "subscription_schedule")


@operation("POST", "/v1/subscription_schedules/{schedule}")
def update(account: Account, params: Object, schedule_id: str) -> Object:
    """Change the phases; one that is running takes effect at once."""
    schedule = account.get("subscription_schedule", schedule_id)
    _require_open(schedule, "update")
    with changing(account, schedule, "subscription_schedule.updated"):
        assign(schedule, params, "end_behavior")
        if "default_settings" in params:
            customer = account.get("customer", schedule["customer"])
            both = {k: v for k, v in schedule["default_settings"].items() if v is not None}
            schedule["default_settings"] = _settings(account, customer, both | params["default_settings"])
        if "phases" in params:
            _replace_phases(account, schedule, params)
    return schedule


def _replace_phases(account: Account, schedule: Object, params: Object) -> None:
    current = schedule["current_phase"]
    start_at = current["start_date"] if current else schedule["phases"][0]["start_date"]
    now = account.now(schedule["customer"])
    for phase in params["phases"]:
        for name in ("start_date", "end_date", "trial_end"):
            if phase.get(name) == "now":
                phase[name] = now
    phases = make_phases(account, params["phases"], start_at)
    schedule["phases"] = phases
    if current is None:
        return
    running = next((p for p in phases if p["start_date"] <= now < p["end_date"]), None)
    if running is None:
        raise invalid("The current phase cannot be removed.", "phases")
    enter(schedule, running)
    running |= {"proration_behavior": params.get("proration_behavior", running["proration_behavior"])}
    account.put(schedule)
    apply_phase(account, schedule, running)


@operation("POST", "/v1/subscription_schedules/{schedule}/release")
def release_now(account: Account, params: Object, schedule_id: str) -> Object:
    """Let the subscription go on without the schedule."""
    schedule = account.get("subscription_schedule", schedule_id)
    _require_open(schedule, "release")
    account.count("schedule_released", schedule_id)
    return release(account, schedule)


@operation("POST", "/v1/subscription_schedules/{schedule}/cancel")
def cancel_now(account: Account, params: Object, schedule_id: str) -> Object:
    """Cancel the schedule and, with it, its subscription."""
    schedule = account.get("subscription_schedule", schedule_id)
    _require_open(schedule, "cancel")
    subscription = account.find(schedule["subscription"])
    if subscription:
        end_subscription(account, subscription, "cancellation_requested")
        return schedule
    schedule |= {"status": "canceled", "canceled_at": account.now(schedule["customer"]), "current_phase": None}
    account.put(schedule)
    emit(account, "subscription_schedule.canceled", schedule)
    return schedule


def _require_open(schedule: Object, deed: str) -> None:
    if schedule["status"] not in ("active", "not_started"):
        raise invalid(
            f"You cannot {deed} a subscription schedule that is currently in the `{schedule['status']}` status."
        )
