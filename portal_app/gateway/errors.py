"""Turns what the stripe package raises into what the portal understands, without a secret or a name in it."""

import logging
from typing import NoReturn

import stripe

from portal_app.kit.errors import CardDeclined, Conflict, GatewayError, NotFound, PortalError
from portal_app.kit.i18n import N_

log = logging.getLogger(__name__)

CHECKING = N_("Our payment provider has not confirmed this yet. We are checking, and nothing will be done twice.")
REFUSED = N_("Our payment provider refused this. Nothing was changed.")
BUSY = N_("Our payment provider is busy. Try again in a moment.")
NOT_CONNECTED = N_("The portal cannot reach its payment provider at the moment. Nothing was changed.")

# The object is no longer in the state that the visitor saw.
_CONFLICT_CODES = frozenset(
    {
        "invoice_not_editable",
        "invoice_already_paid",
        "invoice_payment_intent_requires_action",
        "payment_intent_unexpected_state",
        "resource_already_exists",
        "setup_intent_unexpected_state",
    }
)

_REFUSALS: dict[type[stripe.StripeError], str] = {
    stripe.AuthenticationError: NOT_CONNECTED,
    stripe.PermissionError: NOT_CONNECTED,
    stripe.IdempotencyError: REFUSED,
    stripe.InvalidRequestError: REFUSED,
}


def translate(error: stripe.StripeError, *, is_change: bool) -> PortalError:
    """The portal's error for one of Stripe's.

    `is_change` says whether the request would have changed something: only then a missing answer leaves the outcome
    unknown.
    """
    status, code = error.http_status, error.code or ""
    # Stripe's own sentence may quote what was sent; type, code and request id are enough to find it there.
    log.warning("stripe: %s status=%s code=%s request=%s", type(error).__name__, status, code, error.request_id)
    if isinstance(error, stripe.CardError):
        decline_code = (error.error and getattr(error.error, "decline_code", None)) or code
        return CardDeclined(decline_code=decline_code)
    if status == 404:
        return NotFound()
    if isinstance(error, stripe.RateLimitError):
        return GatewayError(BUSY)
    if code in _CONFLICT_CODES:
        return Conflict()
    if type(error) in _REFUSALS:
        return GatewayError(_REFUSALS[type(error)], is_final=True)
    return _unanswered(error, is_change)


def _unanswered(error: stripe.StripeError, is_change: bool) -> GatewayError:
    """No answer, or none that says what was done."""
    if not is_change:
        return GatewayError(NOT_CONNECTED)
    # A saved 5xx is replayed for the same key for ever: what was done then can only be looked up.
    is_replayed = str((error.headers or {}).get("Idempotent-Replayed", "")).lower() == "true"
    return GatewayError(CHECKING, is_unknown=True, is_final=is_replayed)


def raise_translated(error: stripe.StripeError, *, is_change: bool) -> NoReturn:
    """Raise the portal's error; the original's text stays behind, it may hold a key or an address."""
    raise translate(error, is_change=is_change) from None
