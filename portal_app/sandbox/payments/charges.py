"""Charges and refunds: the money itself."""

from dataclasses import dataclass, field

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.errors import StripeError, invalid
from portal_app.sandbox.events import changing, emit


def make_charge(account: Account, intent: Object, method: Object, refusal: StripeError | None = None) -> Object:
    """Take the money, or note that the bank refused."""
    is_paid = refusal is None
    subject = intent.get("_invoice") or intent["id"]
    made = account.new("charge", intent["customer"]) | {
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if is_paid else 0,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": account.setting("name").upper()[:22],
        "captured": is_paid,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "fraud_details": part("charge", "fraud_details"),
        "metadata": dict(intent["metadata"]),
        "outcome": _outcome(refusal),
        "paid": is_paid,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"type": "card", "card": _card_details(intent, method)},
        "receipt_email": intent["receipt_email"],
        "status": "succeeded" if is_paid else "failed",
    }
    if is_paid:
        made["receipt_url"] = f"{account.base_url}/_sandbox/receipts/{made['id']}"
    else:
        made["failure_code"], made["failure_message"] = refusal.code, str(refusal)
    account.put(made)
    account.count("charge" if is_paid else "declined_charge", subject)
    emit(account, "charge.succeeded" if is_paid else "charge.failed", made)
    return made


def _outcome(refusal: StripeError | None) -> Object:
    if refusal is None:
        return part(
            "charge",
            "outcome",
            network_status="approved_by_network",
            risk_level="normal",
            risk_score=12,
            seller_message="Payment complete.",
            type="authorized",
        )
    return part(
        "charge",
        "outcome",
        network_status="declined_by_network",
        reason=refusal.error.get("decline_code"),
        risk_level="normal",
        risk_score=12,
        seller_message="The bank did not return any further details with this decline.",
        type="issuer_declined",
        advice_code=refusal.error.get("advice_code"),
    )


def _card_details(intent: Object, method: Object) -> Object:
    card = method["card"]
    same = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "regulated_status")
    return part(
        "charge",
        "payment_method_details.card",
        **{name: card[name] for name in same},
        amount_authorized=intent["amount"],
        checks={"cvc_check": "pass"},
        network=card["brand"],
        three_d_secure=None,
    )


@dataclass(frozen=True)
class Refund:
    """What is to be given back; without an amount, all that is left."""

    amount: int | None = None
    reason: str | None = None
    metadata: Object = field(default_factory=dict)


def refund(account: Account, charge: Object, wanted: Refund) -> Object:
    """Give money back, at most what is left of a charge."""
    left = charge["amount"] - charge["amount_refunded"]
    if not charge["paid"]:
        raise invalid("This charge did not succeed and therefore cannot be refunded.", "charge")
    if left == 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = left if wanted.amount is None else wanted.amount
    if amount <= 0:
        raise invalid("Invalid positive integer", "amount", "parameter_invalid_integer")
    if amount > left:
        raise invalid(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", "amount")
    made = account.new("refund", charge["customer"]) | {
        "amount": amount,
        "charge": charge["id"],
        "currency": charge["currency"],
        "customer": charge["customer"],
        "destination_details": {"card": part("refund", "destination_details.card", type="refund"), "type": "card"},
        "metadata": dict(wanted.metadata),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": wanted.reason,
        "status": "succeeded",
    }
    account.put(made)
    account.count("refund", charge["id"])
    emit(account, "refund.created", made)
    with changing(account, charge, "charge.refunded"):
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    return made
