"""The sample shop: everyone of the table has what the table says."""

import time
from datetime import datetime

import pytest

from portal_app.sandbox.bench import Bench
from portal_app.sandbox.contract.conformity import deviations_of_answer, deviations_of_event
from portal_app.sandbox.shop import seed
from tests.sandbox.merchant import DAY, Merchant, a_fresh_key


@pytest.fixture(scope="module")
def shop(sandbox_url):
    """A merchant with the sample shop, and the ids of its people."""
    made = Merchant(sandbox_url, a_fresh_key())
    made.names = made.lever("seed", {"shop": "small"})
    yield made
    assert made.http.deviations == []


def subscription_of(shop, person: str, name: str = "subscription"):
    """A person's subscription."""
    return shop.v1.subscriptions.retrieve(shop.names[person][name], {"expand": ["latest_invoice"]})


def test_it_opens_in_less_than_ten_seconds_of_work():
    bench = Bench(None, "http://127.0.0.1")
    began = time.process_time()

    seed(bench.account("quick"), "small")

    assert time.process_time() - began < 10


def test_ada_pays_for_two_seats_and_storage_with_vat(shop):
    subscription = subscription_of(shop, "ada")
    invoices = shop.invoices_of(subscription)
    cards = shop.v1.payment_methods.list({"customer": subscription.customer}).data
    upcoming = shop.v1.invoices.create_preview({"subscription": subscription.id})

    assert subscription.status == "active"
    assert [(i.quantity, i.price.unit_amount) for i in subscription["items"].data] == [(2, 2900), (1, 600)]
    assert len(invoices) == 14
    assert {i.status for i in invoices} == {"paid"}
    assert (invoices[-1].total, upcoming.total, upcoming.total_taxes[0].amount) == (7616, 7616, 1216)
    assert sorted(c.card.last4 for c in cards) == ["4242", "4444"]
    assert shop.v1.customers.tax_ids.list(subscription.customer).data[0].value == "DE129273398"


def test_bea_owes_a_renewal_with_an_expired_card(shop):
    subscription = subscription_of(shop, "bea")
    invoices = shop.invoices_of(subscription)
    card = shop.v1.payment_methods.retrieve(shop.names["bea"]["cards"][0])

    assert subscription.status == "past_due"
    assert [(i.status, i.total, i.currency) for i in invoices] == [("paid", 14700, "usd"), ("open", 14700, "usd")]
    assert invoices[-1].next_payment_attempt > shop.now()
    assert card.card.last4 == "0341"
    assert (card.card.exp_year, card.card.exp_month) < tuple(time.gmtime(shop.now())[:2])


def test_carl_has_paid_three_of_six_and_was_given_a_part_back(shop):
    schedule = shop.v1.subscription_schedules.retrieve(shop.names["carl"]["schedule"])
    paid = shop.invoices_of(subscription_of(shop, "carl"))
    refund = shop.v1.refunds.retrieve(shop.names["carl"]["refund"])

    assert (schedule.status, schedule.end_behavior, len(schedule.phases)) == ("active", "cancel", 1)
    assert [i.status for i in paid] == ["paid"] * 3
    assert len(shop.names["carl"]["orders"]) == 4
    assert refund.amount == 1500


def test_dora_tries_a_year_in_francs_with_a_code(shop):
    subscription = subscription_of(shop, "dora")
    upcoming = shop.v1.invoices.create_preview({"subscription": subscription.id})

    assert (subscription.status, subscription.currency) == ("trialing", "chf")
    assert 4 * DAY < subscription.trial_end - shop.now() <= 6 * DAY
    assert upcoming.total == 23_200


def test_emil_has_one_of_each_in_yen(shop):
    canceling, paused, ended = (subscription_of(shop, "emil", name) for name in ("canceling", "paused", "ended"))

    assert (canceling.status, canceling.cancel_at_period_end) == ("active", True)
    assert (paused.status, ended.status) == ("paused", "canceled")
    assert {canceling.currency, paused.currency, ended.currency} == {"jpy"}


def test_finn_has_twelve_hundred_invoices(shop):
    customer = shop.names["finn"]["customer"]
    invoices = list(shop.v1.invoices.list({"customer": customer, "limit": 100}).auto_paging_iter())
    open_ones = [i for i in invoices if i.status == "open"]

    assert len(invoices) == 1_200
    assert len({i.number for i in invoices}) == 1_200
    assert len(open_ones) == 3
    assert min(i.due_date for i in open_ones) < shop.now()
    assert max(i.created for i in invoices) - min(i.created for i in invoices) > 9 * 365 * DAY
    assert shop.v1.customers.retrieve(customer).balance < 0
    assert len(shop.v1.credit_notes.list({"customer": customer}).data) == 1


def test_gus_is_two_customers_under_one_address(shop):
    found = shop.v1.customers.list({"email": "gus@example.com"}).data

    assert {c.id for c in found} == {shop.names["gus"]["customer"], shop.names["gus"]["studio"]}
    assert {c.name for c in found} == {"Gus Lindqvist", "Lindqvist Studio AB"}


def test_hanas_bank_still_waits_for_her(shop):
    subscription = subscription_of(shop, "hana")

    assert (subscription.status, subscription.currency) == ("incomplete", "kwd")
    assert subscription.latest_invoice.amount_due == 9_500


def test_every_object_and_event_keeps_to_the_contract(shop):
    lists = ("subscriptions?status=all&", "invoices?", "events?", "customers?", "charges?", "prices?", "products?")
    for path in lists:
        _, _, page = shop.raw("GET", f"/v1/{path}limit=100")
        assert deviations_of_answer("GET", "/v1/" + path.partition("?")[0], 200, page) == []
        assert page["data"]
    _, _, events = shop.raw("GET", "/v1/events?limit=100")
    assert [d for event in events["data"] for d in deviations_of_event(event)] == []


def test_events_reach_back_thirty_days_at_most(shop):
    created = [e.created for e in shop.v1.events.list({"limit": 100}).auto_paging_iter()]

    assert min(created) >= shop.now() - 30 * DAY - 60


def test_the_shop_lives_on(sandbox_url):
    merchant = Merchant(sandbox_url, a_fresh_key())
    names = merchant.lever("seed", {"shop": "small"})

    merchant.advance(days=31)

    def status(person: str, name: str = "subscription") -> str:
        return merchant.v1.subscriptions.retrieve(names[person][name]).status

    assert status("ada") == "active"
    assert status("bea") == "canceled"
    assert status("dora") == "active"
    assert status("emil", "canceling") == "canceled"
    assert status("hana") == "incomplete_expired"
    assert merchant.http.deviations == []


@pytest.mark.parametrize("day", ["2027-01-31", "2027-02-28", "2027-03-01", "2027-08-31"])
def test_whenever_it_opens_everyone_has_what_the_table_says(day):
    account = Bench(None, "http://127.0.0.1").account("any")
    account.state["offset"] = int(datetime.fromisoformat(f"{day}T15:00+00:00").timestamp() - time.time())

    names = seed(account, "small")

    def status(person: str, name: str = "subscription") -> str:
        return account.get("subscription", names[person][name])["status"]

    def invoices(person: str) -> list[str]:
        return [i["status"] for i in account.all("invoice", ref=names[person]["subscription"])]

    assert invoices("ada") == ["paid"] * 14
    assert invoices("bea") == ["paid", "open"]
    assert invoices("carl") == ["paid"] * 3
    assert [status("emil", name) for name in ("canceling", "paused", "ended")] == ["active", "paused", "canceled"]
    assert [status(person) for person in ("bea", "dora", "hana")] == ["past_due", "trialing", "incomplete"]


def test_a_shop_is_only_opened_in_an_empty_account(shop):
    refused = shop.lever("seed", {"shop": "small"})

    assert "reset it first" in refused["error"]["message"]
