"""Previews: the real thing, done in a rehearsal and looked at before the curtain falls."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.changes import Terms, change_items, terms_of
from portal_app.sandbox.billing.discounts import Owner, redeem
from portal_app.sandbox.billing.endings import pending_items, take_end
from portal_app.sandbox.billing.invoices import Draft, make_draft
from portal_app.sandbox.billing.lines import Line, item_line, line_of_invoice_item
from portal_app.sandbox.billing.pausing import pause, resume
from portal_app.sandbox.billing.prorations import Proration, credit_unused
from portal_app.sandbox.billing.renewals import end_trial, renew
from portal_app.sandbox.billing.schedules import advance
from portal_app.sandbox.billing.standing import OVER, items_of, next_period_end
from portal_app.sandbox.billing.subscriptions import bill, start
from portal_app.sandbox.errors import StripeError, invalid
from portal_app.sandbox.rendering import Shown, render

CHANGES = ("items", "proration_behavior", "proration_date", "billing_cycle_anchor")


def preview(account: Account, params: Object) -> Object:
    """The invoice that would come, without anything happening.

    Raises:
        StripeError: no invoice would come, or the change is not possible.
    """
    shown = Shown()
    with account.rehearsal():
        invoice = _rehearse(account, params)
        _dress(account, invoice, params)
        shown = Shown(render(account, invoice, account.expand))
    return shown


def _rehearse(account: Account, params: Object) -> Object:
    details = params.get("subscription_details") or {}
    if "schedule_details" in params:
        raise invalid("The sandbox does not preview `schedule_details`.", "schedule_details")
    if "schedule" in params:
        schedule = account.refer("subscription_schedule", params["schedule"], "schedule")
        params = params | {"subscription": schedule["subscription"] or ""}
    if "subscription" not in params:
        return _preview_new(account, params, details)
    subscription = account.refer("subscription", params["subscription"], "subscription")
    if subscription["status"] in OVER:
        raise invalid("You cannot preview the upcoming invoice for a canceled subscription.", "subscription")
    if params.get("discounts") is not None:
        owner = Owner(account.get("customer", subscription["customer"]), subscription["id"])
        subscription["discounts"] = redeem(account, params["discounts"], owner)
    _add_items(account, params, subscription)
    if details.get("cancel_now"):
        return _preview_cancel(account, subscription, details)
    if subscription["status"] == "paused" or details.get("pause") or details.get("resume_at"):
        return _preview_pause(account, subscription, details)
    invoice = _change(account, subscription, details)
    if invoice:
        return invoice
    if params.get("preview_mode") == "recurring":
        lines = [item_line(account, subscription, item) for item in items_of(account, subscription)]
        _forget_pending(account, subscription)
        return bill(account, subscription, "upcoming", lines)
    return _next(account, subscription)


def _change(account: Account, subscription: Object, details: Object) -> Object | None:
    take_end(account, subscription, {k: details[k] for k in ("cancel_at", "cancel_at_period_end") if k in details})
    if "default_tax_rates" in details:
        subscription["default_tax_rates"] = details["default_tax_rates"] or []
    if details.get("trial_end") == "now" and subscription["status"] == "trialing":
        subscription["trial_end"] = account.now(subscription["customer"])
    account.put(subscription)
    if not any(name in details for name in CHANGES):
        return None
    terms: Terms = terms_of(account, subscription, details)
    return change_items(account, subscription, details.get("items") or [], terms)


def _add_items(account: Account, params: Object, subscription: Object) -> None:
    for item in params.get("invoice_items") or []:
        if "amount" not in item:
            continue
        now = account.now(subscription["customer"])
        made = account.new("invoiceitem", subscription["customer"]) | {
            "amount": item["amount"],
            "currency": item.get("currency", subscription["currency"]).lower(),
            "date": now,
            "description": item.get("description"),
            "discountable": item.get("discountable", True),
            "discounts": [],
            "period": {"start": now, "end": now},
            "quantity": 1,
            "tax_rates": item.get("tax_rates") or [],
            "test_clock": subscription["test_clock"],
        }
        account.put(made)


def _next(account: Account, subscription: Object) -> Object:
    """The invoice of the next renewal."""
    end = next_period_end(account, subscription)
    if subscription["status"] == "trialing":
        end = max(subscription["trial_end"], account.now(subscription["customer"]))
    if _ends_by(account, subscription, end):
        if any(item["proration"] for item in pending_items(account, subscription)):
            return bill(account, subscription, "upcoming", [])
        raise _none_coming(subscription["customer"])
    before = subscription["latest_invoice"]
    _move(account, subscription, end)
    schedule = account.find(subscription["schedule"])
    if schedule and schedule["status"] == "active" and schedule["current_phase"]["end_date"] <= end:
        advance(account, schedule)
        if subscription["latest_invoice"] != before:
            return account.get("invoice", subscription["latest_invoice"])
    if subscription["status"] == "trialing":
        subscription["collection_method"] = "send_invoice"
        end_trial(account, subscription)
    else:
        renew(account, subscription)
    return account.get("invoice", subscription["latest_invoice"])


def _ends_by(account: Account, subscription: Object, end: int) -> bool:
    """Whether a subscription will be over before its next renewal."""
    if subscription["cancel_at"] is not None and subscription["cancel_at"] <= end:
        return True
    schedule = account.find(subscription["schedule"])
    if schedule is None or schedule["status"] != "active" or schedule["end_behavior"] != "cancel":
        return False
    return schedule["phases"][-1]["end_date"] <= end


def _none_coming(customer_id: str) -> StripeError:
    message = f"No upcoming invoices for customer: '{customer_id}'"
    return StripeError(404, "invalid_request_error", message, "invoice_upcoming_none")


def _move(account: Account, subscription: Object, to: int) -> None:
    clock = account.find(subscription["test_clock"])
    if clock:
        clock["frozen_time"] = to
        account.put(clock)
    else:
        account.moment = to


def _preview_cancel(account: Account, subscription: Object, details: Object) -> Object:
    at = details.get("proration_date", account.now(subscription["customer"]))
    if details.get("proration_behavior") != "none":
        proration = Proration(account, subscription, at)
        for item in items_of(account, subscription):
            credit_unused(proration, item)
    return bill(account, subscription, "subscription_update", [])


def _preview_pause(account: Account, subscription: Object, details: Object) -> Object:
    if details.get("resume_at"):
        before = subscription["latest_invoice"]
        resume(account, subscription, {k: details[k] for k in CHANGES[1:] if k in details})
        if subscription["latest_invoice"] != before:
            return account.get("invoice", subscription["latest_invoice"])
        return _next(account, subscription)
    if details.get("pause"):
        pause(account, subscription, details["pause"].get("settings") or {})
        return bill(account, subscription, "upcoming", [])
    raise _none_coming(subscription["customer"])


def _preview_new(account: Account, params: Object, details: Object) -> Object:
    """The first invoice of a subscription that does not exist yet, or the pending items of a customer."""
    if not params.get("customer"):
        raise invalid("You must provide one of `customer`, `subscription` or `schedule`.", "customer")
    customer = account.refer("customer", params["customer"], "customer")
    if details.get("items"):
        wanted = {name: value for name, value in details.items() if name in ("items", "trial_end", "default_tax_rates")}
        wanted |= {"customer": customer["id"], "payment_behavior": "default_incomplete"}
        wanted["discounts"] = params.get("discounts") or []
        subscription = start(account, wanted)
        return account.get("invoice", subscription["latest_invoice"])
    waiting = [i for i in account.all("invoiceitem", customer=customer["id"]) if i["invoice"] is None]
    if not waiting:
        raise _none_coming(customer["id"])
    lines: list[Line] = [line_of_invoice_item(account, item) for item in waiting]
    return make_draft(account, customer, Draft("upcoming", waiting[0]["currency"], lines, is_preview=True))


def _forget_pending(account: Account, subscription: Object) -> None:
    for item in pending_items(account, subscription):
        account.forget(item)


def _dress(account: Account, invoice: Object, params: Object) -> None:
    """Give a rehearsed invoice the marks of a preview."""
    invoice |= {
        "id": "upcoming_" + invoice["id"],
        "status": "draft",
        "number": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "automatically_finalizes_at": None,
    }
    if invoice["billing_reason"] in ("subscription_cycle", "upcoming"):
        invoice["billing_reason"] = "upcoming"
        if invoice["collection_method"] == "charge_automatically":
            invoice["next_payment_attempt"] = invoice["created"] + 3_600
    at = (params.get("subscription_details") or {}).get("proration_date")
    if at and invoice["parent"]:
        invoice["parent"]["subscription_details"]["subscription_proration_date"] = at
    for line in invoice["lines"]:
        line["invoice"] = invoice["id"]
