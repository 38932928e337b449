"""Receives a request as Stripe does: who asks, under which key, once or again."""

import base64
import hashlib
import json
import logging
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import unquote

from portal_app.sandbox.account import Account, Object, Request
from portal_app.sandbox.bench import Bench
from portal_app.sandbox.contract.reading import decode_form
from portal_app.sandbox.errors import StripeError, invalid
from portal_app.sandbox.events import VERSION
from portal_app.sandbox.runner import run_due
from portal_app.sandbox.table import perform

KEY = re.compile(r"^(sk|rk|pk)_test_(\w{3,})$")
LONGEST_KEY = 255
# What Stripe.js may do with a publishable key.
PUBLIC = re.compile(
    r"^(POST /v1/payment_methods|GET /v1/(setup|payment)_intents/[^/]+|POST /v1/(setup|payment)_intents/[^/]+/confirm)$"
)
log = logging.getLogger("portal_app.sandbox")


@dataclass(frozen=True)
class Call:
    """One HTTP request, taken apart."""

    method: str
    path: str
    query: str
    body: bytes
    headers: dict[str, str]


@dataclass
class Answer:
    """One HTTP answer."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


def key_of(headers: dict[str, str]) -> tuple[str, str]:
    """The kind of key and the name of its account.

    Raises:
        StripeError: there is no key, or not one of ours (401).
    """
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        value = base64.b64decode(value + "==").decode(errors="replace").partition(":")[0]
    if not value:
        raise StripeError(
            401,
            "invalid_request_error",
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        )
    match = KEY.match(value.strip())
    if match is None:
        raise StripeError(401, "invalid_request_error", f"Invalid API Key provided: {value[:8]}{'*' * 8}")
    return match[1], match[2]


class Reception:
    """Answers calls one at a time, and each idempotency key once."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.in_progress: set[tuple[str, str]] = set()

    def admit(self, call: Call) -> tuple[Account, bool]:
        """The account that a call belongs to, and whether it comes from a browser."""
        kind, name = key_of(call.headers)
        if kind == "pk" and not PUBLIC.match(f"{call.method} {call.path}"):
            raise StripeError(
                403,
                "invalid_request_error",
                "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a "
                "list of your API keys at https://dashboard.stripe.com/account/apikeys.",
                "secret_key_required",
            )
        return self.bench.account(name), kind == "pk"

    def idempotency_key(self, call: Call) -> str | None:
        """The key under which this call must have its effect only once."""
        key = call.headers.get("idempotency-key") if call.method == "POST" else None
        if key and len(key) > LONGEST_KEY:
            raise invalid(f"Idempotency key is too long (maximum is {LONGEST_KEY} characters).")
        return key or None

    def answer(self, call: Call, account: Account, is_publishable: bool) -> Answer:
        """Carry out a call, or repeat what was answered to it before."""
        request_id = "req_" + secrets.token_hex(7)
        key = self.idempotency_key(call)
        given = decode_form(call.query if call.method in ("GET", "DELETE") else call.body.decode(errors="replace"))
        fingerprint = hashlib.sha256(
            f"{call.method} {call.path} {json.dumps(given, sort_keys=True)}".encode()
        ).hexdigest()
        if key:
            before = self._before(account, key, fingerprint)
            if before:
                return before
        account.request = Request(request_id, key, is_publishable)
        answer, is_kept = self._perform(account, call, given)
        answer.headers |= {"request-id": request_id, "stripe-version": call.headers.get("stripe-version", VERSION)}
        if key:
            answer.headers["idempotency-key"] = key
            if is_kept:
                self.bench.store.keep_reply(account.name, key, (fingerprint, answer.status, answer.body, request_id))
        self.bench.when_changed()
        return answer

    def _before(self, account: Account, key: str, fingerprint: str) -> Answer | None:
        kept = self.bench.store.reply(account.name, key)
        if kept is None:
            return None
        if kept[0] != fingerprint:
            raise StripeError(
                400,
                "idempotency_error",
                "Keys for idempotent requests can only be used with the same parameters they were first used with. Try "
                f"using a key other than '{key}' if you meant to execute a different request.",
            )
        headers = {"idempotent-replayed": "true", "original-request": kept[3], "request-id": kept[3]}
        return Answer(kept[1], kept[2], headers | {"idempotency-key": key, "stripe-version": VERSION})

    def _perform(self, account: Account, call: Call, given: Object) -> tuple[Answer, bool]:
        try:
            with account.transaction():
                run_due(account)
            body = perform(account, call.method, unquote(call.path), given)
            return Answer(200, json.dumps(body)), True
        except StripeError as error:
            return refusal(error), not error.is_validation
        except Exception:
            log.exception("%s %s failed", call.method, call.path)
            broken = StripeError(500, "api_error", "The sandbox has a fault; its log says which.")
            return refusal(broken), False


def refusal(error: StripeError) -> Answer:
    """A refusal as an answer."""
    return Answer(error.status, json.dumps(error.body), {"stripe-version": VERSION})
