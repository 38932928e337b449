"""The door to Stripe, through the stripe package, at one pinned version of the API."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from secrets import token_hex
from typing import Any, Literal

import stripe

from portal_app.environment import environment
from portal_app.gateway.errors import CHECKING, raise_translated
from portal_app.gateway.events import EVENTS
from portal_app.gateway.kinds import SOURCES, Json, Kind, Part, Source
from portal_app.gateway.port import Gateway
from portal_app.kit.errors import GatewayError, PortalError

API_VERSION = "2026-10-28.endive"
TIMEOUT_SECONDS = 10
PAGE_SIZE = 100
# The stripe package never repeats a 429 and does not read Retry-After.
_BUSY_TRIES = 4
_BUSY_LONGEST_SECONDS = 8.0


class StripeGateway:
    """Speaks the pinned version with one key; safe to share between threads."""

    def __init__(self, secret_key: str, api_base: str = "", wait: Callable[[float], None] = time.sleep) -> None:
        # All four or none: a request that goes to the wrong host would carry the key there.
        bases: Any = dict.fromkeys(("api", "connect", "files", "meter_events"), api_base) if api_base else None
        self._client = stripe.StripeClient(
            secret_key,
            stripe_version=API_VERSION,
            base_addresses=bases,
            max_network_retries=2,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        )
        self._wait = wait

    def account(self) -> Json:
        return self._get("/v1/account")

    def retrieve(self, kind: Kind, object_id: str) -> Json:
        source = SOURCES[kind]
        found = self._get(f"{source.path}/{object_id}", **_expand(source.expand))
        return self._complete(source, found)

    def pages(
        self, kind: Kind, *, created_since: int | None = None, starting_after: str = "", customer_id: str = ""
    ) -> Iterator[Sequence[Json]]:
        source = SOURCES[kind]
        parameters: Json = {**(source.list_parameters or {}), **_expand(source.expand, "data.")}
        if created_since is not None:
            parameters["created"] = {"gte": created_since}
        if customer_id:
            parameters["customer"] = customer_id
        for page in self._list(source.path, parameters, starting_after):
            yield [self._complete(source, found) for found in page]

    def update_subscription(
        self,
        subscription_id: str,
        *,
        idempotency_key: str,
        cancel_at_period_end: bool | None = None,
        cancellation_details: Mapping[str, str] | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Json:
        changes = {
            "cancel_at_period_end": cancel_at_period_end,
            "cancellation_details": cancellation_details,
            "metadata": metadata,
        }
        return self._change("post", "subscription", subscription_id, idempotency_key, changes)

    def cancel_subscription(
        self,
        subscription_id: str,
        *,
        idempotency_key: str,
        cancellation_details: Mapping[str, str] | None = None,
        invoice_now: bool = False,
        prorate: bool = False,
    ) -> Json:
        changes = {"cancellation_details": cancellation_details, "invoice_now": invoice_now, "prorate": prorate}
        return self._change("delete", "subscription", subscription_id, idempotency_key, changes)

    def create_invoice_preview(
        self,
        *,
        subscription: str,
        subscription_details: Mapping[str, Any] | None = None,
        preview_mode: Literal["next", "recurring"] = "next",
    ) -> Json:
        parameters = _given(
            {"subscription": subscription, "subscription_details": subscription_details, "preview_mode": preview_mode}
        )
        # A POST that changes nothing: an answer that never comes leaves nothing unknown.
        found = self._request("post", "/v1/invoices/create_preview", {**parameters, "expand": ["discounts"]})
        return self._complete(Source("/v1/invoices", parts=(Part("lines", "/v1/invoices/{id}/lines"),)), found)

    def events(
        self, *, types: Sequence[str] = (), delivery_success: bool | None = None, created_since: int | None = None
    ) -> Iterator[Sequence[Json]]:
        created = {"gte": created_since} if created_since is not None else None
        parameters = _given({"types": list(types) or None, "delivery_success": delivery_success, "created": created})
        return self._list("/v1/events", parameters)

    def create_webhook_endpoint(self, *, url: str) -> Json:
        parameters = {"url": url, "enabled_events": list(EVENTS), "api_version": API_VERSION}
        return self._request("post", "/v1/webhook_endpoints", parameters, idempotency_key=f"portal_{token_hex(16)}")

    def _change(self, method: str, kind: Kind, object_id: str, key: str, changes: Mapping[str, Any]) -> Json:
        source = SOURCES[kind]
        parameters = {**_given(changes), **_expand(source.expand)}
        done = self._request(method, f"{source.path}/{object_id}", parameters, idempotency_key=key)
        try:
            return self._complete(source, done)
        except PortalError:
            # The change is made, and only its description did not arrive: the same key brings it again.
            raise GatewayError(CHECKING, is_unknown=True) from None

    def _complete(self, source: Source, found: Json) -> Json:
        """Fill the lists of which Stripe sent a first page only."""
        for part in source.parts:
            listed = found.get(part.name)
            if listed and listed.get("has_more"):
                path, parameters = part.path.format(id=found["id"]), {part.query: found["id"]} if part.query else {}
                for page in self._list(path, parameters, listed["data"][-1]["id"]):
                    listed["data"].extend(page)
                listed["has_more"] = False
        return found

    def _list(self, path: str, parameters: Mapping[str, Any], starting_after: str = "") -> Iterator[list[Json]]:
        while True:
            cursor = {"starting_after": starting_after} if starting_after else {}
            page = self._get(path, **parameters, **cursor, limit=PAGE_SIZE)
            if page["data"]:
                yield page["data"]
            if not page["has_more"]:
                return
            starting_after = page["data"][-1]["id"]

    def _get(self, path: str, **parameters: Any) -> Json:
        return self._request("get", path, parameters)

    def _request(self, method: str, path: str, parameters: Mapping[str, Any], idempotency_key: str = "") -> Json:
        options = {"idempotency_key": idempotency_key} if idempotency_key else {}
        for attempt in range(_BUSY_TRIES):
            try:
                # The raw body is several times cheaper than the package's objects and is what the mirror keeps.
                answer: Any = self._client.raw_request(method, path, **parameters, **options).data
                return answer
            except stripe.RateLimitError as error:
                # Refused before anything was done, and not remembered under the key.
                if attempt == _BUSY_TRIES - 1:
                    raise_translated(error, is_change=False)
                self._wait(_busy_seconds(error, attempt))
            except stripe.StripeError as error:
                raise_translated(error, is_change=bool(idempotency_key))
        raise AssertionError("unreachable")


def _busy_seconds(error: stripe.StripeError, attempt: int) -> float:
    """How long to stay away: what Stripe asks for, within a bound, and never the same for two clients."""
    asked = str((error.headers or {}).get("Retry-After", ""))
    seconds = int(asked) if asked.isdecimal() else 0.5 * 2**attempt
    return min(seconds, _BUSY_LONGEST_SECONDS) * random.uniform(1.0, 1.25)  # noqa: S311


def _expand(names: tuple[str, ...], prefix: str = "") -> Json:
    return {"expand": [prefix + name for name in names]} if names else {}


def _given(values: Mapping[str, Any]) -> Json:
    return {name: value for name, value in values.items() if value is not None}


@cache
def _gateway(secret_key: str, api_base: str) -> StripeGateway:
    return StripeGateway(secret_key, api_base)


def open_gateway() -> Gateway:
    """The gateway of the configured account; one for the whole process."""
    settings = environment()
    return _gateway(settings.stripe_secret_key.get_secret_value(), settings.stripe_api_base.rstrip("/"))
