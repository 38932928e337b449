"""Changes of plan and quantity: prorations to the second, previews that hold."""

import pytest
import stripe

from tests.sandbox.merchant import DAY


def halfway(merchant, subscription) -> int:
    """Move to the middle of the running period; that moment."""
    item = subscription["items"].data[0]
    middle = (item.current_period_start + item.current_period_end) // 2
    merchant.advance(to=middle)
    return middle


def switch(subscription, price, **more) -> dict:
    """The parameters of a change to another price."""
    return {"items": [{"id": subscription["items"].data[0].id, "price": price.id}]} | more


def test_when_upgrading_halfway_then_half_of_each_is_billed_at_once(merchant):
    team = merchant.a_price(2000)
    subscription = merchant.a_subscription()
    middle = halfway(merchant, subscription)

    merchant.v1.subscriptions.update(
        subscription.id, switch(subscription, team, proration_behavior="always_invoice", proration_date=middle)
    )

    invoice = merchant.invoices_of(subscription)[-1]
    assert [line.amount for line in invoice.lines.data] == [-500, 1000]
    assert (invoice.total, invoice.status, invoice.billing_reason) == (500, "paid", "subscription_update")
    assert invoice.lines.data[0].description.startswith("Unused time on Pro after ")
    details = invoice.lines.data[0].parent.subscription_item_details
    assert details.proration is True
    assert details.proration_details.credited_items.invoice == merchant.invoices_of(subscription)[0].id


def test_a_preview_is_what_then_happens(merchant):
    team = merchant.a_price(4900)
    vat = merchant.v1.tax_rates.create({"display_name": "VAT", "percentage": 19, "inclusive": False})
    subscription = merchant.a_subscription(price=merchant.a_price(2900), default_tax_rates=[vat.id])
    merchant.advance(days=11.37)
    moment = merchant.now()
    details = switch(subscription, team, proration_behavior="always_invoice", proration_date=moment)

    preview = merchant.v1.invoices.create_preview({"subscription": subscription.id, "subscription_details": details})
    merchant.advance(days=0.02)
    merchant.v1.subscriptions.update(subscription.id, details)

    invoice = merchant.invoices_of(subscription)[-1]
    assert preview.id.startswith("upcoming_in_")
    assert preview.parent.subscription_details.subscription_proration_date == moment
    assert (preview.total, preview.amount_due) == (invoice.total, invoice.amount_paid)
    assert [(p.amount, p.period.end) for p in preview.lines.data] == [
        (i.amount, i.period.end) for i in invoice.lines.data
    ]


def test_a_preview_changes_nothing(merchant):
    subscription = merchant.a_subscription()
    team = merchant.a_price(2000)
    before = merchant.raw("GET", f"/v1/subscriptions/{subscription.id}")[2]
    events = len(merchant.events())

    merchant.v1.invoices.create_preview(
        {"subscription": subscription.id, "subscription_details": switch(subscription, team)}
    )

    assert merchant.raw("GET", f"/v1/subscriptions/{subscription.id}")[2] == before
    assert len(merchant.events()) == events
    assert len(merchant.invoices_of(subscription)) == 1
    assert merchant.v1.invoice_items.list().data == []


def test_when_downgrading_then_the_credit_waits_for_the_next_invoice(merchant):
    subscription = merchant.a_subscription(price=merchant.a_price(2000))
    basic = merchant.a_price(1000)
    middle = halfway(merchant, subscription)

    merchant.v1.subscriptions.update(subscription.id, switch(subscription, basic, proration_date=middle))
    upcoming = merchant.v1.invoices.create_preview({"subscription": subscription.id})
    merchant.advance(days=17)

    invoice = merchant.invoices_of(subscription)[-1]
    assert [line.amount for line in invoice.lines.data] == [-1000, 500, 1000]
    assert invoice.total == upcoming.total == 500
    assert invoice.status == "paid"


def test_given_no_proration_then_the_new_price_counts_from_the_next_period(merchant):
    subscription = merchant.a_subscription()
    team = merchant.a_price(2000)
    halfway(merchant, subscription)

    merchant.v1.subscriptions.update(subscription.id, switch(subscription, team, proration_behavior="none"))
    merchant.advance(days=17)

    assert [i.total for i in merchant.invoices_of(subscription)] == [1000, 2000]


def test_no_proration_forbids_a_proration_date(merchant):
    subscription = merchant.a_subscription()

    with pytest.raises(stripe.InvalidRequestError) as refused:
        merchant.v1.subscriptions.update(
            subscription.id,
            switch(subscription, merchant.a_price(), proration_behavior="none", proration_date=merchant.now()),
        )

    assert refused.value.param == "proration_date"


def test_when_going_from_month_to_year_then_a_new_cycle_starts_now(merchant):
    subscription = merchant.a_subscription()
    yearly = merchant.a_price(10_000, interval="year")
    halfway(merchant, subscription)

    after = merchant.v1.subscriptions.update(subscription.id, switch(subscription, yearly))

    invoice = merchant.invoices_of(subscription)[-1]
    item = after["items"].data[0]
    assert [line.amount for line in invoice.lines.data] == [-500, 10_000]
    assert (invoice.total, invoice.status) == (9_500, "paid")
    assert after.billing_cycle_anchor == item.current_period_start
    assert item.current_period_end - item.current_period_start in (365 * DAY, 366 * DAY)


def test_the_credit_comes_from_what_was_really_debited(merchant):
    half_off = merchant.v1.coupons.create({"percent_off": 50, "duration": "once"})
    subscription = merchant.a_subscription(discounts=[{"coupon": half_off.id}])
    team = merchant.a_price(2000)
    middle = halfway(merchant, subscription)

    merchant.v1.subscriptions.update(
        subscription.id, switch(subscription, team, proration_behavior="always_invoice", proration_date=middle)
    )

    assert [line.amount for line in merchant.invoices_of(subscription)[-1].lines.data] == [-250, 1000]


def test_when_changing_twice_in_a_period_then_nothing_is_credited_twice(merchant):
    subscription = merchant.a_subscription(price=merchant.a_price(1000))
    first, second = merchant.a_price(2000), merchant.a_price(1000)
    start, end = subscription["items"].data[0].current_period_start, subscription["items"].data[0].current_period_end
    for numerator, price in ((1, first), (2, second)):
        moment = start + (end - start) * numerator // 4
        merchant.advance(to=moment)
        details = switch(subscription, price, proration_behavior="always_invoice", proration_date=moment)
        merchant.v1.subscriptions.update(subscription.id, details)

    lines = [[line.amount for line in i.lines.data] for i in merchant.invoices_of(subscription)[1:]]

    assert lines == [[-750, 1500], [-1000, 500]]


def test_when_a_seat_is_added_then_only_the_difference_is_due(merchant):
    subscription = merchant.a_subscription(price=merchant.a_price(2900))
    item = subscription["items"].data[0].id
    middle = halfway(merchant, subscription)

    merchant.v1.subscription_items.update(
        item, {"quantity": 2, "proration_behavior": "always_invoice", "proration_date": middle}
    )

    assert merchant.invoices_of(subscription)[-1].total == 1450


def test_when_an_add_on_joins_and_leaves_then_it_is_billed_for_its_time(merchant):
    subscription = merchant.a_subscription()
    storage = merchant.a_price(600)
    middle = halfway(merchant, subscription)

    added = merchant.v1.subscription_items.create(
        {
            "subscription": subscription.id,
            "price": storage.id,
            "proration_behavior": "always_invoice",
            "proration_date": middle,
        }
    )
    merchant.v1.subscription_items.delete(added.id, {"proration_behavior": "always_invoice", "proration_date": middle})

    after = merchant.v1.subscriptions.retrieve(subscription.id)
    assert [i.total for i in merchant.invoices_of(subscription)] == [1000, 300, -300]
    assert len(after["items"].data) == 1
    assert merchant.v1.customers.retrieve(subscription.customer).balance == -300


def test_the_last_item_cannot_be_removed(merchant):
    subscription = merchant.a_subscription()

    with pytest.raises(stripe.InvalidRequestError):
        merchant.v1.subscription_items.delete(subscription["items"].data[0].id)

    assert len(merchant.v1.subscriptions.retrieve(subscription.id)["items"].data) == 1


def test_another_currency_is_refused(merchant):
    subscription = merchant.a_subscription()

    with pytest.raises(stripe.InvalidRequestError):
        merchant.v1.subscriptions.update(subscription.id, switch(subscription, merchant.a_price(currency="usd")))


def test_from_free_to_paid_a_new_cycle_starts(merchant):
    subscription = merchant.a_subscription(price=merchant.a_price(0))
    middle = halfway(merchant, subscription)

    after = merchant.v1.subscriptions.update(
        subscription.id, switch(subscription, merchant.a_price(1000), proration_date=middle)
    )

    invoice = merchant.invoices_of(subscription)[-1]
    assert [line.amount for line in invoice.lines.data] == [1000]
    assert (after.billing_cycle_anchor, invoice.status) == (middle, "paid")


def test_a_cycle_can_be_started_anew(merchant):
    subscription = merchant.a_subscription()
    middle = halfway(merchant, subscription)

    after = merchant.v1.subscriptions.update(
        subscription.id, {"billing_cycle_anchor": {"type": "now"}, "proration_date": middle}
    )

    assert after.billing_cycle_anchor == middle
    assert [line.amount for line in merchant.invoices_of(subscription)[-1].lines.data] == [-500, 1000]


def test_a_cycle_anchored_in_the_future_starts_with_a_part(merchant):
    price = merchant.a_price(3000)
    anchor = merchant.now() + 10 * DAY

    subscription = merchant.a_subscription(price=price, billing_cycle_anchor=anchor)
    merchant.advance(days=11)

    first, second = merchant.invoices_of(subscription)
    assert 900 < first.total < 1100
    assert (second.total, second.lines.data[0].period.start) == (3000, anchor)


def test_prorations_that_wait_go_onto_a_last_invoice(merchant):
    subscription = merchant.a_subscription()
    middle = halfway(merchant, subscription)
    merchant.v1.subscriptions.update(
        subscription.id, switch(subscription, merchant.a_price(2000), proration_date=middle)
    )
    merchant.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})

    upcoming = merchant.v1.invoices.create_preview({"subscription": subscription.id})
    merchant.advance(days=17)

    last = merchant.invoices_of(subscription)[-1]
    assert merchant.v1.subscriptions.retrieve(subscription.id).status == "canceled"
    assert (upcoming.total, last.total, last.status) == (500, 500, "paid")


def test_when_a_trial_is_given_to_a_running_subscription_then_unused_time_is_credited(merchant):
    subscription = merchant.a_subscription()
    middle = halfway(merchant, subscription)

    after = merchant.v1.subscriptions.update(subscription.id, {"trial_end": middle + 20 * DAY})
    merchant.advance(days=21)

    assert (after.status, after.trial_end) == ("trialing", middle + 20 * DAY)
    assert merchant.invoices_of(subscription)[-1].total == pytest.approx(500, abs=1)
