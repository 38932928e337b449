"""How a subscription ends: at the period's end, taken back, at once, with its customer."""

import pytest
import stripe

HOUR = 3_600


def test_when_canceled_at_period_end_then_it_runs_on_until_then(merchant):
    subscription = merchant.a_subscription()
    end = subscription["items"].data[0].current_period_end

    ending = merchant.v1.subscriptions.update(
        subscription.id, {"cancel_at_period_end": True, "cancellation_details": {"feedback": "unused", "comment": "Hm"}}
    )
    assert (ending.status, ending.cancel_at, ending.canceled_at) == ("active", end, ending.created)
    assert ending.cancellation_details.reason == "cancellation_requested"
    assert ending.cancellation_details.feedback == "unused"
    merchant.advance(to=end + HOUR)

    ended = merchant.v1.subscriptions.retrieve(subscription.id)
    assert (ended.status, ended.ended_at) == ("canceled", end)
    assert len(merchant.invoices_of(subscription)) == 1
    assert len(merchant.events("customer.subscription.deleted")) == 1


def test_when_the_cancellation_is_taken_back_then_it_renews(merchant):
    subscription = merchant.a_subscription()
    merchant.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})

    kept = merchant.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})
    merchant.advance(days=32)

    assert (kept.cancel_at, kept.canceled_at, kept.cancellation_details.reason) == (None, None, None)
    assert merchant.v1.subscriptions.retrieve(subscription.id).status == "active"
    assert len(merchant.invoices_of(subscription)) == 2
    effects = merchant.lever("effects")
    assert effects["cancellation_scheduled"] == effects["cancellation_undone"] == {subscription.id: 1}
    assert "cancellation" not in effects


def test_the_event_of_a_cancellation_says_what_was_before(merchant):
    subscription = merchant.a_subscription()

    merchant.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})

    event = merchant.events("customer.subscription.updated")[-1]
    assert event.data.object.cancel_at_period_end is True
    assert event.data.previous_attributes.to_dict() == {
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"reason": None},
    }


def test_an_end_can_be_set_for_a_moment_or_the_last_period(merchant):
    yearly, monthly = merchant.a_price(interval="year"), merchant.a_price()
    subscription = merchant.a_subscription(items=[{"price": yearly.id}, {"price": monthly.id}])
    ends = sorted(item.current_period_end for item in subscription["items"].data)

    at_first = merchant.v1.subscriptions.update(subscription.id, {"cancel_at": "min_period_end"})
    at_last = merchant.v1.subscriptions.update(subscription.id, {"cancel_at": "max_period_end"})
    never = merchant.v1.subscriptions.update(subscription.id, {"cancel_at": ""})

    assert (at_first.cancel_at, at_last.cancel_at, never.cancel_at) == (*ends, None)


def test_when_canceled_now_then_open_invoices_are_no_longer_collected(merchant):
    subscription = merchant.a_subscription(merchant.a_customer("chargeCustomerFail"), trial_period_days=1)
    merchant.advance(days=1.2)
    assert merchant.invoices_of(subscription)[-1].next_payment_attempt

    ended = merchant.v1.subscriptions.cancel(subscription.id)

    invoice = merchant.invoices_of(subscription)[-1]
    assert ended.status == "canceled"
    assert (invoice.status, invoice.auto_advance, invoice.next_payment_attempt) == ("open", False, None)


def test_when_canceled_now_with_credit_then_unused_time_goes_to_the_balance(merchant):
    customer = merchant.a_customer()
    subscription = merchant.a_subscription(customer, merchant.a_price(3000))
    item = subscription["items"].data[0]
    merchant.advance(to=(item.current_period_start + item.current_period_end) // 2)

    merchant.v1.subscriptions.cancel(subscription.id, {"prorate": True, "invoice_now": True})

    last = merchant.invoices_of(subscription)[-1]
    assert last.total == pytest.approx(-1500, abs=1)
    assert merchant.v1.customers.retrieve(customer.id).balance == last.total


def test_a_canceled_subscription_takes_only_metadata_and_details(merchant):
    subscription = merchant.a_subscription()
    merchant.v1.subscriptions.cancel(subscription.id)

    noted = merchant.v1.subscriptions.update(
        subscription.id, {"metadata": {"a": "b"}, "cancellation_details": {"feedback": "other"}}
    )
    with pytest.raises(stripe.InvalidRequestError):
        merchant.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})

    assert noted.cancellation_details.feedback == "other"


def test_lists_hide_canceled_ones_unless_asked(merchant):
    gone, kept = merchant.a_subscription(), merchant.a_subscription()
    merchant.v1.subscriptions.cancel(gone.id)

    def listed(**params):
        return {s.id for s in merchant.v1.subscriptions.list(params).data}

    assert listed() == {kept.id}
    assert listed(status="all") == {kept.id, gone.id}
    assert listed(status="canceled") == listed(status="ended") == {gone.id}
    assert listed(customer=gone.customer, status="active") == set()


def test_when_a_customer_is_deleted_then_the_subscriptions_end(merchant):
    subscription = merchant.a_subscription()

    stub = merchant.v1.customers.delete(subscription.customer)

    assert stub.deleted is True
    assert merchant.v1.customers.retrieve(subscription.customer).deleted is True
    assert merchant.v1.subscriptions.retrieve(subscription.id).status == "canceled"
    assert merchant.v1.customers.list().data == []
