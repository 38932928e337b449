"""The whole way: Stripe delivers by HTTP, the served portal stores, a worker applies, whatever goes wrong between."""

import random
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from portal_app.models import base
from portal_app.models.journal import WebhookEvent
from portal_app.models.mirror import Customer
from portal_app.services.desk import open_desk
from portal_app.tasks import housekeeping
from portal_app.tasks.worker import Worker
from tests.equal import differences
from tests.merchant import a_customer, a_price, a_subscription, rename
from tests.served import a_served_portal
from tests.world import Account, drain, new_account

_customers = Customer.__table__
_events = WebhookEvent.__table__


@pytest.fixture(scope="module")
def listening(sandbox, tmp_path_factory) -> Iterator[Account]:
    """A portal that serves, hears and works, joined to the account as a merchant joins it."""
    account = new_account(sandbox)
    endpoint = account.gateway.create_webhook_endpoint(url="http://127.0.0.1:9/not-yet")
    settings = {
        "STRIPE_SECRET_KEY": account.key,
        "STRIPE_API_BASE": account.url,
        "STRIPE_WEBHOOK_SECRET": endpoint["secret"],
    }
    with a_served_portal(tmp_path_factory.mktemp("portal"), settings=settings) as served:
        account.stripe.v1.webhook_endpoints.update(endpoint["id"], {"url": f"{served.origin}/webhooks/stripe"})
        worker = Worker()
        thread = threading.Thread(target=worker.run)
        thread.start()
        try:
            yield account
        finally:
            worker.end()
            thread.join(15)


def seconds_until(question: Callable[[], object], most: float = 30.0) -> float:
    """How long it took; processes are real here."""
    start = time.monotonic()
    while not question():
        assert time.monotonic() - start < most, "it did not happen"
        time.sleep(0.02)
    return time.monotonic() - start


def name_of(customer_id: str) -> str | None:
    with base.reading() as connection:
        return connection.execute(select(_customers.c.name).where(_customers.c.id == customer_id)).scalar()


def stored() -> set[str]:
    with base.reading() as connection:
        return set(connection.execute(select(_events.c.id)).scalars())


def is_quiet(account: Account) -> bool:
    return account.look("deliveries")["pending"] == 0


def test_when_something_changes_at_stripe_then_the_mirror_follows_at_once(listening):
    customer_id = a_customer(listening, card="")
    seconds_until(lambda: name_of(customer_id))

    name = rename(listening, customer_id)

    assert seconds_until(lambda: name_of(customer_id) == name) < 5


def test_given_deliveries_come_twice_late_and_in_disorder_when_all_is_said_then_the_mirror_is_as_stripe(listening):
    faults = [{"kind": kind, "times": 6, "seconds": 0.3} for kind in ("duplicate", "reorder", "delay")]
    listening.lever("faults", faults=random.Random(3).sample(faults, 3))
    customer_id = a_customer(listening)
    subscription_id = a_subscription(listening, customer_id, a_price(listening))
    for _ in range(8):
        rename(listening, customer_id)
    listening.stripe.v1.subscriptions.update(subscription_id, {"cancel_at_period_end": True})

    seconds_until(lambda: is_quiet(listening))
    drain()

    assert differences(listening) == []


def test_given_deliveries_are_dropped_when_the_portal_sweeps_then_nothing_is_missing(listening):
    seconds_until(lambda: is_quiet(listening))
    before = {one["id"] for one in listening.events()}
    listening.lever("faults", kind="drop", times=1_000)
    customer_id = a_customer(listening)
    a_subscription(listening, customer_id)
    dropped = {one["id"] for one in listening.events()} - before
    unheard = dropped - stored()

    with open_desk() as desk:
        housekeeping.sweep(desk, {})
    drain()

    assert len(unheard) > 5
    assert unheard & stored()
    assert differences(listening) == []
