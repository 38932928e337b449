"""What the portal asks of Stripe, in Stripe's words; everything comes back as plain JSON."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, Protocol

from portal_app.gateway.kinds import Json, Kind

__all__ = ["Gateway", "Json", "Kind"]


class Gateway(Protocol):
    """The only door to Stripe.

    Every call may raise `GatewayError` (see its `is_final` and `is_unknown`), `CardDeclined`, `Conflict` or
    `NotFound`. What changes something takes an idempotency key, so that asking again does it once.
    """

    def account(self) -> Json:
        """The account behind the key."""
        ...

    def retrieve(self, kind: Kind, object_id: str) -> Json:
        """One object as the mirror keeps it, with every line, item, payment and tax id it has.

        A deleted customer comes back as `{"deleted": true}`; other deleted objects raise `NotFound`.
        """
        ...

    def pages(
        self, kind: Kind, *, created_since: int | None = None, starting_after: str = "", customer_id: str = ""
    ) -> Iterator[Sequence[Json]]:
        """All objects of a kind, newest first, a page at a time, each as complete as `retrieve` gives it.

        `created_since` is in Unix seconds; `starting_after` is the last id already seen.
        """
        ...

    def update_subscription(
        self,
        subscription_id: str,
        *,
        idempotency_key: str,
        cancel_at_period_end: bool | None = None,
        cancellation_details: Mapping[str, str] | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Json:
        """Change what is given, leave the rest; an empty text clears a value or removes a metadata key."""
        ...

    def cancel_subscription(
        self,
        subscription_id: str,
        *,
        idempotency_key: str,
        cancellation_details: Mapping[str, str] | None = None,
        invoice_now: bool = False,
        prorate: bool = False,
    ) -> Json:
        """End it at once, for good; Stripe also stops collecting its open invoices."""
        ...

    def create_invoice_preview(
        self,
        *,
        subscription: str,
        subscription_details: Mapping[str, Any] | None = None,
        preview_mode: Literal["next", "recurring"] = "next",
    ) -> Json:
        """The invoice that would come next, with every line; nothing is kept at Stripe."""
        ...

    def events(
        self, *, types: Sequence[str] = (), delivery_success: bool | None = None, created_since: int | None = None
    ) -> Iterator[Sequence[Json]]:
        """Events of the last 30 days, newest first, a page at a time."""
        ...

    def create_webhook_endpoint(self, *, url: str) -> Json:
        """Have the portal's events sent to `url` in the pinned version; the answer's `secret` is shown only now."""
        ...
