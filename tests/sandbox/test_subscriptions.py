"""A subscription's life: start, trial, cancel and undo, pause and resume, end."""

import pytest
import stripe

from tests.sandbox.merchant import DAY

HOUR = 3_600


def test_when_the_first_invoice_is_paid_then_the_subscription_is_active(merchant):
    subscription = merchant.a_subscription(expand=["latest_invoice.payments"])

    invoice = subscription.latest_invoice
    assert subscription.status == "active"
    assert (invoice.status, invoice.billing_reason, invoice.amount_paid) == ("paid", "subscription_create", 1000)
    assert invoice.parent.subscription_details.subscription == subscription.id
    assert invoice.payments.data[0].status == "paid"
    assert subscription["items"].data[0].price.unit_amount == 1000
    assert subscription["items"].data[0].current_period_start == subscription.start_date


def test_given_no_card_when_starting_then_stripe_asks_for_one(merchant):
    customer = merchant.a_customer(card=None)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        merchant.a_subscription(customer)

    assert refused.value.code == "resource_missing"
    assert "no attached payment source" in refused.value.user_message
    assert merchant.v1.subscriptions.list({"status": "all"}).data == []


def test_given_a_refusing_card_when_starting_then_the_subscription_is_incomplete(merchant):
    subscription = merchant.a_subscription(merchant.a_customer("chargeCustomerFail"), expand=["latest_invoice"])

    assert subscription.status == "incomplete"
    assert subscription.latest_invoice.status == "open"
    assert subscription.latest_invoice.next_payment_attempt is None


def test_given_error_if_incomplete_when_the_payment_fails_then_nothing_is_kept(merchant):
    customer = merchant.a_customer("chargeCustomerFail")

    with pytest.raises(stripe.CardError) as refused:
        merchant.a_subscription(customer, payment_behavior="error_if_incomplete")

    assert refused.value.http_status == 402
    assert merchant.v1.subscriptions.list({"status": "all"}).data == []
    assert merchant.v1.invoices.list().data == []


def test_given_default_incomplete_when_the_browser_pays_then_it_becomes_active(merchant):
    customer = merchant.a_customer()
    subscription = merchant.a_subscription(
        customer, payment_behavior="default_incomplete", expand=["latest_invoice.confirmation_secret"]
    )
    secret = subscription.latest_invoice.confirmation_secret.client_secret
    assert subscription.status == "incomplete"

    intent = merchant.v1.payment_intents.confirm(secret.split("_secret_")[0], {"payment_method": "pm_card_visa"})

    assert intent.status == "succeeded"
    assert merchant.v1.subscriptions.retrieve(subscription.id).status == "active"
    assert merchant.v1.invoices.retrieve(subscription.latest_invoice.id).status == "paid"


def test_when_nobody_pays_for_23_hours_then_it_expires_and_its_invoice_is_void(merchant):
    subscription = merchant.a_subscription(merchant.a_customer("chargeCustomerFail"))
    merchant.advance(days=22 / 24)
    assert merchant.v1.subscriptions.retrieve(subscription.id).status == "incomplete"

    merchant.advance(days=2 / 24)

    assert merchant.v1.subscriptions.retrieve(subscription.id).status == "incomplete_expired"
    assert merchant.invoices_of(subscription)[0].status == "void"


def test_when_invoices_are_sent_then_it_is_active_at_once_and_the_invoice_is_due_later(merchant):
    customer = merchant.a_customer(card=None)

    subscription = merchant.a_subscription(
        customer, collection_method="send_invoice", days_until_due=14, expand=["latest_invoice"]
    )

    invoice = subscription.latest_invoice
    assert (subscription.status, invoice.status) == ("active", "open")
    assert invoice.due_date == invoice.status_transitions.finalized_at + 14 * DAY
    assert invoice.next_payment_attempt is None


def test_twice_the_same_price_is_refused(merchant):
    price = merchant.a_price()

    with pytest.raises(stripe.InvalidRequestError):
        merchant.a_subscription(price=price, items=[{"price": price.id}, {"price": price.id}])


def test_somebody_elses_card_is_refused(merchant):
    ada, bea = merchant.a_customer(), merchant.a_customer()
    card = merchant.v1.payment_methods.list({"customer": bea.id}).data[0]

    with pytest.raises(stripe.InvalidRequestError) as refused:
        merchant.a_subscription(ada, default_payment_method=card.id)

    assert refused.value.param == "default_payment_method"


# Trials ----------------------------------------------------------------------------------------------------------


def test_a_trial_costs_nothing_and_warns_three_days_before_its_end(merchant):
    subscription = merchant.a_subscription(trial_period_days=14, expand=["latest_invoice"])
    assert (subscription.status, subscription.latest_invoice.total) == ("trialing", 0)
    assert merchant.events("customer.subscription.trial_will_end") == []

    merchant.advance(days=11.1)

    assert len(merchant.events("customer.subscription.trial_will_end")) == 1


def test_given_a_card_when_the_trial_ends_then_the_first_period_is_paid(merchant):
    subscription = merchant.a_subscription(trial_period_days=14)

    merchant.advance(days=14.1)

    after = merchant.v1.subscriptions.retrieve(subscription.id)
    first, paid = merchant.invoices_of(subscription)
    assert after.status == "active"
    assert after.billing_cycle_anchor == subscription.trial_end
    assert (first.total, paid.total, paid.status, paid.billing_reason) == (0, 1000, "paid", "subscription_cycle")


@pytest.mark.parametrize(
    ("missing", "status"), [("cancel", "canceled"), ("pause", "paused"), ("create_invoice", "past_due")]
)
def test_given_no_card_when_the_trial_ends_then_it_goes_as_agreed(merchant, missing, status):
    customer = merchant.a_customer(card=None)
    behavior = {"end_behavior": {"missing_payment_method": missing}}
    subscription = merchant.a_subscription(customer, trial_period_days=7, trial_settings=behavior)

    merchant.advance(days=7.1)

    after = merchant.v1.subscriptions.retrieve(subscription.id)
    assert after.status == status
    if status == "paused":
        assert after.status_details.paused.subscription.type == "trial_end_without_payment_method"


def test_a_trial_can_be_ended_now(merchant):
    subscription = merchant.a_subscription(trial_period_days=14)

    after = merchant.v1.subscriptions.update(subscription.id, {"trial_end": "now"})

    assert after.status == "active"
    assert merchant.invoices_of(subscription)[-1].status == "draft"
    merchant.advance(days=0.1)
    assert merchant.invoices_of(subscription)[-1].status == "paid"


# Ending ----------------------------------------------------------------------------------------------------------


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


# Pausing ---------------------------------------------------------------------------------------------------------


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


def test_when_a_customer_is_deleted_then_the_subscriptions_end(merchant):
    subscription = merchant.a_subscription()

    stub = merchant.v1.customers.delete(subscription.customer)

    assert stub.deleted is True
    assert merchant.v1.customers.retrieve(subscription.customer).deleted is True
    assert merchant.v1.subscriptions.retrieve(subscription.id).status == "canceled"
    assert merchant.v1.customers.list().data == []
