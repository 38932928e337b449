"""How a subscription starts, and how it comes to its invoices."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.catalogue import is_free
from portal_app.sandbox.billing.collection import NO_METHOD, Attempt, collect
from portal_app.sandbox.billing.discounts import Owner, live, redeem
from portal_app.sandbox.billing.endings import pending_items, take_end
from portal_app.sandbox.billing.intervals import DAY, boundary_after, period_before
from portal_app.sandbox.billing.invoices import HOUR, Draft, finalize, make_draft, note_discounts_used
from portal_app.sandbox.billing.items import check_items, make_item
from portal_app.sandbox.billing.lines import Line, item_line, line_of_invoice_item
from portal_app.sandbox.billing.money import share
from portal_app.sandbox.billing.standing import items_of
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.errors import StripeError, invalid
from portal_app.sandbox.events import changing, emit
from portal_app.sandbox.values import assign

PLAIN = ("description", "days_until_due", "default_payment_method", "on_behalf_of")
FIRST_INVOICE_LIVES = 23 * HOUR


def start(account: Account, params: Object, *, is_scheduled: bool = False) -> Object:
    """Create a subscription with its first invoice, paid inside the request where that is asked for.

    Raises:
        StripeError: `error_if_incomplete` and the payment failed; nothing is kept then.
    """
    customer = account.refer("customer", params["customer"], "customer")
    subscription = _make(account, customer, params)
    _check_method(account, subscription, customer, params)
    owner = Owner(customer, subscription["id"])
    subscription["discounts"] = redeem(account, params.get("discounts"), owner)
    subscription["items"] = _items(account, subscription, params)
    take_end(
        account, subscription, {k: v for k, v in params.items() if k in ("cancel_at", "cancel_at_period_end") and v}
    )
    account.put(subscription)
    customer["currency"] = customer["currency"] or subscription["currency"]
    account.put(customer)
    account.count("subscription_created", subscription["id"])
    emit(account, "customer.subscription.created", subscription)
    _bill_first(account, subscription, params, is_scheduled)
    return subscription


def _make(account: Account, customer: Object, params: Object) -> Object:
    now = account.now(customer)
    trial_end = _trial_end(params, now)
    prices = check_items(account, params.get("items") or [], "items")
    mode = (params.get("billing_mode") or {}).get("type", "flexible")
    collection_method = params.get("collection_method", "charge_automatically")
    missing = ((params.get("trial_settings") or {}).get("end_behavior") or {}).get(
        "missing_payment_method", "create_invoice"
    )
    made = account.new("subscription", customer) | {
        "billing_cycle_anchor": trial_end or params.get("billing_cycle_anchor") or now,
        "billing_mode": _mode(mode, now),
        "cancellation_details": part("subscription", "cancellation_details"),
        "collection_method": collection_method,
        "currency": (params.get("currency") or prices[0]["currency"]).lower(),
        "default_tax_rates": tax_rates(account, params.get("default_tax_rates"), "default_tax_rates"),
        "invoice_settings": part("subscription", "invoice_settings", issuer={"type": "self"}),
        "items": [],
        "payment_settings": part("subscription", "payment_settings", save_default_payment_method="off"),
        "start_date": now,
        "status": "trialing" if trial_end else "incomplete",
        "test_clock": customer["test_clock"],
        "trial_end": trial_end,
        "trial_settings": part("subscription", "trial_settings", end_behavior={"missing_payment_method": missing}),
        "trial_start": now if trial_end else None,
    }
    assign(made, params, *PLAIN)
    if collection_method == "send_invoice":
        if not made["days_until_due"]:
            made["days_until_due"] = params.get("days_until_due", 30)
        made["status"] = "trialing" if trial_end else "active"
    take_payment_settings(made, params)
    if made["billing_cycle_anchor"] < now:
        raise invalid("`billing_cycle_anchor` must be in the future.", "billing_cycle_anchor")
    return made


def _mode(mode: str, now: int) -> Object:
    if mode == "classic":
        return part("subscription", "billing_mode", type="classic")
    flexible = {"proration_discounts": "included"}
    return part("subscription", "billing_mode", type="flexible", flexible=flexible, updated_at=now)


def take_payment_settings(subscription: Object, params: Object) -> None:
    """Take over the payment settings."""
    if params.get("payment_settings"):
        given = {k: v or None for k, v in params["payment_settings"].items()}
        subscription["payment_settings"] = part(
            "subscription", "payment_settings", **(subscription["payment_settings"] | given)
        )


def _trial_end(params: Object, now: int) -> int | None:
    wanted = params.get("trial_end")
    if wanted == "now":
        return None
    if wanted:
        if int(wanted) <= now:
            raise invalid("`trial_end` must be in the future.", "trial_end")
        return int(wanted)
    days = params.get("trial_period_days")
    return now + days * DAY if days else None


def tax_rates(account: Account, ids: list[str] | str | None, param: str) -> list[str]:
    """Tax rates that exist, by id."""
    return [account.refer("tax_rate", rate, param)["id"] for rate in ids or []]


def _check_method(account: Account, subscription: Object, customer: Object, params: Object) -> None:
    method_id = subscription["default_payment_method"]
    if method_id:
        check_owner(account, method_id, customer["id"])
        return
    has_one = customer["invoice_settings"]["default_payment_method"]
    waits = params.get("payment_behavior") == "default_incomplete" or subscription["status"] != "incomplete"
    if has_one or waits:
        return
    prices = [account.get("price", item["price"]) for item in params["items"]]
    if not all(is_free(price) for price in prices):
        raise invalid(NO_METHOD, code="resource_missing")


def check_owner(account: Account, method_id: str, customer_id: str) -> None:
    """Refuse somebody else's payment method."""
    method = account.refer("payment_method", method_id, "default_payment_method")
    if method["customer"] != customer_id:
        raise invalid(
            f"The customer does not have a payment method with the ID {method_id}. The payment method must be attached "
            "to the customer.",
            "default_payment_method",
            "resource_missing",
        )


def _items(account: Account, subscription: Object, params: Object) -> list[str]:
    start_at, anchor = subscription["start_date"], subscription["billing_cycle_anchor"]
    made = []
    for place, wanted in enumerate(params["items"]):
        item = make_item(account, subscription, wanted, f"items[{place}]")
        recurring = account.get("price", item["price"])["recurring"]
        end = anchor if anchor > start_at else boundary_after(anchor, recurring, start_at)
        item |= {"current_period_start": start_at, "current_period_end": end}
        account.put(item)
        made.append(item["id"])
    return made


def _bill_first(account: Account, subscription: Object, params: Object, is_scheduled: bool) -> None:
    is_trial = subscription["status"] == "trialing"
    lines = [_first_line(account, subscription, item, params) for item in items_of(account, subscription)]
    invoice = bill(account, subscription, "subscription_create", lines)
    if is_scheduled:
        # A schedule's first invoice stays a draft for about an hour; the subscription runs meanwhile.
        subscription["status"] = "trialing" if is_trial else "active"
        account.put(subscription)
        finalize_later(account, invoice)
        return
    if subscription["collection_method"] == "send_invoice" and not is_trial:
        finalize_later(account, invoice)
        return
    finalize(account, invoice)
    if invoice["status"] == "paid":
        return
    behavior = params.get("payment_behavior", "allow_incomplete")
    if behavior == "default_incomplete":
        return
    refusal = collect(account, invoice, Attempt(is_off_session=bool(params.get("off_session"))))
    if behavior == "error_if_incomplete" and invoice["status"] != "paid":
        raise refused_for_good(refusal)


def refused_for_good(refusal: StripeError | None) -> StripeError:
    """The refusal of a whole request, which leaves nothing behind: 402, also where the bank only wanted to ask."""
    refusal = refusal or StripeError(
        402,
        "card_error",
        "Payment for this subscription requires additional user action before it can be completed.",
        "subscription_payment_intent_requires_action",
    )
    refusal.status, refusal.keeps_work = 402, False
    return refusal


def _first_line(account: Account, subscription: Object, item: Object, params: Object) -> Line:
    is_trial = subscription["status"] == "trialing"
    line = item_line(account, subscription, item, is_trial=is_trial)
    anchor, now = subscription["billing_cycle_anchor"], subscription["start_date"]
    if is_trial or anchor <= now:
        return line
    # The cycle is anchored in the future: only the part up to it is billed now.
    recurring = account.get("price", item["price"])["recurring"]
    whole = anchor - period_before(anchor, recurring, anchor)
    amount = 0 if params.get("proration_behavior") == "none" else share(line.amount, anchor - now, whole)
    return Line(**(vars(line) | {"amount": amount, "is_proration": True}))


def bill(account: Account, subscription: Object, reason: str, lines: list[Line]) -> Object:
    """A draft for a subscription: what waited for it, then the given lines; discounts as they stand."""
    customer = account.get("customer", subscription["customer"])
    now = account.now(customer)
    waiting = pending_items(account, subscription)
    inherited = subscription["discounts"] or ([customer["discount"]] if customer["discount"] else [])
    draft = Draft(
        reason=reason,
        currency=subscription["currency"],
        lines=[line_of_invoice_item(account, item) for item in waiting] + lines,
        subscription=subscription,
        collection_method=subscription["collection_method"],
        discounts=live(account, inherited, now),
        is_preview=account.is_rehearsing,
        period=(subscription.get("_billed_from", now), now) if reason == "subscription_cycle" else None,
    )
    invoice = make_draft(account, customer, draft)
    for item in waiting:
        item["invoice"] = invoice["id"]
        account.put(item)
    note_debits(account, invoice)
    note_discounts_used(account, invoice)
    with changing(account, subscription, None if reason == "subscription_create" else "customer.subscription.updated"):
        subscription["latest_invoice"] = invoice["id"]
        subscription["_billed_from"] = now
    return invoice


def note_debits(account: Account, invoice: Object) -> None:
    """Remember what was debited for each item, less its discounts: prorations credit a part of it."""
    for line in invoice["lines"]:
        item = account.find(line["_item"])
        if item is None or line["amount"] < 0 or item["object"] != "subscription_item":
            continue
        if line["_is_proration"] and item.get("_debit", {}).get("start") == line["period"]["start"]:
            item["_debit"] |= {"invoice": invoice["id"], "line": line["id"]}
        else:
            taken = sum(entry["amount"] for entry in line["discount_amounts"])
            item["_debit"] = {
                "amount": line["amount"] - taken,
                "start": line["period"]["start"],
                "end": line["period"]["end"],
                "invoice": invoice["id"],
                "line": line["id"],
            }
        account.put(item)


def finalize_later(account: Account, invoice: Object) -> None:
    """Have a draft finalized about an hour from now."""
    invoice["automatically_finalizes_at"] = account.now(invoice["customer"]) + HOUR
    account.put(invoice)
