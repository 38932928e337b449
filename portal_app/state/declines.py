"""Why a payment did not go through, in words that help, and always whether money moved."""

from portal_app.kit.clock import billing_now
from portal_app.kit.i18n import N_
from portal_app.services.cards import PaymentMethod
from portal_app.state.cards import say_last_month, say_method
from portal_app.state.speech import Speech

_OTHER = N_("The bank declined {card}, so no money was taken.")
# What a bank means by lost, stolen or suspicious is between the bank and its customer.
# Source: https://docs.stripe.com/declines/codes
_REASONS = {
    "authentication_required": N_("The bank wanted {card} to be confirmed, so no money was taken."),
    "card_velocity_exceeded": N_("{card} has reached its limit, so no money was taken."),
    "expired_card": N_("{card} has expired, so no money was taken."),
    "incorrect_cvc": N_("The security code of {card} was wrong, so no money was taken."),
    "incorrect_number": N_("The number of {card} was wrong, so no money was taken."),
    "insufficient_funds": N_("There was not enough money on {card}, so nothing was taken."),
    "processing_error": N_("The bank of {card} could not be reached, so no money was taken."),
    "withdrawal_count_limit_exceeded": N_("{card} has reached its limit, so no money was taken."),
}


def say_decline(code: str, method: PaymentMethod | None, say: Speech) -> str:
    """One sentence: which card, why, and that no money was taken."""
    _ = say.words
    card = say_method(method, say) or _("the card")
    if method and method.is_expired(billing_now()):
        return _("{card} expired in {month}, so no money was taken.", card=card, month=say_last_month(method, say))
    return _(_REASONS.get(code, _OTHER), card=card)
