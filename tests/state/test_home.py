"""The first page in words."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from portal_app.security.visitor import SYSTEM, Visitor
from portal_app.services import configuration
from portal_app.services.desk import open_desk
from portal_app.state.home import HomeState
from tests.mirrored import (
    a_card,
    a_customer,
    a_line,
    a_payment,
    a_product,
    a_subscription,
    an_invoice,
    an_item,
    an_upcoming_invoice,
    seconds,
)
from tests.state.tabs import Tab

TODAY = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
ADA = Visitor("customer", customer_id="cus_ada", zone="Europe/Berlin")
BEA = Visitor("customer", customer_id="cus_bea", zone="Europe/Berlin")


@pytest.fixture(autouse=True)
def today(desk):
    with time_machine.travel(TODAY, tick=True):
        a_product(desk)
        yield


def opened(visitor: Visitor = ADA) -> HomeState:
    tab = Tab(HomeState, visitor)
    tab.does("load")
    return tab.state


def a_paying_customer(desk) -> str:
    a_customer(desk, name="Ada Winter", default_payment_method=a_card(desk))
    subscription_id = a_subscription(
        desk, items=[an_item(quantity=2)], start_date=seconds(datetime(2025, 10, 3, tzinfo=UTC))
    )
    taxes = [{"amount": 1102, "tax_behavior": "exclusive", "tax_rate_details": {"tax_rate": "txr_1"}}]
    an_upcoming_invoice(
        desk,
        subscription_id,
        due_at=datetime(2026, 12, 3, 9, tzinfo=UTC),
        lines=[a_line(quantity=2, start=datetime(2026, 12, 3, 9, tzinfo=UTC))],
        total=6902,
        total_taxes=taxes,
        default_tax_rates=[{"id": "txr_1", "display_name": "VAT", "percentage": 19.0}],
    )
    return subscription_id


def test_the_next_payment_is_said_with_its_day_and_card(desk):
    a_paying_customer(desk)

    shown = opened()

    assert (shown.heading, shown.lead, shown.is_well) == (
        "Hello Ada",
        "Everything is paid. Nothing needs your attention.",
        True,
    )
    assert (shown.amount.label, shown.amount.text, shown.amount.when, shown.amount.method) == (
        "Next payment",
        "€69.02",
        "on 3 December 2026 from",
        "Visa ending 4242",
    )


def test_why_this_amount_is_told_line_by_line(desk):
    a_paying_customer(desk)

    shown = opened()

    assert [(line.label, line.amount) for line in shown.sum_rows] == [
        ("Pro, 2 × €29.00", "€58.00"),
        ("VAT 19%", "€11.02"),
    ]
    assert (shown.amount.total_label, shown.amount.total) == ("You pay on 3 December 2026", "€69.02")


def test_one_subscription_is_shown_in_place_with_the_one_primary_button(desk):
    subscription_id = a_paying_customer(desk)

    shown = opened()

    (card,) = shown.cards
    assert (card.name, card.badge, card.price, card.price_note, card.contents) == (
        "Pro",
        "Active",
        "€58.00 a month",
        "plus VAT",
        "2 × Pro",
    )
    assert (card.next_short, card.since, card.address) == (
        "Renews on 3 December 2026.",
        "Member since October 2025.",
        f"/subscriptions/{subscription_id}",
    )
    assert shown.is_card_primary


def test_in_german_amounts_and_days_are_said_as_germans_do(desk):
    a_paying_customer(desk)

    shown = opened(Visitor("customer", customer_id="cus_ada", locale="de", zone="Europe/Berlin"))

    assert shown.amount.text == "69,02\u00a0€"
    assert "3. Dezember 2026" in shown.amount.when


@pytest.mark.parametrize(
    ("currency", "amount", "text"),
    [("jpy", 5280, "¥5,280"), ("kwd", 9500, "KWD\u00a09.500"), ("usd", 14700, "$147.00")],
)
def test_every_currency_has_its_own_decimals(desk, currency, amount, text):
    a_customer(desk)
    an_upcoming_invoice(desk, a_subscription(desk), currency=currency, total=amount)

    shown = opened()

    assert shown.amount.text == text


def test_given_a_failed_payment_then_the_strip_says_why_and_that_no_money_was_taken(desk):
    card = a_card(desk, last4="0341", exp_month=10, exp_year=2026)
    a_customer(desk, default_payment_method=card)
    subscription_id = a_subscription(desk, status="past_due")
    invoice_id = an_invoice(
        desk,
        status="open",
        total=14700,
        currency="usd",
        attempt_count=1,
        subscription=subscription_id,
        created=datetime(2026, 11, 14, tzinfo=UTC),
        next_try_at=datetime(2026, 11, 24, 12, tzinfo=UTC),
        hosted_invoice_url="https://pay.example/in_1",
    )
    tried = datetime(2026, 11, 14, 10, tzinfo=UTC)
    a_payment(
        desk,
        invoice_id,
        status="requires_payment_method",
        payment_method=card,
        error={"code": "expired_card"},
        at=tried,
    )

    shown = opened()

    (strip,) = shown.strips
    assert (strip.title, strip.kind) == ("Your payment of $147.00 failed on 14 November 2026", "danger")
    assert strip.text == (
        "Visa ending 0341 expired in October 2026, so no money was taken. We try again on 24 November 2026."
    )
    assert (strip.label, strip.href) == ("Pay $147.00 on our payment page", "https://pay.example/in_1")
    assert (shown.lead, shown.amount.label, shown.amount.text) == ("1 payment is open.", "Open amount", "$147.00")
    assert not shown.is_card_primary


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://pay.example/in_1", "//pay.example", ""])
def test_only_a_safe_address_is_offered_as_a_place_to_pay(desk, url):
    a_customer(desk)
    invoice_id = an_invoice(desk, status="open", attempt_count=1, hosted_invoice_url=url)

    (strip,) = opened().strips

    assert (strip.href, strip.address) == ("", f"/invoices/{invoice_id}")


def test_credit_and_the_last_payment_are_facts(desk):
    a_customer(desk, balance=-12000, default_payment_method=a_card(desk))
    a_payment(desk, an_invoice(desk), amount=7616, at=datetime(2026, 11, 3, tzinfo=UTC))

    shown = opened()

    assert [(fact.label, fact.text) for fact in shown.facts] == [
        ("Credit", "€120.00, used for your next invoices"),
        ("Last payment", "€76.16, 3 November 2026"),
    ]


def test_given_nothing_was_bought_then_the_page_is_empty_and_not_an_error(desk):
    a_customer(desk)

    shown = opened()

    assert (shown.is_empty, shown.is_loaded, shown.problem) == (True, True, "")


def test_given_the_merchant_hides_details_and_invoices_then_they_are_not_sent(desk):
    a_paying_customer(desk)
    an_invoice(desk)
    with open_desk(actor=SYSTEM) as merchant:
        configuration.publish(merchant, {"billing_details": False, "invoice_history": False}, seen_version=0)

    shown = opened()

    assert (shown.billing, shown.invoices, shown.all_invoices) == ([], [], "")


def test_given_ada_when_bea_opens_her_page_then_nothing_of_adas_is_on_it(desk):
    a_paying_customer(desk)
    an_invoice(desk, status="open", attempt_count=1)
    a_customer(desk, "cus_bea", name="Bea Okafor")

    shown = opened(BEA)

    assert shown.heading == "Hello Bea"
    assert not any((shown.cards, shown.strips, shown.amount.text, shown.invoices, shown.facts))


def test_a_business_is_greeted_by_its_whole_name(desk):
    a_customer(desk, name="Harbour Freight Ltd", email="finn@example.com")

    assert opened().heading == "Hello Harbour Freight Ltd"


def test_given_the_customer_was_deleted_then_the_page_says_so_instead_of_failing(desk):
    shown = opened()

    assert (shown.is_loaded, shown.problem, shown.refusal) == (True, "not_found", "We cannot find this.")


def test_given_the_figure_is_older_than_the_last_change_then_it_says_its_age(desk):
    a_customer(desk)
    an_upcoming_invoice(desk, a_subscription(desk), revision=0, asked_at=TODAY - timedelta(minutes=5))

    assert opened().amount.age == "As of 21 November 2026, 14:55 (Europe/Berlin). A newer figure is on its way."
