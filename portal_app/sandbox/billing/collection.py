"""Collects open invoices: the first attempt, the retries, and giving up."""

from dataclasses import dataclass

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.endings import end_subscription
from portal_app.sandbox.billing.intervals import DAY
from portal_app.sandbox.billing.invoices import add_payment, mark_paid, open_payment, subscription_of
from portal_app.sandbox.billing.standing import payment_failed, set_status
from portal_app.sandbox.errors import StripeError, invalid
from portal_app.sandbox.events import changing, emit
from portal_app.sandbox.payments.bank import Occasion
from portal_app.sandbox.payments.cards import FINAL_REASONS
from portal_app.sandbox.payments.intents import choose_method, confirm_payment, new_payment_intent

NO_METHOD = (
    "This customer has no attached payment source or default payment method. Please consider adding a default payment "
    "method. For more information, visit "
    "https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority."
)


@dataclass(frozen=True)
class Attempt:
    """How an invoice is to be collected."""

    method: str | None = None
    is_off_session: bool = True
    is_automatic: bool = True


def method_of(account: Account, invoice: Object) -> str | None:
    """The payment method an invoice is charged to: its own, its subscription's, its customer's."""
    own = invoice["default_payment_method"]
    return own or default_method(account, invoice["customer"], subscription_of(account, invoice))


def default_method(account: Account, customer_id: str, subscription: Object | None) -> str | None:
    """The payment method that renewals go to. A subscription's own is never replaced by its customer's."""
    own = subscription["default_payment_method"] if subscription else None
    return own or account.get("customer", customer_id)["invoice_settings"]["default_payment_method"]


def collect(account: Account, invoice: Object, attempt: Attempt) -> StripeError | None:
    """Try to collect an open invoice; the refusal, if there was one.

    An invoice whose customer must approve the payment stays open without a refusal.
    """
    method = attempt.method or method_of(account, invoice)
    _count_attempt(invoice, attempt)
    if method is None:
        account.put(invoice)
        _note_failure(account, invoice, attempt, None)
        return invalid(NO_METHOD, code="resource_missing")
    intent = _intent_of(account, invoice)
    try:
        choose_method(account, intent, method)
        confirm_payment(account, intent, Occasion(attempt.is_off_session))
    except StripeError as refusal:
        invoice["_refused"] = {"method": method, "reason": refusal.error.get("decline_code")}
        _note_failure(account, invoice, attempt, refusal)
        return refusal
    if intent["status"] == "succeeded":
        mark_paid(account, invoice, invoice["amount_remaining"])
        return None
    account.put(invoice)
    emit(account, "invoice.payment_action_required", invoice)
    payment_failed(account, invoice)
    return None


def settle_by_intent(account: Account, intent: Object) -> None:
    """Mark the invoice paid whose payment intent has just succeeded outside of `pay`."""
    invoice = account.find(intent.get("_invoice"))
    if invoice and invoice["status"] in ("open", "uncollectible"):
        invoice["attempted"] = True
        invoice["attempt_count"] = max(1, invoice["attempt_count"])
        mark_paid(account, invoice, invoice["amount_remaining"])


def fail_by_intent(account: Account, intent: Object) -> None:
    """Note on the invoice that its payment intent was refused outside of `pay`."""
    invoice = account.find(intent.get("_invoice"))
    if invoice and invoice["status"] == "open":
        _count_attempt(invoice, Attempt(is_automatic=False))
        account.put(invoice)
        emit(account, "invoice.payment_failed", invoice)


def _count_attempt(invoice: Object, attempt: Attempt) -> None:
    # Only the first manual attempt counts: `attempt_count` is what the retry schedule goes by.
    if attempt.is_automatic or invoice["attempt_count"] == 0:
        invoice["attempt_count"] += 1
    invoice["attempted"] = True


def _intent_of(account: Account, invoice: Object) -> Object:
    payment = open_payment(account, invoice)
    if payment is None:
        intent = new_payment_intent(
            account, invoice["customer"], invoice["amount_remaining"], invoice["currency"], _invoice=invoice["id"]
        )
        account.put(intent)
        add_payment(account, invoice, intent)
        return intent
    intent = account.get("payment_intent", payment["payment"]["payment_intent"])
    intent["amount"] = invoice["amount_remaining"]
    return intent


def _note_failure(account: Account, invoice: Object, attempt: Attempt, refusal: StripeError | None) -> None:
    with changing(account, invoice, "invoice.updated"):
        if attempt.is_automatic:
            _schedule_retry(account, invoice)
    emit(account, "invoice.payment_failed", invoice)
    if refusal and refusal.code == "authentication_required":
        emit(account, "invoice.payment_action_required", invoice)
    payment_failed(account, invoice)


def _schedule_retry(account: Account, invoice: Object) -> None:
    """Set the next attempt; the first invoice of a subscription has none, it expires instead."""
    schedule = account.setting("retry_days")
    done = invoice.get("_retries", 0)
    invoice["next_payment_attempt"] = None
    if invoice["billing_reason"] != "subscription_create" and invoice["auto_advance"] and done < len(schedule):
        invoice["next_payment_attempt"] = account.now(invoice["customer"]) + schedule[done] * DAY
        invoice["_retries"] = done + 1


def retry(account: Account, invoice: Object) -> None:
    """The next attempt of the schedule; after the last one, the merchant's setting decides.

    A card that was refused for good is not asked again, though its schedule runs on.
    """
    refused = invoice.get("_refused") or {}
    method = method_of(account, invoice)
    if method is None or (refused.get("method") == method and refused.get("reason") in FINAL_REASONS):
        with changing(account, invoice, "invoice.updated"):
            _schedule_retry(account, invoice)
    else:
        collect(account, invoice, Attempt())
    if invoice["status"] == "open" and invoice["next_payment_attempt"] is None:
        give_up(account, invoice)


def give_up(account: Account, invoice: Object) -> None:
    """What happens when the last retry failed."""
    subscription = subscription_of(account, invoice)
    if subscription is None or subscription["status"] not in ("past_due", "active"):
        return
    outcome = account.setting("after_retries")
    if outcome == "cancel":
        end_subscription(account, subscription, "payment_failed")
    elif outcome == "unpaid":
        set_status(account, subscription, "unpaid")
