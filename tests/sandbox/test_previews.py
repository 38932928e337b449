"""Previews: the next renewal, the steady price, an end, a trial, a new subscription."""

import pytest
import stripe

from tests.sandbox.test_changes import halfway, switch

HOUR = 3_600


def test_the_next_invoice_is_the_next_renewal(merchant):
    subscription = merchant.a_subscription()
    end = subscription["items"].data[0].current_period_end

    upcoming = merchant.v1.invoices.create_preview({"subscription": subscription.id})

    assert (upcoming.total, upcoming.billing_reason, upcoming.status) == (1000, "upcoming", "draft")
    assert upcoming.created == end
    assert upcoming.next_payment_attempt == end + HOUR
    assert upcoming.lines.data[0].period.start == end


def test_given_an_ending_subscription_then_no_invoice_is_upcoming(merchant):
    subscription = merchant.a_subscription(cancel_at_period_end=True)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        merchant.v1.invoices.create_preview({"subscription": subscription.id})

    assert (refused.value.http_status, refused.value.code) == (404, "invoice_upcoming_none")


def test_the_steady_price_is_previewed_without_prorations(merchant):
    subscription = merchant.a_subscription()
    team = merchant.a_price(2000)
    halfway(merchant, subscription)

    steady = merchant.v1.invoices.create_preview(
        {
            "subscription": subscription.id,
            "subscription_details": switch(subscription, team),
            "preview_mode": "recurring",
        }
    )

    assert [line.amount for line in steady.lines.data] == [2000]


def test_ending_now_is_previewed_with_its_credit(merchant):
    subscription = merchant.a_subscription()
    middle = halfway(merchant, subscription)

    preview = merchant.v1.invoices.create_preview(
        {"subscription": subscription.id, "subscription_details": {"cancel_now": True, "proration_date": middle}}
    )

    assert preview.total == -500
    assert merchant.v1.subscriptions.retrieve(subscription.id).status == "active"


def test_a_trial_is_previewed_with_its_first_payment(merchant):
    coupon = merchant.v1.coupons.create({"percent_off": 20, "duration": "forever"})
    subscription = merchant.a_subscription(trial_period_days=9, discounts=[{"coupon": coupon.id}])

    upcoming = merchant.v1.invoices.create_preview({"subscription": subscription.id})

    assert (upcoming.created, upcoming.total) == (subscription.trial_end, 800)


def test_a_new_subscription_can_be_previewed(merchant):
    customer = merchant.a_customer(card=None)
    price = merchant.a_price(2500)

    preview = merchant.v1.invoices.create_preview(
        {"customer": customer.id, "subscription_details": {"items": [{"price": price.id, "quantity": 2}]}}
    )

    assert preview.total == 5000
    assert merchant.v1.subscriptions.list().data == []
