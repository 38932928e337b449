"""What comes next, kept by the worker: Stripe's own figures, fresh, and gone when nothing comes."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from portal_app.gateway.stripe_gateway import StripeGateway
from portal_app.models.mirror import Customer, UpcomingInvoice
from portal_app.services import upcoming
from portal_app.services.desk import open_desk
from portal_app.tasks import jobs, worker
from tests.merchant import a_customer, a_price, a_subscription, rename
from tests.world import drain, receive

_upcoming = UpcomingInvoice.__table__
_customers = Customer.__table__


@pytest.fixture
def shop(each_database, account):
    """Ada with a subscription of 29 euros, known to the portal."""
    customer_id = a_customer(account)
    subscription_id = a_subscription(account, customer_id, a_price(account, 2900))
    hear(account)
    return account, customer_id, subscription_id


def hear(account) -> None:
    receive(account.events())
    drain()


def rows() -> list:
    with open_desk() as desk:
        return list(desk.rows(select(_upcoming)))


def revision(customer_id: str) -> int:
    with open_desk() as desk:
        return desk.value(select(_customers.c.revision).where(_customers.c.id == customer_id))


def tell_newest(account, seconds_later: int = 60) -> None:
    """The newest event, so much later than the last fetch that its payload is applied at once."""
    newest = account.events()[-1]
    receive([{**newest, "created": newest["created"] + seconds_later}])
    worker.hear()


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """The subscriptions that Stripe was asked about, as it happens."""
    real, seen = StripeGateway.create_invoice_preview, []

    def preview(gateway, *, subscription, **given):
        seen.append(subscription)
        return real(gateway, subscription=subscription, **given)

    monkeypatch.setattr(StripeGateway, "create_invoice_preview", preview)
    return seen


def test_when_a_subscription_is_known_then_its_next_invoice_is_too_and_says_what_stripe_says(shop):
    account, customer_id, subscription_id = shop

    [kept] = rows()

    subscription = account.gateway.retrieve("subscription", subscription_id)
    assert (kept.amount_due, kept.total, kept.currency) == (2900, 2900, "eur")
    assert int(kept.due_at.timestamp()) == subscription["items"]["data"][0]["current_period_end"]
    assert kept.revision == revision(customer_id)
    assert [line["amount"] for line in kept.data["lines"]["data"]] == [2900]


def test_when_the_quantity_changes_then_the_next_amount_follows(shop):
    account, customer_id, subscription_id = shop
    item = account.gateway.retrieve("subscription", subscription_id)["items"]["data"][0]["id"]

    account.stripe.v1.subscription_items.update(item, {"quantity": 3, "proration_behavior": "none"})
    hear(account)

    [kept] = rows()
    assert (kept.amount_due, kept.revision) == (8700, revision(customer_id))


def test_when_it_is_canceling_then_nothing_comes_next_and_when_that_is_undone_it_comes_back(shop):
    account, _, subscription_id = shop

    account.stripe.v1.subscriptions.update(subscription_id, {"cancel_at_period_end": True})
    hear(account)
    canceling = rows()
    account.stripe.v1.subscriptions.update(subscription_id, {"cancel_at_period_end": False})
    hear(account)

    assert canceling == []
    assert len(rows()) == 1


def test_when_many_changes_come_at_once_then_it_is_asked_once(shop, asked):
    account, customer_id, subscription_id = shop
    for number in range(10):
        rename(account, customer_id, f"Ada {number}")
        tell_newest(account, 60 + number)

    drain()

    assert asked == [subscription_id]


def test_when_the_answer_says_the_same_then_it_is_fresh_again_and_pages_hear_of_that(shop):
    account, customer_id, _ = shop
    rename(account, customer_id)
    tell_newest(account)
    stale, changed = rows()[0].revision, revision(customer_id)

    drain()

    assert stale < changed < revision(customer_id) == rows()[0].revision


def test_when_nothing_happens_then_it_is_asked_again_only_when_its_moment_has_passed(shop, asked):
    due_at = rows()[0].due_at

    with time_machine.travel(due_at - timedelta(minutes=1)):
        drain(timedelta(0))
        early = list(asked)
    with time_machine.travel(due_at + timedelta(minutes=11)):
        drain(timedelta(0))

    assert (early, asked) == ([], [shop[2]])


def test_given_stripe_is_away_when_it_is_asked_then_what_is_known_stays_with_its_age(shop):
    account, customer_id, _ = shop
    rename(account, customer_id)
    tell_newest(account)
    account.lever("faults", kind="server_error", method="POST", times=3)

    worker.do(jobs.claim("test", timedelta(seconds=5)))

    [kept] = rows()
    assert kept.amount_due == 2900
    assert kept.revision < revision(customer_id)


def test_when_a_page_asks_for_it_then_it_is_asked_at_once(shop):
    with open_desk() as desk:
        upcoming.request(desk, shop[1])

    assert jobs.claim("test").payload == {"customer_id": shop[1]}


def test_when_the_customer_is_deleted_then_nothing_comes_next(shop):
    account, customer_id, _ = shop

    account.stripe.v1.customers.delete(customer_id)
    hear(account)

    assert rows() == []
