"""Refusals that a customer is meant to read; anything else is a bug and shown as one calm sentence."""

from typing import ClassVar

from portal_app.kit.i18n import N_


class PortalError(Exception):
    """A refusal with a stable `code` and a sentence.

    The sentence is an English catalogue key; holes are filled and translated where it is shown.
    """

    code: ClassVar[str] = "portal_error"
    sentence: ClassVar[str] = N_("That did not work.")

    def __init__(self, sentence: str = "", **holes: str | int) -> None:
        self.text = sentence or self.sentence
        self.holes = holes
        super().__init__(f"{self.code}: {self.text}")


class NotFound(PortalError):
    """It does not exist, or it is another customer's: the two read the same."""

    code = "not_found"
    sentence = N_("We cannot find this.")


class NotAllowed(PortalError):
    """The merchant has switched this off, or this visitor may not do it."""

    code = "not_allowed"
    sentence = N_("This is not offered here.")


class Conflict(PortalError):
    """Something changed since the visitor looked."""

    code = "conflict"
    sentence = N_("This has changed in the meantime. Look again before you go on.")


class SignInRequired(PortalError):
    """Nobody is signed in, or the session has ended."""

    code = "sign_in_required"
    sentence = N_("Sign in to go on.")


class TooManyRequests(PortalError):
    """Asked too often.

    Attributes:
        retry_after_seconds: when asking again may work.
    """

    code = "too_many_requests"
    sentence = N_("Too many tries. Wait a little and try again.")

    def __init__(self, sentence: str = "", *, retry_after_seconds: int = 60, **holes: str | int) -> None:
        super().__init__(sentence, **holes)
        self.retry_after_seconds = retry_after_seconds


class InvalidInput(PortalError):
    """What was typed cannot be used; `field` says which input."""

    code = "invalid_input"
    sentence = N_("Check what you typed.")

    def __init__(self, sentence: str = "", *, field: str = "", **holes: str | int) -> None:
        super().__init__(sentence, **holes)
        self.field = field


class GatewayError(PortalError):
    """Stripe did not do what we asked.

    Attributes:
        is_final: asking again would get the same answer.
        is_unknown: the request may have been carried out; only Stripe can tell.
    """

    code = "gateway_error"
    sentence = N_("Our payment provider did not answer. Nothing was changed.")

    def __init__(
        self, sentence: str = "", *, is_final: bool = False, is_unknown: bool = False, **holes: str | int
    ) -> None:
        super().__init__(sentence, **holes)
        self.is_final = is_final
        self.is_unknown = is_unknown


class CardDeclined(GatewayError):
    """The bank refused the card; `decline_code` is Stripe's word for why."""

    code = "card_declined"
    sentence = N_("Your bank declined this card. No money was taken.")

    def __init__(self, sentence: str = "", *, decline_code: str = "") -> None:
        super().__init__(sentence, is_final=True)
        self.decline_code = decline_code
