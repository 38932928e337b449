"""Deliveries: signed, retried, at least once, and as unruly as ordered."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import stripe


@dataclass
class Listener:
    """An endpoint that keeps what it is sent and answers as told."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    got: list[tuple[bytes, str]] = field(default_factory=list)

    @property
    def events(self) -> list[dict]:
        """The events as they came."""
        return [json.loads(body) for body, _ in self.got]

    @property
    def types(self) -> list[str]:
        """Their types."""
        return [event["type"] for event in self.events]


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A listening endpoint on loopback."""
    made = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.got.append((body, self.headers["Stripe-Signature"]))
            self.send_response(made.statuses.pop(0) if made.statuses else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}/webhooks/stripe"
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def an_endpoint(merchant, listener, *types: str):
    """An endpoint at the listener."""
    return merchant.v1.webhook_endpoints.create(
        {"url": listener.url, "enabled_events": list(types) or ["*"], "api_version": "2026-10-28.endive"}
    )


def quiet(merchant, seconds: float = 10) -> dict:
    """Wait until nothing is on its way any more."""
    counts = merchant.lever(f"deliveries?wait={seconds}")
    assert counts["pending"] == 0, counts
    return counts


def test_each_delivery_is_signed_as_the_sdk_expects(merchant, listener):
    endpoint = an_endpoint(merchant, listener)

    merchant.a_subscription()
    quiet(merchant)

    assert endpoint.secret.startswith("whsec_")
    for body, signature in listener.got:
        event = stripe.Webhook.construct_event(body, signature, endpoint.secret)
        assert event.api_version == "2026-10-28.endive"
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(listener.got[0][0] + b" ", listener.got[0][1], endpoint.secret)


def test_the_secret_is_told_once(merchant, listener):
    endpoint = an_endpoint(merchant, listener)

    seen = merchant.v1.webhook_endpoints.retrieve(endpoint.id)

    assert "secret" not in seen.to_dict()


def test_what_is_delivered_is_what_the_api_shows(merchant, listener):
    an_endpoint(merchant, listener)
    merchant.a_subscription()
    quiet(merchant)

    _, _, page = merchant.raw("GET", "/v1/events?limit=100")
    shown = {event["id"]: event for event in page["data"]}

    assert sorted(shown) == sorted(event["id"] for event in listener.events)
    assert {event["pending_webhooks"] for event in page["data"]} == {0}
    for event in listener.events:
        assert event["data"] == shown[event["id"]]["data"]


def test_an_endpoint_hears_only_what_it_asked_for(merchant, listener):
    an_endpoint(merchant, listener, "invoice.paid", "customer.created")

    merchant.a_subscription()
    quiet(merchant)

    assert sorted(listener.types) == ["customer.created", "invoice.paid"]


def test_an_event_names_the_request_that_caused_it(merchant, listener):
    an_endpoint(merchant, listener, "customer.created")

    merchant.v1.customers.create({"name": "Ada"}, {"idempotency_key": "mine"})
    quiet(merchant)

    request = listener.events[0]["request"]
    assert request["idempotency_key"] == "mine"
    assert request["id"].startswith("req_")


def test_when_the_endpoint_fails_then_it_is_tried_again(merchant, listener):
    listener.statuses = [500, 404]
    an_endpoint(merchant, listener, "customer.created")

    merchant.a_customer(card=None)
    waiting = merchant.v1.events.list({"delivery_success": False}).data
    quiet(merchant)

    assert [e.type for e in waiting] == ["customer.created"]
    assert len(listener.got) == 3
    assert len({event["id"] for event in listener.events}) == 1
    assert merchant.v1.events.list({"delivery_success": False}).data == []


def test_given_nobody_listens_then_deliveries_wait(merchant):
    merchant.v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/nobody", "enabled_events": ["*"]})

    merchant.a_customer(card=None)
    time.sleep(0.2)

    assert merchant.lever("deliveries")["pending"] == 1
    assert merchant.v1.events.list().data[0].pending_webhooks == 1


def test_a_disabled_endpoint_hears_nothing(merchant, listener):
    endpoint = an_endpoint(merchant, listener)
    merchant.v1.webhook_endpoints.update(endpoint.id, {"disabled": True})

    merchant.a_customer(card=None)

    assert quiet(merchant) == {"pending": 0, "delivered": 0, "failed": 0}


def test_a_delivery_can_be_doubled(merchant, listener):
    an_endpoint(merchant, listener, "customer.created")
    merchant.lever("faults", {"kind": "duplicate", "types": ["customer.*"]})

    merchant.a_customer(card=None)
    quiet(merchant)

    assert len(listener.events) == 2
    assert listener.events[0] == listener.events[1]


def test_a_delivery_can_be_lost_and_found_in_the_list(merchant, listener):
    an_endpoint(merchant, listener)
    merchant.lever("faults", {"kind": "drop", "types": ["invoice.paid"]})

    merchant.a_subscription()
    counts = quiet(merchant)

    lost = merchant.v1.events.list({"delivery_success": False}).data
    assert counts["failed"] == 1
    assert "invoice.paid" not in listener.types
    assert [event.type for event in lost] == ["invoice.paid"]


def test_a_delivery_can_come_late(merchant, listener):
    an_endpoint(merchant, listener, "customer.created", "customer.updated")
    merchant.lever("faults", {"kind": "delay", "seconds": 0.5, "types": ["customer.created"]})

    merchant.a_customer()
    quiet(merchant)

    assert listener.types == ["customer.updated", "customer.created"]


def test_deliveries_can_come_in_disorder(merchant, listener):
    an_endpoint(merchant, listener, "customer.created")
    merchant.lever("faults", {"kind": "reorder", "seconds": 0.8, "times": 20})

    made = [merchant.v1.customers.create({"name": str(n)}).id for n in range(20)]
    quiet(merchant)

    heard = [event["data"]["object"]["id"] for event in listener.events]
    assert sorted(heard) == sorted(made)
    assert heard != made
