"""Pausing and resuming: for good measure, and of collection only."""

import pytest
import stripe

from tests.sandbox.merchant import DAY


def test_when_paused_then_no_invoice_comes_until_it_is_resumed(merchant):
    subscription = merchant.a_subscription()

    paused = merchant.v1.subscriptions.pause(
        subscription.id, {"type": "subscription", "bill_for": {"unused_time_from": {"type": "none"}}}
    )
    merchant.advance(days=70)
    assert paused.status == "paused"
    assert paused.status_details.paused.subscription.type == "pause_requested"
    assert len(merchant.invoices_of(subscription)) == 1
    resumed = merchant.v1.subscriptions.resume(subscription.id)

    assert (resumed.status, resumed.status_details) == ("active", None)
    assert resumed.billing_cycle_anchor == pytest.approx(merchant.now(), abs=3)
    assert [i.status for i in merchant.invoices_of(subscription)] == ["paid", "paid"]
    assert len(merchant.events("customer.subscription.paused")) == 1
    assert len(merchant.events("customer.subscription.resumed")) == 1


def test_pausing_credits_unused_time_by_default(merchant):
    subscription = merchant.a_subscription(price=merchant.a_price(3000))
    item = subscription["items"].data[0]
    merchant.advance(to=(item.current_period_start + item.current_period_end) // 2)

    merchant.v1.subscriptions.pause(subscription.id)

    waiting = merchant.v1.invoice_items.list({"customer": subscription.customer, "pending": True}).data
    assert [i.amount for i in waiting] == [pytest.approx(-1500, abs=1)]


def test_given_success_is_demanded_when_the_card_refuses_then_it_stays_paused(merchant):
    customer = merchant.a_customer()
    subscription = merchant.a_subscription(customer)
    merchant.v1.subscriptions.pause(subscription.id, {"bill_for": {"unused_time_from": {"type": "none"}}})
    merchant.lever("decline_next_charge", {"decline_code": "insufficient_funds"})

    still = merchant.v1.subscriptions.resume(subscription.id, {"payment_behavior": "resume_on_payment_success"})
    open_one = merchant.invoices_of(subscription)[-1]
    merchant.v1.invoices.pay(open_one.id)

    assert (still.status, open_one.status) == ("paused", "open")
    assert merchant.v1.subscriptions.retrieve(subscription.id).status == "active"


def test_a_scheduled_subscription_cannot_be_paused(merchant):
    subscription = merchant.a_subscription()
    merchant.v1.subscription_schedules.create({"from_subscription": subscription.id})

    with pytest.raises(stripe.InvalidRequestError) as refused:
        merchant.v1.subscriptions.pause(subscription.id)

    assert refused.value.user_message == "Cannot pause subscriptions with attached schedules."


def test_when_only_collection_is_paused_then_it_stays_active_and_invoices_are_void(merchant):
    subscription = merchant.a_subscription()

    paused = merchant.v1.subscriptions.update(
        subscription.id, {"pause_collection": {"behavior": "void", "resumes_at": merchant.now() + 40 * DAY}}
    )
    merchant.advance(days=75)

    assert paused.status == "active"
    assert [i.status for i in merchant.invoices_of(subscription)] == ["paid", "void", "paid"]
    assert merchant.v1.subscriptions.retrieve(subscription.id).pause_collection is None


def test_given_no_card_when_resumed_then_it_stays_paused_and_the_invoice_lapses(merchant):
    customer = merchant.a_customer()
    subscription = merchant.a_subscription(customer)
    merchant.v1.subscriptions.pause(subscription.id, {"bill_for": {"unused_time_from": {"type": "none"}}})
    merchant.v1.payment_methods.detach(merchant.v1.payment_methods.list({"customer": customer.id}).data[0].id)

    still = merchant.v1.subscriptions.resume(subscription.id)
    waiting = merchant.invoices_of(subscription)[-1]
    merchant.advance(days=1)

    assert (still.status, waiting.status) == ("paused", "open")
    assert merchant.invoices_of(subscription)[-1].status == "void"
    assert merchant.v1.subscriptions.retrieve(subscription.id).status == "paused"


def test_a_classic_subscription_cannot_be_paused(merchant):
    subscription = merchant.a_subscription(billing_mode={"type": "classic"})

    with pytest.raises(stripe.InvalidRequestError):
        merchant.v1.subscriptions.pause(subscription.id)


@pytest.mark.parametrize(("behavior", "status"), [("keep_as_draft", "draft"), ("mark_uncollectible", "uncollectible")])
def test_while_collection_is_paused_invoices_end_as_agreed(merchant, behavior, status):
    subscription = merchant.a_subscription()
    merchant.v1.subscriptions.update(subscription.id, {"pause_collection": {"behavior": behavior}})

    merchant.advance(days=35)
    lifted = merchant.v1.subscriptions.update(subscription.id, {"pause_collection": ""})

    assert [i.status for i in merchant.invoices_of(subscription)] == ["paid", status]
    assert (lifted.status, lifted.pause_collection) == ("active", None)
