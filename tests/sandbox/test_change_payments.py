"""Changes that must be paid: refused, waiting, lapsed."""

import pytest
import stripe

from tests.sandbox.test_changes import halfway, switch


def upgrade_with_refusing_card(merchant, behavior: str):
    """An upgrade whose payment fails."""
    subscription = merchant.a_subscription()
    merchant.lever("decline_next_charge", {"decline_code": "insufficient_funds"})
    details = switch(
        subscription,
        merchant.a_price(2000),
        proration_behavior="always_invoice",
        payment_behavior=behavior,
    )
    halfway(merchant, subscription)
    return subscription, details


def test_given_error_if_incomplete_when_the_upgrade_is_not_paid_then_nothing_changes(merchant):
    subscription, details = upgrade_with_refusing_card(merchant, "error_if_incomplete")

    with pytest.raises(stripe.CardError):
        merchant.v1.subscriptions.update(subscription.id, details)

    after = merchant.v1.subscriptions.retrieve(subscription.id)
    assert after["items"].data[0].price.unit_amount == 1000
    assert len(merchant.invoices_of(subscription)) == 1


def test_given_allow_incomplete_when_the_upgrade_is_not_paid_then_it_is_past_due(merchant):
    subscription, details = upgrade_with_refusing_card(merchant, "allow_incomplete")

    after = merchant.v1.subscriptions.update(subscription.id, details)

    assert (after.status, after["items"].data[0].price.unit_amount) == ("past_due", 2000)


def test_given_pending_if_incomplete_then_the_upgrade_waits_for_its_payment(merchant):
    subscription, details = upgrade_with_refusing_card(merchant, "pending_if_incomplete")

    waiting = merchant.v1.subscriptions.update(subscription.id, details)
    invoice = merchant.invoices_of(subscription)[-1]
    assert (waiting.status, waiting["items"].data[0].price.unit_amount) == ("active", 1000)
    assert waiting.pending_update.subscription_items[0].price.unit_amount == 2000
    assert waiting.latest_invoice == invoice.id
    merchant.v1.invoices.pay(invoice.id)

    after = merchant.v1.subscriptions.retrieve(subscription.id)
    assert (after["items"].data[0].price.unit_amount, after.pending_update) == (2000, None)
    assert len(merchant.events("customer.subscription.pending_update_applied")) == 1


def test_given_nobody_pays_the_waiting_upgrade_then_it_lapses(merchant):
    subscription, details = upgrade_with_refusing_card(merchant, "pending_if_incomplete")
    merchant.v1.subscriptions.update(subscription.id, details)

    merchant.advance(days=1)

    after = merchant.v1.subscriptions.retrieve(subscription.id)
    assert (after["items"].data[0].price.unit_amount, after.pending_update) == (1000, None)
    assert merchant.invoices_of(subscription)[-1].status == "void"
    assert len(merchant.events("customer.subscription.pending_update_expired")) == 1
