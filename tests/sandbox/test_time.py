"""What time brings: renewals, month ends, retries, the clock and Stripe's test clocks."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
import stripe

from tests.sandbox.merchant import DAY

HOUR = 3_600


def moment(year: int, month: int, day: int, hour: int = 10) -> int:
    """A moment in UTC."""
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


def days_of(moments: list[int]) -> list[str]:
    """Moments as days."""
    return [datetime.fromtimestamp(m, UTC).strftime("%d %b") for m in moments]


def test_a_period_renews_with_a_draft_that_is_charged_an_hour_later(merchant):
    subscription = merchant.a_subscription()
    end = subscription["items"].data[0].current_period_end

    merchant.advance(to=end + HOUR - 60)
    draft = merchant.invoices_of(subscription)[-1]
    merchant.advance(to=end + HOUR + 60)
    paid = merchant.invoices_of(subscription)[-1]

    assert (draft.status, draft.billing_reason, draft.number) == ("draft", "subscription_cycle", None)
    assert draft.automatically_finalizes_at == end + HOUR
    assert (draft.period_start, draft.period_end) == (subscription.start_date, end)
    assert (paid.id, paid.status, paid.amount_paid) == (draft.id, "paid", 1000)
    assert paid.lines.data[0].period.start == end


def test_a_renewal_is_told_step_by_step(merchant):
    merchant.a_subscription()
    told = len(merchant.events())

    merchant.advance(days=32)

    types = [event.type for event in merchant.events()[told:]]
    assert set(types) >= {
        "customer.subscription.updated",
        "invoice.created",
        "invoice.finalized",
        "payment_intent.succeeded",
        "charge.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
    }
    assert types.index("invoice.created") < types.index("invoice.finalized") < types.index("invoice.paid")
    renewed = next(e for e in merchant.events("customer.subscription.updated")[1:])
    assert "items" in renewed.data.previous_attributes.to_dict()


def test_a_renewal_is_announced_a_week_before(merchant):
    subscription = merchant.a_subscription()
    end = subscription["items"].data[0].current_period_end

    merchant.advance(to=end - 6 * DAY)

    _, _, page = merchant.raw("GET", "/v1/events?type=invoice.upcoming")
    upcoming = page["data"][0]["data"]["object"]
    assert len(page["data"]) == 1
    assert "id" not in upcoming
    assert (upcoming["total"], upcoming["created"]) == (1000, end)


def test_a_renewal_changes_the_subscription_once(merchant):
    subscription = merchant.a_subscription()
    before = len(merchant.events("customer.subscription.updated"))

    merchant.advance(to=subscription["items"].data[0].current_period_end + 60)

    renewed = merchant.events("customer.subscription.updated")[before:]
    assert len(renewed) == 1
    assert set(renewed[0].data.previous_attributes.to_dict()) == {"items", "latest_invoice"}


def test_objects_and_events_carry_the_moved_time(merchant):
    subscription = merchant.a_subscription()
    end = subscription["items"].data[0].current_period_end

    merchant.advance(days=40)

    invoice = merchant.invoices_of(subscription)[-1]
    paid = merchant.events("invoice.paid")[-1]
    assert invoice.created == end
    assert paid.created == invoice.status_transitions.paid_at == end + HOUR


def test_the_day_of_the_month_is_kept_over_short_months(merchant):
    clock = merchant.v1.test_helpers.test_clocks.create({"frozen_time": moment(2027, 1, 31)})
    customer = merchant.a_customer(test_clock=clock.id)
    subscription = merchant.a_subscription(customer)
    for month, day in ((2, 28), (3, 31), (4, 30)):
        merchant.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": moment(2027, month, day, 12)})

    starts = [i.lines.data[0].period.start for i in merchant.invoices_of(subscription)]

    assert days_of(starts) == ["31 Jan", "28 Feb", "31 Mar", "30 Apr"]


def test_when_the_clock_jumps_a_year_then_every_renewal_happened_at_its_moment(merchant):
    subscription = merchant.a_subscription()

    merchant.advance(days=364)

    invoices = merchant.invoices_of(subscription)
    created = [i.created for i in invoices]
    assert len(invoices) == 12
    assert created == sorted(created)
    assert {i.status for i in invoices} == {"paid"}
    assert all(27 * DAY < later - earlier < 32 * DAY for earlier, later in pairwise(created))


def test_the_clock_moves_one_account_only_and_never_back(merchant):
    before = merchant.now()
    other = type(merchant)(merchant.url, merchant.key + "other")

    merchant.advance(days=3)
    refused = merchant.lever("clock", {"to": before})

    assert merchant.now() == pytest.approx(before + 3 * DAY, abs=5)
    assert merchant.lever("clock")["offset_seconds"] == pytest.approx(3 * DAY, abs=2)
    assert other.lever("clock")["offset_seconds"] == 0
    assert refused["error"]["message"] == "The clock can only be put forward."


# Collection ------------------------------------------------------------------------------------------------------


@pytest.fixture
def declined(merchant):
    """A subscription whose first renewal was declined a moment ago."""
    customer = merchant.a_customer()
    subscription = merchant.a_subscription(customer)
    merchant.a_card(customer, "chargeCustomerFail")
    merchant.advance(to=subscription["items"].data[0].current_period_end + HOUR + 60)
    return subscription


def test_when_a_renewal_is_declined_then_it_is_past_due_and_retried_in_three_days(merchant, declined):
    invoice = merchant.invoices_of(declined)[-1]

    assert merchant.v1.subscriptions.retrieve(declined.id).status == "past_due"
    assert merchant.v1.customers.retrieve(declined.customer).delinquent is True
    assert (invoice.status, invoice.attempt_count) == ("open", 1)
    assert invoice.next_payment_attempt == invoice.status_transitions.finalized_at + 3 * DAY
    assert len(merchant.events("invoice.payment_failed")) == 1


def test_when_a_new_card_is_there_then_the_retry_recovers_it(merchant, declined):
    customer = merchant.v1.customers.retrieve(declined.customer)
    merchant.a_card(customer, "mastercard")

    merchant.advance(days=3.1)

    assert merchant.v1.subscriptions.retrieve(declined.id).status == "active"
    assert merchant.invoices_of(declined)[-1].status == "paid"
    assert merchant.v1.customers.retrieve(customer.id).delinquent is False


def test_when_the_customer_pays_then_it_is_active_at_once(merchant, declined):
    invoice = merchant.invoices_of(declined)[-1]

    paid = merchant.v1.invoices.pay(invoice.id, {"payment_method": "pm_card_visa", "off_session": False})

    assert (paid.status, paid.attempt_count) == ("paid", 1)
    assert merchant.v1.subscriptions.retrieve(declined.id).status == "active"
    assert merchant.lever("effects")["charge"][invoice.id] == 1


def test_a_failing_payment_by_hand_does_not_count_as_a_retry(merchant, declined):
    invoice = merchant.invoices_of(declined)[-1]

    with pytest.raises(stripe.CardError):
        merchant.v1.invoices.pay(invoice.id)

    after = merchant.v1.invoices.retrieve(invoice.id)
    assert (after.attempt_count, after.next_payment_attempt) == (1, invoice.next_payment_attempt)


@pytest.mark.parametrize(
    ("setting", "status"), [("cancel", "canceled"), ("unpaid", "unpaid"), ("past_due", "past_due")]
)
def test_when_every_retry_fails_then_the_merchants_setting_decides(merchant, declined, setting, status):
    merchant.lever("settings", {"after_retries": setting})

    merchant.advance(days=16)

    after = merchant.v1.subscriptions.retrieve(declined.id)
    invoice = merchant.invoices_of(declined)[1]
    assert after.status == status
    assert (invoice.status, invoice.attempt_count, invoice.next_payment_attempt) == ("open", 4, None)
    if status == "canceled":
        assert after.cancellation_details.reason == "payment_failed"


def test_a_card_refused_for_good_is_not_asked_again(merchant):
    customer = merchant.a_customer()
    subscription = merchant.a_subscription(customer)
    merchant.lever("decline_next_charge", {"decline_code": "stolen_card"})

    merchant.advance(days=60)

    invoice = merchant.invoices_of(subscription)[1]
    assert (invoice.status, invoice.attempt_count) == ("open", 1)
    assert merchant.lever("effects")["declined_charge"] == {invoice.id: 1}


def test_a_subscriptions_own_card_is_not_replaced_by_the_customers(merchant):
    customer = merchant.a_customer()
    own = merchant.v1.payment_methods.attach("pm_card_mastercard", {"customer": customer.id})
    subscription = merchant.a_subscription(customer, default_payment_method=own.id)
    merchant.lever("decline_next_charge", {"customer": customer.id})
    merchant.advance(to=subscription["items"].data[0].current_period_end + HOUR + 60)

    merchant.a_card(customer, "amex")
    merchant.advance(days=3.1)

    charges = merchant.v1.charges.list({"customer": customer.id}).data
    assert {charge.payment_method for charge in charges} == {own.id}


def test_an_expired_card_is_declined_as_such(merchant):
    customer = merchant.a_customer()
    merchant.a_subscription(customer)
    card = merchant.v1.payment_methods.list({"customer": customer.id}).data[0]
    merchant.v1.payment_methods.update(card.id, {"card": {"exp_month": 1, "exp_year": 2026}})

    merchant.advance(days=32)

    failed = merchant.v1.charges.list({"customer": customer.id}).data[0]
    assert (failed.status, failed.failure_code) == ("failed", "expired_card")


def test_when_a_sent_invoice_is_not_paid_in_time_then_it_is_overdue(merchant):
    customer = merchant.a_customer(card=None)
    subscription = merchant.a_subscription(customer, collection_method="send_invoice", days_until_due=7)

    merchant.advance(days=8)

    assert len(merchant.events("invoice.overdue")) == 1
    assert merchant.v1.subscriptions.retrieve(subscription.id).status == "past_due"


# Test clocks -----------------------------------------------------------------------------------------------------


@pytest.fixture
def clock(merchant):
    """A test clock that stands at new year."""
    return merchant.v1.test_helpers.test_clocks.create({"frozen_time": moment(2027, 1, 1), "name": "new year"})


def test_customers_of_a_test_clock_live_in_its_time(merchant, clock):
    customer = merchant.a_customer(test_clock=clock.id)
    subscription = merchant.a_subscription(customer)

    moving = merchant.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": moment(2027, 2, 1, 12)})

    ready = merchant.v1.test_helpers.test_clocks.retrieve(clock.id)
    assert (moving.status, ready.status) == ("advancing", "ready")
    assert ready.frozen_time == moment(2027, 2, 1, 12)
    assert [i.created for i in merchant.invoices_of(subscription)] == [moment(2027, 1, 1), moment(2027, 2, 1)]
    assert merchant.events("invoice.paid")[-1].created == pytest.approx(merchant.now(), abs=5)
    assert merchant.v1.customers.list().data == []
    assert len(merchant.v1.customers.list({"test_clock": clock.id}).data) == 1


def test_a_test_clock_only_moves_forward_and_two_intervals_at_most(merchant, clock):
    merchant.a_subscription(merchant.a_customer(test_clock=clock.id))

    for to in (moment(2026, 12, 31), moment(2027, 3, 20)):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            merchant.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": to})
        assert refused.value.param == "frozen_time"


def test_when_a_test_clock_is_deleted_then_its_customers_are_gone(merchant, clock):
    subscription = merchant.a_subscription(merchant.a_customer(test_clock=clock.id))

    merchant.v1.test_helpers.test_clocks.delete(clock.id)

    with pytest.raises(stripe.InvalidRequestError):
        merchant.v1.customers.retrieve(subscription.customer)
    assert merchant.v1.subscriptions.list({"status": "all"}).data == []
