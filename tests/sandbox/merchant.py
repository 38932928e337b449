"""A merchant of the sandbox: the real SDK over HTTP, with every exchange checked, and the levers."""

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import stripe

from portal_app.sandbox.contract.conformity import deviations_of_answer

PORTS = range(12100, 12140)
DAY = 86_400


def a_free_port() -> int:
    """A port on loopback that nobody listens on; two runs at once begin looking at different ones."""
    begin = os.getpid() % len(PORTS)
    for port in [*PORTS[begin:], *PORTS[:begin]]:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise RuntimeError("no free port")


def a_fresh_key() -> str:
    """The secret key of an account that nobody used before."""
    return f"sk_test_{secrets.token_hex(8)}"


def start_sandbox(port: int, *arguments: str) -> subprocess.Popen[bytes]:
    """A sandbox process that answers."""
    command = [sys.executable, "-m", "portal_app.sandbox", "--port", str(port), "--shop", "none", *arguments]
    process = subprocess.Popen(command, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    patience = time.monotonic() + 60
    while time.monotonic() < patience:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_sandbox/health", timeout=1).read()
            return process
        except OSError:
            if process.poll() is not None:
                raise RuntimeError("the sandbox ended") from None
            time.sleep(0.02)
    process.kill()
    raise RuntimeError("the sandbox does not answer")


def stop_sandbox(process: subprocess.Popen[bytes]) -> int:
    """End a sandbox process as a supervisor would; its exit status."""
    process.send_signal(signal.SIGTERM)
    return process.wait(10)


class CheckingClient(stripe.HTTPClient):
    """An HTTP client that compares every answer with what the SDK declares."""

    name = "checking"

    def __init__(self) -> None:
        super().__init__()
        self.deviations: list[str] = []
        self.exchanges = 0

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> tuple[bytes, int, dict[str, str]]:
        body = post_data.encode() if isinstance(post_data, str) else post_data
        asked = urllib.request.Request(url, body, {k: v for k, v in headers.items() if v}, method=method.upper())
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                content, status, got = answer.read(), answer.status, answer.headers
        except urllib.error.HTTPError as error:
            content, status, got = error.read(), error.code, error.headers
        except (OSError, http.client.HTTPException) as error:
            raise stripe.APIConnectionError(str(error)) from error
        self._check(method.upper(), urlsplit(url).path, status, content)
        return content, status, {k.lower(): v for k, v in got.items()}

    def _check(self, method: str, path: str, status: int, content: bytes) -> None:
        try:
            body = json.loads(content)
        except ValueError:
            return
        self.exchanges += 1
        self.deviations += [f"{method} {path}: {d}" for d in deviations_of_answer(method, path, status, body)]

    def close(self) -> None:
        """Nothing is kept open."""


@dataclass
class Merchant:
    """An account of the sandbox: the SDK's client and the levers."""

    url: str
    key: str
    http: CheckingClient = field(default_factory=CheckingClient)

    def __post_init__(self) -> None:
        addresses = dict.fromkeys(("api", "connect", "files", "meter_events"), self.url)
        self.client = stripe.StripeClient(self.key, base_addresses=addresses, http_client=self.http)  # type: ignore[arg-type]
        self.v1 = self.client.v1

    def lever(self, name: str, given: dict | None = None, method: str | None = None) -> Any:
        """Pull a lever: with a body by POST, without one by GET."""
        body = None if given is None else json.dumps(given).encode()
        method = method or ("GET" if given is None else "POST")
        headers = {"Authorization": f"Bearer {self.key}"}
        asked = urllib.request.Request(f"{self.url}/_sandbox/{name}", body, headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return json.loads(error.read())

    def raw(self, method: str, path: str, body: str = "", headers: dict | None = None) -> tuple[int, dict, Any]:
        """One request without the SDK: status, headers, body."""
        sent = {"Authorization": f"Bearer {self.key}"} | (headers or {})
        asked = urllib.request.Request(self.url + path, body.encode() or None, sent, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return answer.status, dict(answer.headers), json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), json.loads(error.read())
        except http.client.HTTPException:
            return 0, {}, None

    def now(self) -> int:
        """The account's time."""
        return self.lever("clock")["now"]

    def advance(self, days: float = 0, to: int | None = None) -> None:
        """Put the account's clock forward."""
        self.lever("clock", {"to": to} if to else {"advance_seconds": int(days * DAY)})

    def events(self, *types: str) -> list[Any]:
        """The events of some types, oldest first."""
        found = self.v1.events.list({"limit": 100, **({"types": list(types)} if types else {})})
        return list(found.auto_paging_iter())[::-1]

    # Factories ----------------------------------------------------------------------------------------------

    def a_price(self, amount: int = 1000, currency: str = "eur", interval: str | None = "month", **more: Any) -> Any:
        """A price of a product of its own."""
        recurring = {"recurring": {"interval": interval}} if interval else {}
        product = self.v1.products.create({"name": more.pop("name", "Pro")})
        return self.v1.prices.create(
            {"unit_amount": amount, "currency": currency, "product": product.id} | recurring | more
        )

    def a_customer(self, card: str | None = "visa", **more: Any) -> Any:
        """A customer with a default card."""
        customer = self.v1.customers.create({"email": "ada@example.com", "name": "Ada Winter"} | more)
        if card:
            self.a_card(customer, card)
        return customer

    def a_card(self, customer: Any, card: str = "visa") -> Any:
        """A card that becomes a customer's default."""
        method = self.v1.payment_methods.attach(f"pm_card_{card}", {"customer": customer.id})
        self.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})
        return method

    def a_subscription(self, customer: Any = None, price: Any = None, **more: Any) -> Any:
        """A subscription to one price."""
        customer = customer or self.a_customer()
        price = price or self.a_price()
        items = more.pop("items", [{"price": price.id}])
        return self.v1.subscriptions.create({"customer": customer.id, "items": items} | more)

    def invoices_of(self, subscription: Any) -> list[Any]:
        """A subscription's invoices, oldest first."""
        return self.v1.invoices.list({"subscription": subscription.id, "limit": 100}).data[::-1]
