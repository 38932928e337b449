"""The life of an invoice: draft, open, paid, void, uncollectible."""

from collections.abc import Callable
from dataclasses import dataclass, field

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing import balance, discounts
from portal_app.sandbox.billing.intervals import DAY
from portal_app.sandbox.billing.lines import Line, make_line
from portal_app.sandbox.billing.money import minimum_charge
from portal_app.sandbox.billing.totals import total
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.events import changing, emit
from portal_app.sandbox.payments.intents import new_payment_intent

HOUR = 3_600
Listener = Callable[[Account, Object], None]
# What follows from an invoice's end, for its subscription; filled by the modules that know.
when_paid: list[Listener] = []
when_closed: list[Listener] = []


@dataclass(frozen=True)
class Draft:
    """What a new invoice is to be."""

    reason: str
    currency: str
    lines: list[Line] = field(default_factory=list)
    subscription: Object | None = None
    collection_method: str = "charge_automatically"
    discounts: list[str] = field(default_factory=list)
    is_preview: bool = False
    period: tuple[int, int] | None = None


def subscription_of(account: Account, invoice: Object) -> Object | None:
    """The subscription that an invoice belongs to."""
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    return account.find(details.get("subscription"))


def make_draft(account: Account, customer: Object, draft: Draft) -> Object:
    """A new draft, added up, kept and told of."""
    now = account.now(customer)
    start, end = draft.period or (now, now)
    made = account.new("invoice", customer) | {
        "account_country": account.setting("country"),
        "account_name": account.setting("name"),
        "amount_paid_off_stripe": 0,
        "auto_advance": True,
        "billing_reason": draft.reason,
        "collection_method": draft.collection_method,
        "currency": draft.currency,
        "default_tax_rates": [],
        "discounts": list(draft.discounts),
        "issuer": part("invoice", "issuer", type="self"),
        "lines": [],
        "payment_settings": part("invoice", "payment_settings"),
        "period_start": start,
        "period_end": end,
        "status": "draft",
        "test_clock": customer["test_clock"],
        "total_pretax_credit_amounts": [],
        "_is_preview": draft.is_preview,
    }
    copy_customer(account, made, customer)
    if draft.subscription:
        _copy_subscription(account, made, draft.subscription)
    made["lines"] = [make_line(account, made, line) for line in draft.lines]
    total(account, made)
    account.put(made)
    emit(account, "invoice.created", made)
    return made


def copy_customer(account: Account, invoice: Object, customer: Object) -> None:
    """Note on a draft who the customer is now; a finalized invoice keeps what it says."""
    invoice |= {
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "customer_shipping": customer["shipping"],
        "customer_tax_exempt": customer["tax_exempt"],
        "customer_tax_ids": [
            part("invoice", "customer_tax_ids", type=t["type"], value=t["value"])
            for t in account.all("tax_id", customer=customer["id"])
        ],
        "custom_fields": customer["invoice_settings"]["custom_fields"],
        "footer": customer["invoice_settings"]["footer"],
    }


def _copy_subscription(account: Account, invoice: Object, subscription: Object) -> None:
    details = {"metadata": dict(subscription["metadata"]), "subscription": subscription["id"]}
    invoice |= {
        "parent": part("invoice", "parent", type="subscription_details", subscription_details=details),
        "default_tax_rates": list(subscription["default_tax_rates"] or []),
        "_days_until_due": subscription["days_until_due"],
    }


def finalize(account: Account, invoice: Object, *, has_payment: bool = True) -> Object:
    """Turn a draft into a bill: number, due date, balance, and a payment intent where something is due.

    `has_payment=False` leaves the intent out, for bills that will be settled elsewhere.
    """
    if invoice["status"] != "draft":
        raise invalid("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
    if not invoice["lines"]:
        raise invalid("You cannot finalize an invoice with no line items.", code="invoice_no_customer_line_items")
    customer = account.get("customer", invoice["customer"])
    now = account.now(customer)
    copy_customer(account, invoice, customer)
    invoice["status"] = "open"
    total(account, invoice)
    invoice["number"] = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}"
    customer["next_invoice_sequence"] += 1
    customer["currency"] = customer["currency"] or invoice["currency"]
    account.put(customer)
    _use_balance(account, invoice, customer)
    invoice |= {
        "automatically_finalizes_at": None,
        "effective_at": invoice["effective_at"] or now,
        "hosted_invoice_url": f"{account.base_url}/_sandbox/invoices/{invoice['id']}",
        "invoice_pdf": f"{account.base_url}/_sandbox/invoices/{invoice['id']}/pdf",
        "webhooks_delivered_at": now,
    }
    invoice["status_transitions"]["finalized_at"] = now
    if invoice["collection_method"] == "send_invoice" and invoice["due_date"] is None:
        invoice["due_date"] = now + (invoice.get("_days_until_due") or 30) * DAY
    account.put(invoice)
    emit(account, "invoice.finalized", invoice)
    account.count("invoice_finalized", invoice["id"])
    if invoice["amount_due"] == 0:
        mark_paid(account, invoice, 0)
    elif has_payment:
        _prepare_payment(account, invoice)
    return invoice


def _use_balance(account: Account, invoice: Object, customer: Object) -> None:
    start, due = invoice["starting_balance"], invoice["amount_due"]
    moved, kind = invoice["ending_balance"] - start, "applied_to_invoice"
    is_charged = invoice["collection_method"] == "charge_automatically"
    if is_charged and 0 < due < minimum_charge(invoice["currency"]):
        # Too little for a card: it is owed with the next invoice instead.
        moved, kind = due, "invoice_too_small"
        invoice |= {"amount_due": 0, "amount_remaining": 0, "ending_balance": start + due}
    if moved:
        balance.add(account, customer, balance.Entry(moved, invoice["currency"], kind, invoice=invoice["id"]))


def _prepare_payment(account: Account, invoice: Object) -> None:
    subscription = subscription_of(account, invoice)
    intent = new_payment_intent(
        account,
        invoice["customer"],
        invoice["amount_remaining"],
        invoice["currency"],
        capture_method="automatic",
        description="Subscription update" if subscription else "Payment for Invoice",
        receipt_email=invoice["customer_email"],
        _invoice=invoice["id"],
    )
    account.put(intent)
    emit(account, "payment_intent.created", intent)
    add_payment(account, invoice, intent)


def add_payment(account: Account, invoice: Object, intent: Object) -> Object:
    """Note that an intent pays an invoice."""
    made = account.new("invoice_payment", invoice["customer"]) | {
        "amount_requested": invoice["amount_remaining"],
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "status": "open",
        "payment": {"type": "payment_intent", "payment_intent": intent["id"]},
    }
    return account.put(made)


def open_payment(account: Account, invoice: Object) -> Object | None:
    """The invoice's payment that still waits for money."""
    return next((p for p in account.all("invoice_payment", ref=invoice["id"]) if p["status"] == "open"), None)


def mark_paid(account: Account, invoice: Object, amount: int, *, is_out_of_band: bool = False) -> None:
    """Note that an invoice is settled, and let its subscription know."""
    now = account.now(invoice["customer"])
    payment = open_payment(account, invoice)
    with changing(account, invoice, "invoice.updated"):
        invoice |= {
            "amount_paid": amount,
            "amount_paid_off_stripe": amount if is_out_of_band else 0,
            "amount_remaining": 0,
            "attempted": True,
            "auto_advance": False,
            "next_payment_attempt": None,
            "status": "paid",
        }
        invoice["status_transitions"]["paid_at"] = now
    if payment:
        payment |= {"status": "canceled" if is_out_of_band else "paid"}
        payment["amount_paid"] = None if is_out_of_band else amount
        payment["status_transitions"]["canceled_at" if is_out_of_band else "paid_at"] = now
        account.put(payment)
        if not is_out_of_band:
            emit(account, "invoice_payment.paid", payment)
    account.count("invoice_paid", invoice["id"])
    emit(account, "invoice.paid", invoice)
    emit(account, "invoice.payment_succeeded", invoice)
    for listener in when_paid:
        listener(account, invoice)


def close(account: Account, invoice: Object, status: str, reason: str | None = None) -> Object:
    """Void an open invoice, or give up on it."""
    now = account.now(invoice["customer"])
    invoice |= {"status": status, "auto_advance": False, "next_payment_attempt": None}
    if status == "void":
        invoice["status_transitions"]["voided_at"] = now
        cancel_payment(account, invoice)
    else:
        invoice["status_transitions"]["marked_uncollectible_at"] = now
        invoice["status_details"] = part("invoice", "status_details", uncollectible={"reason": reason})
    account.put(invoice)
    emit(account, "invoice.voided" if status == "void" else "invoice.marked_uncollectible", invoice)
    account.count(f"invoice_{status}", invoice["id"])
    for listener in when_closed:
        listener(account, invoice)
    return invoice


def cancel_payment(account: Account, invoice: Object) -> None:
    """Cancel the intent of an invoice that will not be paid."""
    payment = open_payment(account, invoice)
    if payment is None:
        return
    payment["status"] = "canceled"
    payment["status_transitions"]["canceled_at"] = account.now(invoice["customer"])
    account.put(payment)
    intent = account.get("payment_intent", payment["payment"]["payment_intent"])
    intent |= {
        "status": "canceled",
        "cancellation_reason": "void_invoice",
        "canceled_at": account.now(invoice["customer"]),
    }
    account.put(intent)
    emit(account, "payment_intent.canceled", intent)


def note_discounts_used(account: Account, invoice: Object) -> None:
    """Discounts good for one invoice end with the first that they make cheaper; a free trial does not use them up."""
    taken = [entry for line in invoice["lines"] for entry in line["discount_amounts"]]
    discounts.use_up(account, list(dict.fromkeys(entry["discount"] for entry in taken if entry["amount"])))
