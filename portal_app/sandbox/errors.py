"""Stripe's refusals, in Stripe's own shape."""

from typing import Any

DOCS = "https://stripe.com/docs/error-codes/"


class StripeError(Exception):
    """A refusal as it goes over the wire: an HTTP status and an `error` hash."""

    def __init__(self, status: int, kind: str, message: str, code: str | None = None, **extra: Any) -> None:
        super().__init__(message)
        self.status = status
        self.error: dict[str, Any] = {"type": kind, "message": message}
        if code:
            self.error |= {"code": code, "doc_url": DOCS + code.replace("_", "-")}
        self.error |= {name: value for name, value in extra.items() if value is not None}
        # Nothing is remembered under an idempotency key when a request did not pass validation.
        self.is_validation = False
        # A declined charge is refused and yet leaves its traces: the failed charge, the intent's new state.
        self.keeps_work = False

    @property
    def code(self) -> str | None:
        """The machine-readable reason, where there is one."""
        return self.error.get("code")

    @property
    def body(self) -> dict[str, Any]:
        """What is sent."""
        return {"error": self.error}


def invalid(message: str, param: str | None = None, code: str | None = None, **extra: Any) -> StripeError:
    """A request that cannot be carried out as it stands (400)."""
    return StripeError(400, "invalid_request_error", message, code, param=param, **extra)


def refused_parameter(message: str, param: str, code: str | None = None) -> StripeError:
    """A request refused before any work began (400)."""
    error = invalid(message, param, code)
    error.is_validation = True
    return error


def no_such(noun: str, object_id: str, param: str = "id", status: int = 404) -> StripeError:
    """A reference to something that is not there: 404 for the thing itself, 400 for a parameter."""
    return StripeError(
        status, "invalid_request_error", f"No such {noun}: '{object_id}'", "resource_missing", param=param
    )


def card_error(message: str, code: str, decline_code: str | None = None, **extra: Any) -> StripeError:
    """A card that the bank refuses (402)."""
    return StripeError(402, "card_error", message, code, decline_code=decline_code, **extra)
