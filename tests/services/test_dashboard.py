"""The first page's figures: the next payment, what needs attention, and what happened last."""

from datetime import timedelta

import pytest

from portal_app.kit.clock import now
from portal_app.kit.errors import NotFound
from portal_app.kit.money import Money
from portal_app.services import billing_details, configuration, dashboard
from tests.mirrored import (
    a_card,
    a_customer,
    a_payment,
    a_subscription,
    an_invoice,
    an_upcoming_invoice,
)

SOON, LATER, YESTERDAY = (now() + timedelta(days=days) for days in (3, 20, -1))


@pytest.fixture
def ada(desk):
    return a_customer(desk, default_payment_method=a_card(desk))


def test_the_nearest_payment_comes_first_with_its_card(desk, ada):
    later, soon = a_subscription(desk), a_subscription(desk)
    an_upcoming_invoice(desk, later, due_at=LATER, total=900)
    an_upcoming_invoice(desk, soon, due_at=SOON, total=7616)

    found = dashboard.get(desk, ada)

    assert [(payment.at, payment.amount) for payment in found.payments] == [
        (SOON, Money(7616, "eur")),
        (LATER, Money(900, "eur")),
    ]
    assert found.payments[0].payment_method.last4 == "4242"


def test_given_it_is_canceling_then_no_payment_is_announced(desk, ada):
    subscription_id = a_subscription(desk, cancel_at_period_end=True)
    an_upcoming_invoice(desk, subscription_id)

    found = dashboard.get(desk, ada)

    assert found.payments == ()


def test_given_all_is_paid_then_nothing_needs_attention(desk, ada):
    a_subscription(desk)
    an_invoice(desk)

    found = dashboard.get(desk, ada)

    assert (found.attention, found.outstanding, found.open_invoices) == ((), (), ())


def test_the_two_worst_things_come_first(desk):
    soon_over = now().month, now().year
    card = a_card(desk, exp_month=soon_over[0], exp_year=soon_over[1])
    ada = a_customer(desk, default_payment_method=card)
    subscription_id = a_subscription(desk)
    an_invoice(desk, status="open", collection_method="send_invoice", due_at=YESTERDAY)
    an_invoice(
        desk, status="open", attempt_count=1, subscription=a_subscription(desk, default_payment_method=a_card(desk))
    )

    found = dashboard.get(desk, ada)

    assert [item.kind for item in found.attention] == ["payment_failed", "overdue"]
    assert subscription_id in [one.id for one in found.subscriptions]


def test_given_a_payment_failed_because_the_card_expired_then_it_is_told_once(desk):
    card = a_card(desk, exp_month=10, exp_year=2025)
    ada = a_customer(desk, default_payment_method=card)
    subscription_id = a_subscription(desk, status="past_due")
    invoice_id = an_invoice(desk, status="open", attempt_count=1, subscription=subscription_id)
    a_payment(desk, invoice_id, status="requires_payment_method", payment_method=card, error={"code": "expired_card"})

    found = dashboard.get(desk, ada)

    (item,) = found.attention
    assert (item.kind, item.method.id, item.subscription.id) == ("payment_failed", card, subscription_id)


@pytest.mark.parametrize(("months", "kind"), [(-1, "card_expired"), (0, "card_expires"), (1, "card_expires")])
def test_given_a_card_that_ends_then_it_is_told_while_something_depends_on_it(desk, months, kind):
    month = now().year * 12 + now().month - 1 + months
    card = a_card(desk, exp_year=month // 12, exp_month=month % 12 + 1)
    ada = a_customer(desk, default_payment_method=card)
    a_subscription(desk, status="canceled", ended_at=1)
    quiet = dashboard.get(desk, ada)

    a_subscription(desk)
    found = dashboard.get(desk, ada)

    assert (quiet.attention, [item.kind for item in found.attention]) == ((), [kind])


def test_given_the_bank_asks_then_it_is_told(desk, ada):
    invoice_id = an_invoice(desk, status="open", attempt_count=1)
    a_payment(desk, invoice_id, status="requires_action")

    found = dashboard.get(desk, ada)

    assert [item.kind for item in found.attention] == ["confirm"]


def test_the_last_payment_names_the_card_that_paid(desk, ada):
    charge = {
        "id": "ch_1",
        "created": 1,
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": "1111"}},
    }
    a_payment(desk, "in_1", at=YESTERDAY, amount=500)
    a_payment(desk, "in_2", amount=7616, latest_charge=charge)
    a_payment(desk, "in_3", amount=1, status="requires_payment_method")

    found = dashboard.get(desk, ada).last_payment

    assert (found.amount, found.payment_method.last4) == (Money(7616, "eur"), "1111")


def test_credit_is_above_zero_where_stripe_counts_below(desk):
    ada = a_customer(desk, balance=-12000)

    found = dashboard.get(desk, ada)

    assert (found.details.credit, found.details.debt) == (Money(12000, "eur"), None)


def test_given_the_merchant_shows_no_invoices_then_none_are_listed(desk, ada):
    an_invoice(desk)
    configuration.publish(desk, {"invoice_history": False}, seen_version=0)

    found = dashboard.get(desk, ada)

    assert (found.invoices, found.invoice_count) == ((), 0)


def test_given_two_customers_then_neither_sees_anything_of_the_other(desk, ada):
    bea = a_customer(desk, "cus_bea")
    subscription_id = a_subscription(desk, ada)
    an_upcoming_invoice(desk, subscription_id)
    a_payment(desk, an_invoice(desk, status="open", attempt_count=1))

    found = dashboard.get(desk, bea)

    assert found.details.email == "bea@example.com"
    assert not any(
        (found.subscriptions, found.payments, found.attention, found.open_invoices, found.invoices, found.last_payment)
    )


def test_given_nobody_of_that_id_then_it_is_not_found(desk):
    with pytest.raises(NotFound):
        dashboard.get(desk, "cus_nobody")


def test_the_tax_numbers_of_a_customer_stand_in_the_billing_details(desk):
    one = {"object": "tax_id", "id": "txi_1", "created": 1, "customer": "cus_ada", "type": "eu_vat", "value": "DE1"}
    ada = a_customer(desk, tax_ids={"object": "list", "data": [one], "has_more": False})
    a_customer(desk, "cus_bea")

    assert [number.value for number in billing_details.get(desk, ada).tax_ids] == ["DE1"]
    assert billing_details.get(desk, "cus_bea").tax_ids == ()
