"""The subscription pages in words: badges, sentences, figures, history."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from portal_app.security.visitor import SYSTEM, Visitor
from portal_app.services import configuration
from portal_app.services.desk import open_desk
from portal_app.state.subscription import SubscriptionState
from portal_app.state.subscriptions import SubscriptionsState
from tests.mirrored import (
    a_card,
    a_customer,
    a_product,
    a_subscription,
    an_invoice,
    an_item,
    an_upcoming_invoice,
    put,
    seconds,
)
from tests.state.tabs import Tab

TODAY = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
SOON = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)
ADA, BEA = (Visitor("customer", customer_id=f"cus_{name}", zone="UTC") for name in ("ada", "bea"))


@pytest.fixture(autouse=True)
def today(desk):
    with time_machine.travel(TODAY, tick=True):
        a_product(desk)
        a_customer(desk, default_payment_method=a_card(desk))
        yield


def listed(visitor: Visitor = ADA) -> SubscriptionsState:
    tab = Tab(SubscriptionsState, visitor, "/subscriptions")
    tab.does("load")
    return tab.state


def opened(subscription_id: str, visitor: Visitor = ADA) -> SubscriptionState:
    tab = Tab(SubscriptionState, visitor, f"/subscriptions/{subscription_id}")
    tab.does("load")
    return tab.state


@pytest.mark.parametrize(
    ("given", "badge", "sentence"),
    [
        ({}, ("Active", "good"), "Renews on 3 December 2026."),
        (
            {"status": "trialing", "trial_end": seconds(SOON)},
            ("Free trial, ends 3 Dec", "info"),
            "Your free trial ends on 3 December 2026.",
        ),
        (
            {"cancel_at_period_end": True, "cancel_at": seconds(SOON)},
            ("Canceling, ends 3 Dec", "wait"),
            "Ends on 3 December 2026. You keep access until then, and nothing more is charged.",
        ),
        (
            {"pause_collection": {"behavior": "void", "resumes_at": seconds(SOON)}},
            ("Paused", "off"),
            "Payments are paused until 3 December 2026.",
        ),
        (
            {"status": "paused", "status_details": {"paused": {"transitioned_at": seconds(TODAY)}}},
            ("Paused", "off"),
            "Paused since 21 November 2026. Nothing is charged.",
        ),
        ({"status": "past_due"}, ("Payment failed", "bad"), "The last payment failed."),
        ({"status": "unpaid"}, ("On hold", "bad"), "On hold until the open invoices are paid."),
        (
            {"status": "incomplete", "created": seconds(TODAY)},
            ("Waiting for payment", "wait"),
            "It starts with your first payment, until 22 November 2026, 13:00 (UTC).",
        ),
        ({"status": "canceled", "ended_at": seconds(TODAY)}, ("Ended", "off"), "Ended on 21 November 2026."),
        (
            {"status": "incomplete_expired"},
            ("Expired", "off"),
            "The first payment was never made, so it did not start.",
        ),
    ],
)
def test_every_state_has_a_badge_and_a_sentence(desk, given, badge, sentence):
    subscription_id = a_subscription(desk, items=[an_item(ends=SOON)], **given)

    card = opened(subscription_id).card

    assert ((card.badge, card.badge_kind), card.next_event) == (badge, sentence)


def test_the_sentence_names_amount_and_card(desk):
    subscription_id = a_subscription(desk, items=[an_item(ends=SOON)])
    an_upcoming_invoice(desk, subscription_id, due_at=SOON, total=7616)

    card = opened(subscription_id).card

    assert card.next_event == "Renews on 3 December 2026 for €76.16 from Visa ending 4242."


def test_a_yearly_price_also_says_what_it_is_a_month(desk):
    subscription_id = a_subscription(desk, items=[an_item(amount=29000, interval="year")])

    card = opened(subscription_id).card

    assert (card.price, card.price_note) == ("€290.00 a year", "€24.17 a month")


@pytest.mark.parametrize(
    ("interval", "count", "text"),
    [("week", 1, "€29.00 a week"), ("month", 3, "€29.00 every 3 months"), ("day", 10, "€29.00 every 10 days")],
)
def test_every_interval_is_said_as_one_would(desk, interval, count, text):
    subscription_id = a_subscription(desk, items=[an_item(interval=interval, count=count)])

    assert opened(subscription_id).card.price == text


def test_a_payment_plan_counts_its_instalments_and_says_why_it_cannot_be_canceled(desk):
    ends = datetime(2027, 2, 1, tzinfo=UTC)
    phase = {"start_date": seconds(datetime(2026, 8, 1, tzinfo=UTC)), "end_date": seconds(ends), "items": []}
    subscription_id = a_subscription(desk, schedule="sub_sched_1", items=[an_item(ends=SOON)])
    schedule = {"object": "subscription_schedule", "id": "sub_sched_1", "created": 1, "customer": "cus_ada"}
    put(
        desk,
        {**schedule, "subscription": subscription_id, "status": "active", "end_behavior": "cancel", "phases": [phase]},
    )
    for _place in range(3):
        an_invoice(desk, subscription=subscription_id)

    shown = opened(subscription_id)

    assert shown.card.next_event == "3 of 6 instalments are paid. Next instalment on 3 December 2026."
    assert not shown.can_cancel
    assert shown.cancel_refusal.startswith("This is a payment plan")


def test_canceling_shows_the_way_to_the_end_and_the_button_back(desk):
    subscription_id = a_subscription(desk, cancel_at_period_end=True, cancel_at=seconds(SOON))

    (card,) = listed().cards

    assert (card.id, card.can_undo, card.has_track) == (subscription_id, True, True)
    assert (card.track.start_on, card.track.end, card.track.end_on) == (
        "21 November 2026",
        "Access ends",
        "3 December 2026",
    )


def test_what_is_over_is_folded(desk):
    a_subscription(desk)
    a_subscription(desk, status="canceled", ended_at=seconds(TODAY))

    shown = listed()

    assert (len(shown.cards), len(shown.ended), shown.ended_count) == (1, 1, 1)


def test_the_lead_says_what_is_not_as_usual(desk):
    a_subscription(desk)
    quiet = listed().lead
    a_subscription(desk, cancel_at_period_end=True, cancel_at=seconds(SOON))

    told = listed().lead

    assert (quiet, told) == ("", "1 subscription is running. 1 is canceling.")


def test_history_tells_the_newest_first(desk):
    subscription_id = a_subscription(desk, start_date=seconds(datetime(2025, 10, 3, tzinfo=UTC)))
    for month, reason in ((10, "subscription_cycle"), (11, "subscription_update")):
        created = datetime(2026, month, 3, tzinfo=UTC)
        an_invoice(desk, subscription=subscription_id, billing_reason=reason, created=created, total=7616)

    shown = opened(subscription_id)

    assert [(entry.text, entry.day) for entry in shown.history] == [
        ("Changed, €76.16 charged", "3 November 2026"),
        ("Renewed for €76.16", "3 October 2026"),
        ("Pro started", "3 October 2025"),
    ]


def test_given_the_merchant_switches_canceling_off_then_the_button_goes_and_the_page_says_why(desk):
    subscription_id = a_subscription(desk)
    before = opened(subscription_id).can_cancel
    with open_desk(actor=SYSTEM) as merchant:
        configuration.publish(merchant, {"subscription_cancel": False}, seen_version=0)

    after = opened(subscription_id)

    assert (before, after.can_cancel) == (True, False)
    assert after.cancel_refusal == "Canceling is not offered here. Write to us, and we take care of it."


@pytest.mark.parametrize("address", ["/subscriptions/sub_nobody", "/subscriptions/../../etc", "/subscriptions/"])
def test_given_no_such_subscription_then_the_page_says_it_is_not_there(desk, address):
    tab = Tab(SubscriptionState, ADA, address)

    tab.does("load")

    assert (tab.state.is_loaded, tab.state.problem) == (True, "not_found")


def test_given_adas_subscription_when_bea_opens_its_address_then_it_is_not_found(desk):
    a_customer(desk, "cus_bea")
    subscription_id = a_subscription(desk)

    shown = opened(subscription_id, BEA)

    assert (shown.problem, shown.card.name, shown.history) == ("not_found", "", [])
    assert listed(BEA).cards == []


def test_an_expiring_card_is_named_beside_what_it_pays(desk):
    card = a_card(desk, last4="4444", brand="mastercard", exp_month=12, exp_year=2026)
    a_subscription(desk, default_payment_method=card)

    (shown,) = listed().cards

    assert (shown.method_text, shown.is_method_told) == ("Mastercard ending 4444, expires 12/2026", False)


def test_an_open_invoice_stands_on_the_page(desk):
    subscription_id = a_subscription(desk, status="past_due")
    invoice_id = an_invoice(
        desk, subscription=subscription_id, status="open", attempt_count=1, next_try_at=TODAY + timedelta(days=3)
    )

    shown = opened(subscription_id)

    assert ([line.id for line in shown.open_invoices], shown.open_address) == ([invoice_id], f"/invoices/{invoice_id}")
    assert shown.card.next_event == "The last payment failed. We try again on 24 November 2026."
