"""The adapter against the sandbox: complete objects, our keys, bounded waiting, errors without secrets."""

import json
import logging

import pytest
import stripe

from portal_app.gateway import errors, stripe_gateway
from portal_app.gateway.events import EVENTS
from portal_app.gateway.kinds import SOURCES, find_kind
from portal_app.gateway.stripe_gateway import API_VERSION, StripeGateway
from portal_app.kit.errors import CardDeclined, Conflict, GatewayError, NotFound
from tests.merchant import a_customer, a_price, a_subscription, an_invoice


def test_when_an_invoice_has_many_pages_of_lines_then_all_of_them_come(account):
    invoice_id = an_invoice(account, a_customer(account), lines=130)

    invoice = account.gateway.retrieve("invoice", invoice_id)

    assert sorted(line["amount"] for line in invoice["lines"]["data"]) == [100 * n for n in range(1, 131)]
    assert invoice["lines"]["has_more"] is False


def test_when_a_list_is_longer_than_a_page_then_every_object_comes_once(account):
    made = {a_price(account, amount=100 + number) for number in range(105)}

    pages = list(account.gateway.pages("price"))

    assert [len(page) for page in pages] == [100, 5]
    assert {price["id"] for page in pages for price in page} == made


def test_when_a_customer_is_read_then_tax_ids_come_with_it(account):
    customer_id = a_customer(account)
    account.stripe.v1.customers.tax_ids.create(customer_id, {"type": "eu_vat", "value": "DE123456789"})

    customer = account.gateway.retrieve("customer", customer_id)

    assert [tax_id["value"] for tax_id in customer["tax_ids"]["data"]] == ["DE123456789"]


def test_when_subscriptions_are_listed_then_canceled_ones_are_among_them(account):
    subscription_id = a_subscription(account, a_customer(account))
    account.stripe.v1.subscriptions.cancel(subscription_id)

    found = [one["id"] for page in account.gateway.pages("subscription") for one in page]

    assert found == [subscription_id]


@pytest.mark.parametrize("kind", SOURCES)
def test_when_anything_is_read_then_it_is_plain_json(account, kind):
    customer_id = a_customer(account)
    a_subscription(account, customer_id)

    found = [one for page in account.gateway.pages(kind) for one in page]

    assert json.loads(json.dumps(found)) == found


def test_when_the_same_key_comes_twice_then_it_is_done_once(account):
    subscription_id = a_subscription(account, a_customer(account))

    first = account.gateway.update_subscription(subscription_id, idempotency_key="op_1", cancel_at_period_end=True)
    again = account.gateway.update_subscription(subscription_id, idempotency_key="op_1", cancel_at_period_end=True)

    updates = [event for event in account.events() if event["type"] == "customer.subscription.updated"]
    assert again == first
    assert [event["request"]["idempotency_key"] for event in updates].count("op_1") == 1


def test_when_a_key_comes_with_another_wish_then_it_is_refused_for_good(account):
    subscription_id = a_subscription(account, a_customer(account))
    account.gateway.update_subscription(subscription_id, idempotency_key="op_1", cancel_at_period_end=True)

    with pytest.raises(GatewayError) as caught:
        account.gateway.update_subscription(subscription_id, idempotency_key="op_1", cancel_at_period_end=False)

    assert (caught.value.is_final, caught.value.is_unknown) == (True, False)


def test_when_a_subscription_is_previewed_then_amount_and_lines_are_those_of_the_next_invoice(account):
    subscription_id = a_subscription(account, a_customer(account), a_price(account, 2900))

    preview = account.gateway.create_invoice_preview(subscription=subscription_id)

    assert preview["amount_due"] == 2900
    assert [line["amount"] for line in preview["lines"]["data"]] == [2900]


def test_given_nothing_will_be_charged_when_it_is_previewed_then_there_is_none(account):
    subscription_id = a_subscription(account, a_customer(account))
    account.gateway.update_subscription(subscription_id, idempotency_key="op_1", cancel_at_period_end=True)

    with pytest.raises(NotFound):
        account.gateway.create_invoice_preview(subscription=subscription_id)


def test_when_something_does_not_exist_then_it_is_not_found(account):
    with pytest.raises(NotFound):
        account.gateway.retrieve("subscription", "sub_of_nobody")


def test_given_a_revoked_key_when_asked_then_the_refusal_is_final(account):
    revoked = StripeGateway("sk_test_", account.url)

    with pytest.raises(GatewayError) as caught:
        revoked.retrieve("customer", "cus_1")

    assert caught.value.is_final


def test_given_stripe_is_busy_when_asked_then_it_waits_as_long_as_stripe_says_and_goes_on(account):
    waited = []
    gateway = StripeGateway(account.key, account.url, wait=waited.append)
    customer_id = a_customer(account)
    account.lever("faults", kind="rate_limit", retry_after=3, times=2)

    found = gateway.retrieve("customer", customer_id)

    assert found["id"] == customer_id
    assert [3.0 <= seconds <= 3.75 for seconds in waited] == [True, True]


def test_given_stripe_asks_for_an_hour_when_asked_then_nobody_waits_that_long(account):
    waited = []
    gateway = StripeGateway(account.key, account.url, wait=waited.append)
    account.lever("faults", kind="rate_limit", retry_after=3600, times=9)

    with pytest.raises(GatewayError) as caught:
        gateway.retrieve("customer", "cus_1")

    assert (caught.value.is_final, caught.value.is_unknown) == (False, False)
    assert sum(waited) <= 30


@pytest.fixture
def impatient(account, monkeypatch) -> StripeGateway:
    """A gateway that waits half a second for an answer."""
    monkeypatch.setattr(stripe_gateway, "TIMEOUT_SECONDS", 0.5)
    return StripeGateway(account.key, account.url)


@pytest.mark.parametrize("kind", ["server_error", "bad_gateway", "reset_before", "conflict"])
def test_given_one_hiccup_when_something_is_changed_then_it_is_done_once_all_the_same(account, impatient, kind):
    subscription_id = a_subscription(account, a_customer(account))
    account.lever("faults", kind=kind, method="POST", times=1)

    changed = impatient.update_subscription(subscription_id, idempotency_key="op_1", cancel_at_period_end=True)

    assert changed["cancel_at_period_end"] is True


@pytest.mark.parametrize("kind", ["bad_gateway_after", "reset_after", "timeout_after", "garbage"])
def test_given_no_answer_ever_comes_when_something_is_changed_then_the_outcome_is_unknown(account, impatient, kind):
    subscription_id = a_subscription(account, a_customer(account))
    account.lever("faults", kind=kind, method="POST", times=3, seconds=2)

    with pytest.raises(GatewayError) as caught:
        impatient.update_subscription(subscription_id, idempotency_key="op_1", cancel_at_period_end=True)

    assert caught.value.is_unknown


def test_given_no_answer_comes_when_something_is_only_read_then_nothing_is_unknown(account, impatient):
    account.lever("faults", kind="reset_before", method="GET", times=3)

    with pytest.raises(GatewayError) as caught:
        impatient.retrieve("customer", "cus_1")

    assert (caught.value.is_final, caught.value.is_unknown) == (False, False)


def test_when_a_call_fails_then_neither_error_nor_log_holds_key_or_address(account, caplog):
    caplog.set_level(logging.DEBUG, logger="portal_app")
    gateway = StripeGateway("sk_live_not_for_the_sandbox", account.url)

    with pytest.raises(GatewayError) as caught:
        gateway.retrieve("customer", "ada@example.com")

    said = repr(caught.value) + str(caught.value.__cause__) + caplog.text
    assert caught.value.__suppress_context__
    assert "sk_live" not in said
    assert "ada@example.com" not in said


def test_given_another_base_when_opened_then_no_address_of_stripe_is_left():
    gateway = StripeGateway("sk_test_base", "http://127.0.0.1:9")

    addresses = gateway._client._requestor._options.base_addresses

    assert set(addresses.values()) == {"http://127.0.0.1:9"}
    assert set(addresses) == {"api", "connect", "files", "meter_events"}


def test_when_the_portal_registers_then_stripe_sends_exactly_its_events_in_its_version(account):
    endpoint = account.gateway.create_webhook_endpoint(url="https://billing.example.com/webhooks/stripe")

    assert endpoint["secret"].startswith("whsec_")
    assert endpoint["enabled_events"] == list(EVENTS)
    assert endpoint["api_version"] == API_VERSION == stripe._api_version._ApiVersion.CURRENT


@pytest.mark.parametrize(
    ("status", "body", "wanted"),
    [
        (402, {"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"}, CardDeclined),
        (400, {"type": "invalid_request_error", "code": "payment_intent_unexpected_state"}, Conflict),
        (404, {"type": "invalid_request_error", "code": "resource_missing"}, NotFound),
        (403, {"type": "invalid_request_error"}, GatewayError),
    ],
)
def test_when_stripe_refuses_then_the_portal_speaks_its_own_words(status, body, wanted):
    answer = json.dumps({"error": {"message": "sk_test_secret of ada@example.com", **body}})
    requestor = stripe.StripeClient("sk_test_words")._requestor

    with pytest.raises(stripe.StripeError) as caught:
        requestor.handle_error_response(answer, status, json.loads(answer), {}, "V1")
    translated = errors.translate(caught.value, is_change=True)

    assert type(translated) is wanted
    assert "secret" not in str(translated)
    assert getattr(translated, "decline_code", "insufficient_funds") == "insufficient_funds"


def test_when_an_id_is_seen_then_its_kind_is_known():
    assert find_kind("sub_1") == "subscription"
    assert find_kind("sub_sched_1") == "subscription_schedule"
    assert find_kind("WELCOME") is None
