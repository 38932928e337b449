"""Subscriptions from the mirror: their states, their figures, and whose they are."""

from datetime import UTC, datetime, timedelta

import pytest

from portal_app.kit.clock import now
from portal_app.kit.errors import NotFound
from portal_app.kit.money import Money
from portal_app.services import subscriptions
from tests.mirrored import (
    a_card,
    a_customer,
    a_line,
    a_product,
    a_subscription,
    an_invoice,
    an_item,
    an_upcoming_invoice,
    put,
    seconds,
)

NEXT_YEAR = now() + timedelta(days=365)
STATES = {
    "active": {},
    "trialing": {"status": "trialing", "trial_end": seconds(now() + timedelta(days=5))},
    "canceling": {"cancel_at_period_end": True, "cancel_at": seconds(now() + timedelta(days=12))},
    "collection_paused": {"pause_collection": {"behavior": "void", "resumes_at": None}},
    "paused": {"status": "paused", "status_details": {"paused": {"transitioned_at": seconds(now())}}},
    "past_due": {"status": "past_due"},
    "unpaid": {"status": "unpaid"},
    "incomplete": {"status": "incomplete"},
    "ended": {"status": "canceled", "ended_at": seconds(now())},
    "expired": {"status": "incomplete_expired", "ended_at": seconds(now())},
}


@pytest.fixture(autouse=True)
def ada(desk):
    return a_customer(desk)


@pytest.mark.parametrize("state", STATES)
def test_every_state_of_stripe_has_a_word_of_ours(desk, ada, state):
    subscription_id = a_subscription(desk, **STATES[state])

    found = subscriptions.get(desk, ada, subscription_id)

    assert found.state == state


def test_given_a_canceling_one_whose_payment_failed_then_it_is_canceling(desk, ada):
    subscription_id = a_subscription(desk, **STATES["canceling"] | {"status": "past_due"})

    found = subscriptions.get(desk, ada, subscription_id)

    assert found.state == "canceling"


def test_given_an_end_that_only_the_merchant_set_then_the_customer_cannot_undo_it(desk, ada):
    ours = a_subscription(desk, **STATES["canceling"])
    theirs = a_subscription(desk, cancel_at=seconds(NEXT_YEAR))

    found = [subscriptions.get(desk, ada, one) for one in (ours, theirs)]

    assert [(one.state, one.can_undo) for one in found] == [("canceling", True), ("canceling", False)]


def test_given_adas_subscription_when_bea_asks_for_it_then_it_is_not_found(desk, ada):
    bea = a_customer(desk, "cus_bea")
    subscription_id = a_subscription(desk, ada)

    with pytest.raises(NotFound):
        subscriptions.get(desk, bea, subscription_id)


def test_given_subscriptions_of_two_customers_then_each_sees_their_own(desk, ada):
    bea = a_customer(desk, "cus_bea")
    hers, others = a_subscription(desk, ada), a_subscription(desk, bea)

    found = [[one.id for one in subscriptions.list_for(desk, customer)] for customer in (ada, bea)]

    assert found == [[hers], [others]]


def test_what_is_over_comes_after_what_runs(desk, ada):
    ended = a_subscription(desk, **STATES["ended"], created=seconds(now()))
    running = a_subscription(desk)

    found = subscriptions.list_for(desk, ada)

    assert [one.id for one in found] == [running, ended]


def test_the_price_is_the_sum_of_its_items(desk, ada):
    a_product(desk)
    a_product(desk, "Storage 100 GB")
    items = [an_item(amount=2900, quantity=2), an_item("prod_storage_100_gb", 600)]
    subscription_id = a_subscription(desk, items=items)

    found = subscriptions.get(desk, ada, subscription_id)

    assert found.price == Money(6400, "eur")
    assert [(item.name, item.quantity, item.amount) for item in found.items] == [
        ("Pro", 2, Money(5800, "eur")),
        ("Storage 100 GB", 1, Money(600, "eur")),
    ]


def test_given_a_price_in_tiers_then_no_price_is_made_up(desk, ada):
    a_product(desk)
    items = [an_item(), an_item("prod_pro", billing_scheme="tiered", unit_amount_decimal=None)]
    items[1]["price"]["unit_amount"] = None
    subscription_id = a_subscription(desk, items=items)

    found = subscriptions.get(desk, ada, subscription_id)

    assert found.price is None


def test_given_a_yearly_price_then_it_also_says_what_it_is_a_month(desk, ada):
    a_product(desk)
    subscription_id = a_subscription(desk, items=[an_item(amount=29000, interval="year")])

    found = subscriptions.get(desk, ada, subscription_id)

    assert found.price_per_month == Money(2417, "eur")


def test_the_subscriptions_own_card_goes_before_the_default(desk):
    default, own = a_card(desk), a_card(desk, brand="mastercard", last4="4444")
    ada = a_customer(desk, default_payment_method=default)
    plain, chosen = a_subscription(desk), a_subscription(desk, default_payment_method=own)

    found = [subscriptions.get(desk, ada, one).payment_method for one in (plain, chosen)]

    assert [method and method.last4 for method in found] == ["4242", "4444"]


def test_given_invoices_are_sent_then_no_card_is_named(desk):
    ada = a_customer(desk, default_payment_method=a_card(desk))
    subscription_id = a_subscription(desk, collection_method="send_invoice")

    found = subscriptions.get(desk, ada, subscription_id)

    assert (found.is_sent_as_invoice, found.payment_method) == (True, None)


def test_the_next_amount_is_the_one_that_stripe_computed(desk, ada):
    subscription_id = a_subscription(desk)
    due_at = datetime(2027, 1, 3, tzinfo=UTC)
    taxes = [{"amount": 551, "tax_behavior": "exclusive", "tax_rate_details": {"tax_rate": "txr_1"}}]
    rates = [{"id": "txr_1", "display_name": "VAT", "percentage": 19.0}]
    an_upcoming_invoice(desk, subscription_id, due_at=due_at, total=3451, total_taxes=taxes, default_tax_rates=rates)

    found = subscriptions.get(desk, ada, subscription_id)

    assert (found.next.kind, found.next.at, found.next.amount) == ("renews", due_at, Money(3451, "eur"))
    assert found.upcoming.as_of is None
    (tax,) = found.upcoming.sum.taxes
    assert (tax.name, str(tax.percent), tax.amount) == ("VAT", "19.0", Money(551, "eur"))


def test_given_something_changed_since_it_was_asked_then_the_figure_says_its_age(desk, ada):
    subscription_id = a_subscription(desk)
    asked_at = datetime(2026, 11, 21, 14, 2, tzinfo=UTC)
    an_upcoming_invoice(desk, subscription_id, revision=0, asked_at=asked_at)

    found = subscriptions.get(desk, ada, subscription_id)

    assert found.upcoming.as_of == asked_at


def test_given_a_failed_payment_then_the_next_try_is_told(desk, ada):
    subscription_id = a_subscription(desk, status="past_due")
    next_try_at = datetime(2027, 1, 5, tzinfo=UTC)
    an_invoice(desk, subscription=subscription_id, status="open", attempt_count=1, next_try_at=next_try_at)

    found = subscriptions.get(desk, ada, subscription_id)

    assert (found.next.kind, found.next.at) == ("retries", next_try_at)


def test_a_finite_schedule_that_ends_in_cancellation_is_a_payment_plan(desk, ada):
    phase = {
        "start_date": seconds(datetime(2026, 8, 1, tzinfo=UTC)),
        "end_date": seconds(datetime(2027, 2, 1, tzinfo=UTC)),
    }
    subscription_id = a_subscription(desk, schedule="sub_sched_1", cancel_at=phase["end_date"])
    put(desk, _a_schedule(subscription_id, end_behavior="cancel", phases=[{**phase, "items": []}]))
    an_invoice(desk, subscription=subscription_id)
    an_invoice(desk, subscription=subscription_id)

    found = subscriptions.get(desk, ada, subscription_id)

    assert found.state == "active"
    assert (found.payment_plan.paid, found.payment_plan.instalments) == (2, 6)


def test_a_product_that_is_marked_makes_a_payment_plan_too(desk, ada):
    a_product(desk, "Course", metadata={"portal_kind": "payment_plan"})
    subscription_id = a_subscription(desk, items=[an_item("prod_course")])

    found = subscriptions.get(desk, ada, subscription_id)

    assert found.payment_plan is not None


def test_given_a_later_phase_with_another_price_then_the_change_is_announced(desk, ada):
    a_product(desk)
    a_product(desk, "Basic")
    starts_at = datetime(2027, 1, 3, tzinfo=UTC)
    subscription_id = a_subscription(desk, items=[an_item(price="price_pro")], schedule="sub_sched_1")
    put(desk, {"object": "price", "id": "price_basic", "created": 1, "product": "prod_basic", "active": True})
    phases = [
        {"start_date": seconds(now() - timedelta(days=9)), "items": [{"price": "price_pro", "quantity": 1}]},
        {"start_date": seconds(starts_at), "items": [{"price": "price_basic", "quantity": 1}]},
    ]
    put(desk, _a_schedule(subscription_id, end_behavior="release", phases=phases))

    found = subscriptions.get(desk, ada, subscription_id)

    assert found.scheduled_change == subscriptions.ScheduledChange(starts_at, ("Basic",))


def test_a_coupon_is_named_with_its_end(desk, ada):
    until = datetime(2027, 3, 1, tzinfo=UTC)
    coupon = {"object": "coupon", "id": "half", "name": "Half price", "percent_off": 50, "valid": True}
    put(desk, {**coupon, "created": seconds(now())})
    discounts = [{"id": "di_1", "source": {"coupon": "half", "type": "coupon"}, "end": seconds(until)}]
    subscription_id = a_subscription(desk, discounts=discounts)

    (found,) = subscriptions.get(desk, ada, subscription_id).discounts

    assert (found.coupon.name, found.coupon.percent_off, found.ends_at) == ("Half price", 50, until)


def test_what_a_plan_includes_comes_from_the_product(desk, ada):
    a_product(desk, marketing_features=[{"name": "Unlimited projects"}, {"name": "Priority support"}])
    subscription_id = a_subscription(desk, items=[an_item()])

    found = subscriptions.get(desk, ada, subscription_id)

    assert found.features == ("Unlimited projects", "Priority support")


def test_a_sum_reads_prorations_discounts_and_credit(desk, ada):
    subscription_id = a_subscription(desk)
    lines = [a_line(), a_line(amount=-600, proration=True, description="Unused time on Basic after 20 Nov 2026")]
    an_upcoming_invoice(
        desk,
        subscription_id,
        lines=lines,
        total=2000,
        amount_due=1500,
        starting_balance=-500,
        discounts=[
            {"id": "di_1", "source": {"coupon": {"id": "c", "name": "Welcome", "amount_off": 300, "currency": "eur"}}}
        ],
        total_discount_amounts=[{"amount": 300, "discount": "di_1"}],
    )

    found = subscriptions.get(desk, ada, subscription_id).upcoming.sum

    assert [(line.name, line.amount.amount, line.is_proration) for line in found.lines] == [
        ("Pro", 2900, False),
        ("Unused time on Basic after 20 Nov 2026", -600, True),
    ]
    assert [(discount.name, discount.amount.amount) for discount in found.discounts] == [("Welcome", 300)]
    assert (found.balance_applied.amount, found.amount_due.amount) == (-500, 1500)


def _a_schedule(subscription_id: str, **given):
    return {
        "object": "subscription_schedule",
        "id": "sub_sched_1",
        "created": seconds(now()),
        "customer": "cus_ada",
        "subscription": subscription_id,
        "status": "active",
        **given,
    }
