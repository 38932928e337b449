"""Stripe's test cards, and how a bank answers to each.

Source: https://docs.stripe.com/testing
"""

from dataclasses import dataclass
from enum import StrEnum

from portal_app.sandbox.errors import StripeError, card_error


class Bank(StrEnum):
    """How the bank behaves."""

    ACCEPTS = "accepts"
    DECLINES = "declines"
    DECLINES_CHARGES = "declines_charges"
    ASKS_ALWAYS = "asks_always"
    ASKS_UNLESS_SET_UP = "asks_unless_set_up"
    ASKS_ON_SESSION = "asks_on_session"
    ASKS_THEN_DECLINES = "asks_then_declines"
    DISPUTES = "disputes"


@dataclass(frozen=True)
class TestCard:
    """One test card: its number, the names it goes by, and its bank."""

    __test__ = False

    number: str
    names: tuple[str, ...]
    bank: Bank = Bank.ACCEPTS
    reason: str = ""
    brand: str = "visa"
    country: str = "US"
    funding: str = "credit"

    @property
    def last4(self) -> str:
        """The digits that may be shown."""
        return self.number[-4:]


CARDS = (
    TestCard("4242424242424242", ("visa",)),
    TestCard("4000056655665556", ("visa_debit",), funding="debit"),
    TestCard("5555555555554444", ("mastercard",), brand="mastercard"),
    TestCard("5200828282828210", ("mastercard_debit",), brand="mastercard", funding="debit"),
    TestCard("378282246310005", ("amex",), brand="amex"),
    TestCard("6011111111111117", ("discover",), brand="discover"),
    TestCard("3056930009020004", ("diners",), brand="diners"),
    TestCard("3566002020360505", ("jcb",), brand="jcb", country="JP"),
    TestCard("4000002760000016", ("de",), country="DE"),
    TestCard("4000000000000002", ("visa_chargeDeclined", "chargeDeclined"), Bank.DECLINES, "generic_decline"),
    TestCard(
        "4000000000009995",
        ("visa_chargeDeclinedInsufficientFunds", "chargeDeclinedInsufficientFunds"),
        Bank.DECLINES,
        "insufficient_funds",
    ),
    TestCard("4000000000009987", ("visa_chargeDeclinedLostCard", "chargeDeclinedLostCard"), Bank.DECLINES, "lost_card"),
    TestCard(
        "4000000000009979", ("visa_chargeDeclinedStolenCard", "chargeDeclinedStolenCard"), Bank.DECLINES, "stolen_card"
    ),
    TestCard(
        "4000000000006975",
        ("visa_chargeDeclinedVelocityLimitExceeded", "chargeDeclinedVelocityLimitExceeded"),
        Bank.DECLINES,
        "card_velocity_exceeded",
    ),
    TestCard("4000000000000069", ("chargeDeclinedExpiredCard",), Bank.DECLINES, "expired_card"),
    TestCard("4000000000000127", ("chargeDeclinedIncorrectCvc",), Bank.DECLINES, "incorrect_cvc"),
    TestCard("4000000000000119", ("chargeDeclinedProcessingError",), Bank.DECLINES, "processing_error"),
    TestCard("4242424242424241", (), Bank.DECLINES, "incorrect_number"),
    TestCard("4000000000000341", ("chargeCustomerFail",), Bank.DECLINES_CHARGES, "generic_decline"),
    TestCard("4000002500003155", ("authenticationRequiredOnSetup",), Bank.ASKS_UNLESS_SET_UP),
    TestCard("4000002760003184", ("authenticationRequired",), Bank.ASKS_ALWAYS),
    TestCard("4000003800000446", ("authenticationRequiredSetupForOffSession",), Bank.ASKS_ON_SESSION),
    TestCard(
        "4000008260003178",
        ("authenticationRequiredChargeDeclinedInsufficientFunds",),
        Bank.ASKS_THEN_DECLINES,
        "insufficient_funds",
    ),
    TestCard("4000000000003220", ("threeDSecure2Required",), Bank.ASKS_ALWAYS),
    TestCard("4000000000003063", ("threeDSecureRequired",), Bank.ASKS_ALWAYS),
    TestCard("4000000000003055", ("threeDSecureOptional",)),
    TestCard("4000000000000259", ("createDispute",), Bank.DISPUTES),
)
BY_NAME = {name: card for card in CARDS for name in card.names}
BY_NUMBER = {card.number: card for card in CARDS}

# Reasons that are a code of their own; every other one is a `card_declined` with a decline code.
OWN_CODES = frozenset({"expired_card", "incorrect_cvc", "processing_error", "incorrect_number"})
# A bank that says one of these says it for good: no retry will help.
FINAL_REASONS = frozenset({"lost_card", "stolen_card", "incorrect_number", "authentication_required", "pickup_card"})
MESSAGES = {
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "incorrect_number": "Your card number is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "insufficient_funds": "Your card has insufficient funds.",
    "card_velocity_exceeded": "Your card was declined for making repeated attempts too frequently or exceeding its "
    "amount limit.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
}


def decline(reason: str) -> StripeError:
    """The error that a bank's refusal becomes."""
    message = MESSAGES.get(reason, "Your card was declined.")
    if reason in OWN_CODES:
        return card_error(message, reason, reason)
    code = "authentication_required" if reason == "authentication_required" else "card_declined"
    advice = "do_not_try_again" if reason in FINAL_REASONS else "try_again_later"
    return card_error(message, code, reason, advice_code=advice)


def is_luhn(number: str) -> bool:
    """Whether a card number's check digit is right."""
    digits = [int(d) for d in reversed(number)]
    doubled = [sum(divmod(d * 2, 10)) for d in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def card_for_number(number: str) -> TestCard:
    """The test card of a number; any other valid number is an ordinary Visa.

    Raises:
        StripeError: the number cannot be one.
    """
    digits = number.replace(" ", "")
    known = BY_NUMBER.get(digits)
    if known and known.reason != "incorrect_number":
        return known
    if not digits.isdigit() or not 13 <= len(digits) <= 19 or not is_luhn(digits):
        raise decline("incorrect_number")
    return TestCard(digits, ())
