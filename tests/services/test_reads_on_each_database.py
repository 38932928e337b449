"""The selects of the customer's pages mean the same on SQLite and on PostgreSQL."""

from datetime import UTC, datetime, timedelta

from portal_app.kit.clock import now
from portal_app.kit.money import Money
from portal_app.services import dashboard, invoices, payment_methods, subscriptions
from portal_app.services.invoices import Filter
from tests.mirrored import (
    a_card,
    a_customer,
    a_payment,
    a_subscription,
    an_invoice,
    an_invoice_of,
    an_upcoming_invoice,
    put,
    seconds,
)

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_first_page_reads_the_same(each_desk):
    desk = each_desk
    ada = a_customer(desk, default_payment_method=a_card(desk), balance=-500)
    subscription_id = a_subscription(desk)
    an_upcoming_invoice(desk, subscription_id, due_at=START, total=3451)
    invoice_id = an_invoice(desk, status="open", attempt_count=1, subscription=subscription_id, total=7616)
    a_payment(desk, invoice_id, status="requires_action")
    a_payment(desk, an_invoice(desk), amount=2900)

    found = dashboard.get(desk, ada)

    assert [(payment.at, payment.amount) for payment in found.payments] == [(START, Money(3451, "eur"))]
    assert [(item.kind, item.invoice.remaining) for item in found.attention] == [("confirm", Money(7616, "eur"))]
    assert [owed.amount for owed in found.outstanding] == [Money(7616, "eur")]
    assert (found.last_payment.amount, found.details.credit) == (Money(2900, "eur"), Money(500, "eur"))
    assert (len(found.invoices), found.invoice_count) == (2, 2)


def test_lists_of_invoices_are_paged_filtered_and_counted_the_same(each_desk):
    desk = each_desk
    ada = a_customer(desk)
    made = [an_invoice_of(created=START + timedelta(hours=hour), total=100 * hour) for hour in range(30)]
    put(desk, *made)
    late = an_invoice(desk, created=datetime(2025, 12, 31, 23, 30, tzinfo=UTC), number="A_42%", status="void")

    first = invoices.page(desk, ada)
    second = invoices.page(desk, ada, after=first.rows[-1].id)

    assert [row.id for row in (*first.rows, *second.rows)] == [*(one["id"] for one in made[::-1]), late]
    assert invoices.years(desk, ada) == [2026, 2025]
    for wanted in (
        Filter(status="closed"),
        Filter(year=2025),
        Filter(text="a_42%"),
    ):
        assert [row.id for row in invoices.page(desk, ada, wanted).rows] == [late], wanted
    assert [row.id for row in invoices.page(desk, ada, Filter(text="7.00")).rows] == [made[7]["id"]]
    assert invoices.page(desk, ada, Filter(year=2025, zone="Europe/Berlin")).rows == ()


def test_subscriptions_and_cards_read_the_same(each_desk):
    desk = each_desk
    card = a_card(desk)
    ada = a_customer(desk, default_payment_method=card)
    phase = {"start_date": seconds(START), "end_date": seconds(START + timedelta(days=181)), "items": []}
    subscription_id = a_subscription(desk, status="past_due", schedule="sub_sched_1")
    schedule = {"object": "subscription_schedule", "id": "sub_sched_1", "created": 1, "customer": ada}
    put(
        desk,
        {**schedule, "subscription": subscription_id, "status": "active", "end_behavior": "cancel", "phases": [phase]},
    )
    an_invoice(desk, subscription=subscription_id)
    an_invoice(
        desk, subscription=subscription_id, status="open", attempt_count=1, next_try_at=now() + timedelta(days=3)
    )

    found = subscriptions.get(desk, ada, subscription_id)
    (method,) = payment_methods.list_for(desk, ada).methods

    assert (found.state, found.next.kind, found.payment_plan.paid, found.payment_plan.instalments) == (
        "past_due",
        "retries",
        1,
        6,
    )
    assert found.next.at > now()
    assert (method.method.id, method.used_for) == (card, ("Pro",))
