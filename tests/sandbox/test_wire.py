"""The rules of the wire: keys, headers, idempotency, pages, expansions, refusals."""

import base64
import threading

import pytest
import stripe

from tests.sandbox.merchant import Merchant


@pytest.mark.parametrize("header", ["", "Bearer nonsense", "Bearer sk_live_abcdef", "Basic Og=="])
def test_given_no_good_key_when_asked_then_401(merchant, header):
    status, _, body = merchant.raw("GET", "/v1/customers", headers={"Authorization": header})

    assert status == 401
    assert body["error"]["type"] == "invalid_request_error"


def test_a_key_may_come_as_basic_or_bearer_and_names_an_account_of_its_own(merchant):
    merchant.a_customer(card=None)
    basic = base64.b64encode(f"{merchant.key}:".encode()).decode()
    other = Merchant(merchant.url, merchant.key + "x")

    _, _, mine = merchant.raw("GET", "/v1/customers", headers={"Authorization": f"Basic {basic}"})

    assert len(mine["data"]) == 1
    assert other.v1.customers.list().data == []


def test_a_restricted_key_opens_the_same_account(merchant):
    merchant.a_customer(card=None)
    restricted = merchant.key.replace("sk_", "rk_")

    _, _, page = merchant.raw("GET", "/v1/customers", headers={"Authorization": f"Bearer {restricted}"})

    assert len(page["data"]) == 1


def test_a_publishable_key_cannot_read_customers(merchant):
    public = {"Authorization": "Bearer " + merchant.key.replace("sk_", "pk_")}

    status, _, body = merchant.raw("GET", "/v1/customers", headers=public)

    assert (status, body["error"]["code"]) == (403, "secret_key_required")


def test_an_unknown_address_is_named(merchant):
    status, _, body = merchant.raw("POST", "/v1/moons")

    assert status == 404
    assert body["error"]["message"].startswith("Unrecognized request URL (POST: /v1/moons)")


def test_every_answer_carries_stripes_headers(merchant):
    _, headers, _ = merchant.raw("POST", "/v1/customers", "name=Ada", {"Idempotency-Key": "k1"})

    headers = {name.lower(): value for name, value in headers.items()}
    assert headers["request-id"].startswith("req_")
    assert headers["stripe-version"] == "2026-10-28.endive"
    assert headers["idempotency-key"] == "k1"


# Idempotency -----------------------------------------------------------------------------------------------------


def test_when_a_key_is_used_again_then_the_answer_is_repeated_and_nothing_happens(merchant):
    first = merchant.v1.customers.create({"name": "Ada"}, {"idempotency_key": "once"})

    status, headers, again = merchant.raw("POST", "/v1/customers", "name=Ada", {"Idempotency-Key": "once"})

    assert (status, again["id"]) == (200, first.id)
    assert {k.lower(): v for k, v in headers.items()}["idempotent-replayed"] == "true"
    assert len(merchant.v1.customers.list().data) == 1


def test_when_a_key_is_used_with_other_parameters_then_it_is_refused(merchant):
    merchant.v1.customers.create({"name": "Ada"}, {"idempotency_key": "once"})

    with pytest.raises(stripe.IdempotencyError):
        merchant.v1.customers.create({"name": "Bea"}, {"idempotency_key": "once"})


def test_a_declined_payment_is_repeated_too(merchant):
    customer = merchant.a_customer("chargeCustomerFail")
    card = merchant.v1.payment_methods.list({"customer": customer.id}).data[0].id
    wanted = {"amount": 500, "currency": "eur", "customer": customer.id, "payment_method": card, "confirm": True}
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            merchant.v1.payment_intents.create(wanted, {"idempotency_key": "pay"})

    assert len(merchant.v1.charges.list().data) == 1


def test_a_request_that_did_not_pass_validation_leaves_its_key_free(merchant):
    with pytest.raises(stripe.InvalidRequestError):
        merchant.v1.customers.create({"colour": "blue"}, {"idempotency_key": "once"})

    made = merchant.v1.customers.create({"name": "Ada"}, {"idempotency_key": "once"})

    assert made.name == "Ada"


def test_when_a_key_is_in_use_then_the_second_request_is_refused_with_409(merchant):
    merchant.lever("faults", {"kind": "slow", "seconds": 0.6, "path": "/v1/customers"})
    first: list[int] = []
    thread = threading.Thread(
        target=lambda: first.append(merchant.raw("POST", "/v1/customers", "name=A", {"Idempotency-Key": "both"})[0])
    )
    thread.start()
    while merchant.lever("faults")["faults"]:
        pass

    status, _, body = merchant.raw("POST", "/v1/customers", "name=A", {"Idempotency-Key": "both"})
    thread.join()

    assert (status, body["error"]["code"]) == (409, "idempotency_key_in_use")
    assert first == [200]
    assert len(merchant.v1.customers.list().data) == 1


# Pages -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def seven(merchant):
    """Seven customers, newest first."""
    made = [merchant.v1.customers.create({"name": f"No. {n}"}) for n in range(7)]
    return [customer.id for customer in reversed(made)]


def test_a_list_is_newest_first_and_says_whether_there_is_more(merchant, seven):
    page = merchant.v1.customers.list({"limit": 3})

    assert [customer.id for customer in page.data] == seven[:3]
    assert page.has_more
    assert page.url == "/v1/customers"


def test_when_paging_forth_and_back_then_nothing_is_lost_or_seen_twice(merchant, seven):
    forth = [customer.id for customer in merchant.v1.customers.list({"limit": 2}).auto_paging_iter()]
    back = merchant.v1.customers.list({"limit": 3, "ending_before": seven[-1]})

    assert forth == seven
    assert [customer.id for customer in back.data] == seven[3:6]
    assert back.has_more


@pytest.mark.parametrize("limit", [0, 101])
def test_a_page_holds_one_to_a_hundred(merchant, limit):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        merchant.v1.customers.list({"limit": limit})

    assert refused.value.param == "limit"


def test_a_cursor_must_exist(merchant):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        merchant.v1.customers.list({"starting_after": "cus_nobody"})

    assert (refused.value.code, refused.value.param) == ("resource_missing", "starting_after")


def test_lists_are_narrowed_by_time(merchant):
    early = merchant.v1.customers.create({"name": "early"})
    merchant.advance(days=2)
    late = merchant.v1.customers.create({"name": "late"})

    since = merchant.v1.customers.list({"created": {"gt": early.created}})
    until = merchant.v1.customers.list({"created": {"lte": early.created}})

    assert [c.id for c in since.data] == [late.id]
    assert [c.id for c in until.data] == [early.id]


def test_search_finds_by_field_and_by_metadata(merchant):
    ada = merchant.v1.customers.create({"email": "ada@example.com", "metadata": {"shop": "7"}})
    merchant.v1.customers.create({"email": "bea@example.com", "metadata": {"shop": "8"}})

    by_mail = merchant.v1.customers.search({"query": "email:'ada@example.com'"})
    by_shop = merchant.v1.customers.search({"query": "metadata['shop']:'7' AND email~'ada'"})

    assert [c.id for c in by_mail.data] == [ada.id] == [c.id for c in by_shop.data]
    with pytest.raises(stripe.InvalidRequestError):
        merchant.v1.customers.search({"query": "whatever"})


# Expansions ------------------------------------------------------------------------------------------------------


def test_ids_are_expanded_along_a_path(merchant):
    subscription = merchant.a_subscription()

    shown = merchant.v1.subscriptions.retrieve(
        subscription.id, {"expand": ["latest_invoice.payments.data.payment", "customer", "default_payment_method"]}
    )

    assert shown.customer.email == "ada@example.com"
    assert shown.latest_invoice.payments.data[0].amount_paid == 1000
    assert shown.default_payment_method is None


def test_lists_expand_below_data(merchant):
    merchant.a_subscription()

    page = merchant.v1.subscriptions.list({"expand": ["data.customer", "data.items.data.price"]})

    assert page.data[0].customer.object == "customer"


@pytest.mark.parametrize("path", ["colour", "latest_invoice.colour", "status", "a.b.c.d.e"])
def test_what_cannot_be_expanded_is_refused(merchant, path):
    subscription = merchant.a_subscription()

    with pytest.raises(stripe.InvalidRequestError) as refused:
        merchant.v1.subscriptions.retrieve(subscription.id, {"expand": [path]})

    assert refused.value.param == "expand"


def test_what_appears_only_on_demand_is_absent_otherwise(merchant):
    customer = merchant.a_customer(card=None)
    merchant.v1.customers.tax_ids.create(customer.id, {"type": "eu_vat", "value": "DE129273398"})

    plain = merchant.v1.customers.retrieve(customer.id)
    full = merchant.v1.customers.retrieve(customer.id, {"expand": ["tax_ids", "subscriptions"]})

    assert "tax_ids" not in plain.to_dict()
    assert full.tax_ids.data[0].value == "DE129273398"
    assert full.subscriptions.data == []


# Values ----------------------------------------------------------------------------------------------------------


def test_metadata_is_merged_and_an_empty_value_removes_its_key(merchant):
    customer = merchant.v1.customers.create({"metadata": {"a": "1", "b": "2"}})

    merged = merchant.v1.customers.update(customer.id, {"metadata": {"b": "", "c": "3"}})
    cleared = merchant.v1.customers.update(customer.id, {"metadata": ""})

    assert merged.metadata.to_dict() == {"a": "1", "c": "3"}
    assert cleared.metadata.to_dict() == {}


def test_an_empty_text_clears(merchant):
    customer = merchant.v1.customers.create({"name": "Ada", "phone": "1"})

    changed = merchant.v1.customers.update(customer.id, {"phone": ""})

    assert (changed.name, changed.phone) == ("Ada", None)


def test_a_missing_object_is_404_and_a_missing_parameter_400(merchant):
    with pytest.raises(stripe.InvalidRequestError) as missing:
        merchant.v1.customers.retrieve("cus_nobody")
    with pytest.raises(stripe.InvalidRequestError) as referred:
        merchant.v1.setup_intents.create({"customer": "cus_nobody"})

    assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")
    assert (referred.value.http_status, referred.value.code) == (400, "resource_missing")


def test_payment_method_types_is_gone_from_intents(merchant):
    status, _, body = merchant.raw("POST", "/v1/setup_intents", "payment_method_types[0]=card")

    assert (status, body["error"]["code"]) == (400, "payment_method_types_no_longer_supported")


def test_options_of_prices_and_coupons_appear_on_demand(merchant):
    price = merchant.a_price(2900)
    percent = merchant.v1.coupons.create({"percent_off": 20, "applies_to": {"products": [price.product]}})
    amount = merchant.v1.coupons.create({"amount_off": 300, "currency": "eur"})
    wanted = {"expand": ["data.applies_to", "data.currency_options"]}

    shown = merchant.v1.prices.retrieve(price.id, {"expand": ["currency_options", "tiers"]}).to_dict()
    coupons = {c.id: c.to_dict() for c in merchant.v1.coupons.list(wanted).data}

    assert shown["currency_options"]["eur"]["unit_amount"] == 2900
    assert "tiers" not in shown
    assert coupons[percent.id]["applies_to"] == {"products": [price.product]}
    assert coupons[amount.id]["currency_options"] == {"eur": {"amount_off": 300}}


def test_the_account_tells_who_the_merchant_is(merchant):
    merchant.lever("settings", {"name": "Linnet", "support_email": "help@linnet.example"})

    account = merchant.v1.accounts.retrieve_current()

    assert account.business_profile.name == account.settings.dashboard.display_name == "Linnet"
    assert account.business_profile.support_email == "help@linnet.example"
    assert account.charges_enabled is True
