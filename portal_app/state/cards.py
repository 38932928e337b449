"""Payment methods in words: "Visa ending 4242"."""

from datetime import UTC, datetime

from portal_app.kit.i18n import N_
from portal_app.services.cards import PaymentMethod
from portal_app.state.speech import Speech

_BRANDS = {
    "visa": "Visa",
    "mastercard": "Mastercard",
    "amex": "American Express",
    "american_express": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "diners_club": "Diners Club",
    "discover": "Discover",
    "eftpos_australia": "eftpos",
    "jcb": "JCB",
    "unionpay": "UnionPay",
}
_OTHERS = {
    "sepa_debit": N_("Bank account"),
    "us_bank_account": N_("Bank account"),
    "acss_debit": N_("Bank account"),
    "au_becs_debit": N_("Bank account"),
    "bacs_debit": N_("Bank account"),
    "customer_balance": N_("Bank transfer"),
    "card": N_("Card"),
    "paypal": "PayPal",
    "link": "Link",
    "amazon_pay": "Amazon Pay",
    "cashapp": "Cash App Pay",
    "revolut_pay": "Revolut Pay",
}
_BANKS = frozenset({"sepa_debit", "us_bank_account", "acss_debit", "au_becs_debit", "bacs_debit", "customer_balance"})


def say_method(method: PaymentMethod | None, say: Speech) -> str:
    """A method as a customer knows it; nothing for none."""
    if method is None:
        return ""
    _ = say.words
    name = _BRANDS.get(method.brand) or _(_OTHERS.get(method.type, N_("Payment method")))
    return _("{name} ending {digits}", name=name, digits=method.last4) if method.last4 else name


def say_expiry(method: PaymentMethod) -> str:
    """When a card ends, as it is printed on it: "08/2029"; nothing where there is no end."""
    return f"{method.exp_month:02d}/{method.exp_year}" if method.exp_year else ""


def say_last_month(method: PaymentMethod, say: Speech) -> str:
    """The month with which a card ends, in a sentence: "October 2026"; nothing where there is no end."""
    # The middle of the month is in that month everywhere.
    return say.month(datetime(method.exp_year, method.exp_month, 15, tzinfo=UTC)) if method.exp_year else ""


def glyph_of(method: PaymentMethod | None) -> str:
    """Which of the kit's card glyphs stands beside the words."""
    if method is None:
        return ""
    return "bank" if method.type in _BANKS else method.brand
