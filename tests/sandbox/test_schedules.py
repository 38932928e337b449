"""Subscription schedules: a change at the period's end, a plan of instalments."""

import pytest
import stripe

from tests.sandbox.merchant import DAY

HOUR = 3_600


def a_downgrade(merchant, subscription, price, **more):
    """A schedule that changes the price at the end of the running period."""
    v1 = merchant.v1.subscription_schedules
    schedule = v1.create({"from_subscription": subscription.id})
    running = schedule.phases[0]
    phases = [
        {
            "start_date": running.start_date,
            "end_date": running.end_date,
            "items": [{"price": running["items"][0].price, "quantity": 1}],
        },
        {"items": [{"price": price.id, "quantity": 1}], "duration": {"interval": "month", "interval_count": 1}},
    ]
    return v1.update(schedule.id, {"phases": phases, "end_behavior": "release"} | more)


def test_a_downgrade_takes_effect_with_the_next_period(merchant):
    subscription = merchant.a_subscription(price=merchant.a_price(2000))
    basic = merchant.a_price(1000)

    schedule = a_downgrade(merchant, subscription, basic)
    upcoming = merchant.v1.invoices.create_preview({"subscription": subscription.id})
    merchant.advance(days=32)

    after = merchant.v1.subscriptions.retrieve(subscription.id)
    assert schedule.status == "active"
    assert merchant.v1.subscriptions.retrieve(subscription.id).schedule == schedule.id
    assert upcoming.total == 1000
    assert [i.total for i in merchant.invoices_of(subscription)] == [2000, 1000]
    assert after["items"].data[0].price.id == basic.id


def test_after_its_last_phase_the_subscription_goes_on_by_itself(merchant):
    subscription = merchant.a_subscription(price=merchant.a_price(2000))
    schedule = a_downgrade(merchant, subscription, merchant.a_price(1000))

    merchant.advance(days=95)

    released = merchant.v1.subscription_schedules.retrieve(schedule.id)
    after = merchant.v1.subscriptions.retrieve(subscription.id)
    assert (released.status, released.released_subscription, released.subscription) == (
        "released",
        subscription.id,
        None,
    )
    assert (after.status, after.schedule) == ("active", None)
    assert [i.total for i in merchant.invoices_of(subscription)] == [2000, 1000, 1000, 1000]


def test_a_released_schedule_changes_nothing_more(merchant):
    subscription = merchant.a_subscription(price=merchant.a_price(2000))
    schedule = a_downgrade(merchant, subscription, merchant.a_price(1000))

    merchant.v1.subscription_schedules.release(schedule.id)
    merchant.advance(days=32)

    assert [i.total for i in merchant.invoices_of(subscription)] == [2000, 2000]
    with pytest.raises(stripe.InvalidRequestError):
        merchant.v1.subscription_schedules.release(schedule.id)


def test_nothing_else_may_stand_beside_from_subscription(merchant):
    subscription = merchant.a_subscription()

    with pytest.raises(stripe.InvalidRequestError):
        merchant.v1.subscription_schedules.create({"from_subscription": subscription.id, "end_behavior": "cancel"})


def test_a_plan_of_six_instalments_ends_after_six_payments(merchant):
    customer = merchant.a_customer()
    price = merchant.a_price(4900)
    schedule = merchant.v1.subscription_schedules.create(
        {
            "customer": customer.id,
            "start_date": "now",
            "end_behavior": "cancel",
            "phases": [
                {"items": [{"price": price.id}], "duration": {"interval": "month", "interval_count": 6}},
            ],
        }
    )
    subscription = merchant.v1.subscriptions.retrieve(schedule.subscription)
    first = merchant.invoices_of(subscription)[0]
    assert (subscription.status, first.status) == ("active", "draft")
    merchant.advance(days=200)

    done = merchant.v1.subscription_schedules.retrieve(schedule.id)
    ended = merchant.v1.subscriptions.retrieve(subscription.id)
    assert (done.status, ended.status, ended.ended_at) == ("completed", "canceled", done.completed_at)
    assert done.completed_at == done.phases[0].end_date
    assert [i.status for i in merchant.invoices_of(subscription)] == ["paid"] * 6
    told = [e.type for e in merchant.events() if e.type.startswith("subscription_schedule.")]
    assert told == [
        "subscription_schedule.created",
        "subscription_schedule.expiring",
        "subscription_schedule.completed",
    ]


def test_given_the_last_instalment_is_paid_then_no_invoice_is_upcoming(merchant):
    customer = merchant.a_customer()
    phase = {"items": [{"price": merchant.a_price().id}], "duration": {"interval": "month", "interval_count": 2}}
    schedule = merchant.v1.subscription_schedules.create(
        {"customer": customer.id, "start_date": "now", "end_behavior": "cancel", "phases": [phase]}
    )
    merchant.advance(days=35)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        merchant.v1.invoices.create_preview({"subscription": schedule.subscription})

    assert refused.value.code == "invoice_upcoming_none"


def test_a_schedule_may_start_later(merchant):
    customer = merchant.a_customer()
    start = merchant.now() + 10 * DAY
    schedule = merchant.v1.subscription_schedules.create(
        {"customer": customer.id, "start_date": start, "phases": [{"items": [{"price": merchant.a_price().id}]}]}
    )
    assert (schedule.status, schedule.subscription) == ("not_started", None)

    merchant.advance(to=start + 2 * HOUR)

    started = merchant.v1.subscription_schedules.retrieve(schedule.id, {"expand": ["subscription"]})
    assert (started.status, started.subscription.status) == ("active", "active")
    assert started.subscription.start_date == start


def test_when_a_schedule_is_canceled_then_its_subscription_ends(merchant):
    subscription = merchant.a_subscription()
    schedule = merchant.v1.subscription_schedules.create({"from_subscription": subscription.id})

    canceled = merchant.v1.subscription_schedules.cancel(schedule.id)

    assert canceled.status == "canceled"
    assert merchant.v1.subscriptions.retrieve(subscription.id).status == "canceled"
