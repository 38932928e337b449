"""How a subscription starts: paid, unpaid, sent, on trial."""

import pytest
import stripe

from tests.sandbox.merchant import DAY


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

    assert (subscription.status, subscription.latest_invoice.status) == ("active", "draft")
    merchant.advance(days=0.1)
    invoice = merchant.invoices_of(subscription)[0]
    assert invoice.status == "open"
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
