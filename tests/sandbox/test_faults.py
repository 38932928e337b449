"""Requests that go wrong on demand, and what is true afterwards."""

import threading
import time

import pytest
import stripe


def test_before_the_work_nothing_has_happened(merchant):
    merchant.lever("faults", {"kind": "reset_before", "path": "/v1/customers"})

    with pytest.raises(stripe.APIConnectionError):
        merchant.v1.customers.create({"name": "Ada"}, {"idempotency_key": "k"})

    assert merchant.v1.customers.list().data == []
    assert merchant.v1.customers.create({"name": "Ada"}, {"idempotency_key": "k"}).name == "Ada"


def test_after_the_work_the_same_key_finds_the_result(merchant):
    merchant.lever("faults", {"kind": "reset_after", "method": "POST"})

    with pytest.raises(stripe.APIConnectionError):
        merchant.v1.customers.create({"name": "Ada"}, {"idempotency_key": "k"})
    again = merchant.v1.customers.create({"name": "Ada"}, {"idempotency_key": "k"})

    assert [c.id for c in merchant.v1.customers.list().data] == [again.id]


@pytest.mark.parametrize(
    ("fault", "error", "status", "is_done"),
    [
        ({"kind": "timeout_before", "seconds": 0.1}, stripe.APIConnectionError, None, False),
        ({"kind": "timeout_after", "seconds": 0.1}, stripe.APIConnectionError, None, True),
        ({"kind": "conflict"}, stripe.InvalidRequestError, 409, False),
        ({"kind": "rate_limit", "retry_after": 1}, stripe.RateLimitError, 429, False),
        ({"kind": "server_error"}, stripe.APIError, 500, False),
        ({"kind": "server_error_after"}, stripe.APIError, 500, True),
        ({"kind": "bad_gateway"}, stripe.APIError, 502, False),
        ({"kind": "bad_gateway_after"}, stripe.APIError, 502, True),
        ({"kind": "garbage"}, stripe.APIError, 200, True),
    ],
)
def test_each_fault_shows_as_the_sdk_would_see_it(merchant, fault, error, status, is_done):
    merchant.lever("faults", fault | {"path": "/v1/customers", "method": "POST"})

    with pytest.raises(stripe.StripeError) as failed:
        merchant.v1.customers.create({"name": "Ada"})

    assert isinstance(failed.value, error) or failed.value.http_status == status
    assert failed.value.http_status == status
    assert len(merchant.v1.customers.list().data) == is_done


def test_a_500_after_the_work_is_repeated_under_its_key(merchant):
    merchant.lever("faults", {"kind": "server_error_after"})

    for _ in range(2):
        with pytest.raises(stripe.APIError):
            merchant.v1.customers.create({"name": "Ada"}, {"idempotency_key": "k"})

    assert len(merchant.v1.customers.list().data) == 1


def test_a_slow_answer_is_still_right(merchant):
    merchant.lever("faults", {"kind": "slow", "seconds": 0.2})

    assert merchant.v1.customers.create({"name": "Ada"}).name == "Ada"


def test_faults_hit_what_they_name_as_often_as_ordered(merchant):
    merchant.lever("faults", {"kind": "server_error", "path": "/v1/products*", "times": 2})

    merchant.v1.customers.create({})
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            merchant.v1.products.list()

    assert merchant.v1.products.list().data == []
    assert merchant.lever("faults")["faults"] == []


def test_faults_can_be_taken_back_and_unknown_ones_are_refused(merchant):
    merchant.lever("faults", {"faults": [{"kind": "server_error"}, {"kind": "drop"}]})

    cleared = merchant.lever("faults", method="DELETE")
    refused = merchant.lever("faults", {"kind": "earthquake"})

    assert cleared == {"faults": []}
    assert refused["error"]["param"] == "kind"


def test_a_charge_can_be_declined_to_order(merchant):
    customer = merchant.a_customer()
    merchant.lever("decline_next_charge", {"decline_code": "insufficient_funds", "customer": customer.id})

    first = merchant.a_subscription(customer, expand=["latest_invoice.payments.data.payment"])
    second = merchant.a_subscription(customer)

    assert (first.status, second.status) == ("incomplete", "active")


def test_charged_once_can_be_proved(merchant):
    customer = merchant.a_customer()
    price = merchant.a_price()
    merchant.lever("faults", {"kind": "reset_after", "path": "/v1/subscriptions"})
    wanted = {"customer": customer.id, "items": [{"price": price.id}]}
    with pytest.raises(stripe.APIConnectionError):
        merchant.v1.subscriptions.create(wanted, {"idempotency_key": "buy"})

    subscription = merchant.v1.subscriptions.create(wanted, {"idempotency_key": "buy"})

    effects = merchant.lever("effects")
    assert effects["charge"] == {subscription.latest_invoice: 1}
    assert effects["subscription_created"] == {subscription.id: 1}


def test_reset_forgets_everything(merchant):
    merchant.a_subscription()
    merchant.advance(days=3)

    merchant.lever("reset", {})

    assert merchant.v1.customers.list().data == []
    assert merchant.events() == []
    assert merchant.lever("clock")["offset_seconds"] == 0
    assert merchant.lever("effects") == {}


def test_given_the_answer_is_still_on_its_way_when_asked_again_then_the_result_is_repeated(merchant):
    merchant.lever("faults", {"kind": "timeout_after", "seconds": 1.5, "path": "/v1/customers"})
    lost = threading.Thread(target=merchant.raw, args=("POST", "/v1/customers", "name=A", {"Idempotency-Key": "k"}))
    lost.start()
    while not merchant.lever("effects").get("POST /v1/customers"):
        time.sleep(0.01)

    again = merchant.v1.customers.create({"name": "A"}, {"idempotency_key": "k"})

    assert lost.is_alive()
    assert [c.id for c in merchant.v1.customers.list().data] == [again.id]
    lost.join()
