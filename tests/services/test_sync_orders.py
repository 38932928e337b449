"""However events come, the mirror ends as Stripe is: every order, every interleaving, clocks apart."""

import itertools
import os
import random
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal_app.tasks import worker
from tests.equal import all_of, differences
from tests.inbox import forget, states
from tests.merchant import a_customer, a_price, a_subscription, an_invoice, rename
from tests.world import drain, receive

IS_DEEP = bool(os.environ.get("PORTAL_DEEP"))
EXAMPLES = 1_000 if IS_DEEP else 20
_ALL_ORDERS = list(itertools.permutations(range(4)))
ORDERS = _ALL_ORDERS if IS_DEEP else random.Random(4).sample(_ALL_ORDERS, 6)


def spaced(events: list[dict], step: float) -> list[dict]:
    """The same events, each so many seconds before the next; the last one is from now."""
    last = datetime.now(UTC).timestamp()
    return [{**one, "created": int(last - (len(events) - 1 - n) * step)} for n, one in enumerate(events)]


def of_customer(account) -> list[dict]:
    """created, updated, updated, deleted."""
    customer_id = a_customer(account, card="")
    rename(account, customer_id)
    rename(account, customer_id)
    account.stripe.v1.customers.delete(customer_id)
    return account.events()


def of_invoice(account) -> list[dict]:
    """created, finalized, paid and what goes with it; the four that matter."""
    an_invoice(account, a_customer(account))
    invoice_id = an_invoice(account, a_customer(account))
    account.stripe.v1.invoices.pay(invoice_id)
    return [one for one in account.events() if one["data"]["object"]["id"] == invoice_id][:4]


def of_subscription(account) -> list[dict]:
    """Four updates and the end."""
    subscription_id = a_subscription(account, a_customer(account))
    for number in range(2):
        account.stripe.v1.subscriptions.update(subscription_id, {"metadata": {"number": str(number)}})
    account.stripe.v1.subscriptions.cancel(subscription_id)
    return [one for one in account.events() if one["data"]["object"]["id"] == subscription_id][-4:]


@pytest.mark.parametrize("step", [0, 1, 60, 1_200])
@pytest.mark.parametrize("story", [of_customer, of_invoice, of_subscription])
def test_when_four_events_come_in_any_order_then_the_mirror_ends_as_stripe_is(database, account, story, step):
    told = spaced(story(account), step)
    subject, expected = told[0]["data"]["object"]["id"], all_of(account)
    assert len(told) == 4

    for order in ORDERS:
        forget()
        for number in order:
            receive([told[number]])
            drain(timedelta(seconds=2))

        found = [found for found in differences(account, expected) if subject in found]
        assert found == [], [told[number]["type"] for number in order]


def test_when_a_whole_shops_events_come_shuffled_and_doubled_then_everything_is_equal(each_database, account):
    customer_id = a_customer(account)
    price_id = a_price(account)
    for _ in range(3):
        subscription_id = a_subscription(account, customer_id, price_id)
        rename(account, customer_id)
    account.stripe.v1.subscriptions.update(subscription_id, {"cancel_at_period_end": True})
    account.stripe.v1.customers.tax_ids.create(customer_id, {"type": "eu_vat", "value": "DE123456789"})
    account.advance(days=32)
    events = account.events()
    told = [*events, *random.Random(7).sample(events, len(events) // 3)]
    random.Random(8).shuffle(told)

    for start in range(0, len(told), 9):
        receive(told[start : start + 9])
        worker.hear()
    drain()

    assert differences(account) == []
    assert set(states()) <= {"applied", "fetched", "ignored"}


class Story:
    """Changes at Stripe, told in any order, to a portal whose clock may be a little off."""

    def __init__(self, account, skew: float) -> None:
        self.account, self.skew = account, skew
        self.moment = 1_800_000_000.0
        self.untold: list[dict] = []
        self.told: list[dict] = []
        self.seen = {one["id"] for one in account.events()}

    def change(self, deed) -> None:
        deed()
        for one in self.account.events():
            if one["id"] not in self.seen:
                self.seen.add(one["id"])
                self.untold.append({**one, "created": int(self.moment)})

    def tell(self, which: int, is_again: bool) -> None:
        pool = self.told if is_again and self.told else self.untold
        if pool:
            one = pool[which % len(pool)]
            if pool is self.untold:
                pool.remove(one)
                self.told.append(one)
                receive([one])

    def work(self) -> None:
        with time_machine.travel(self.moment + self.skew, tick=False):
            worker.hear()
            drain(timedelta(0))


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(
    skew=st.floats(-2, 2),
    steps=st.lists(
        st.tuples(st.sampled_from("rmdtttww"), st.integers(0, 30), st.floats(0, 4), st.booleans()), max_size=40
    ),
)
def test_when_changes_tidings_and_work_interleave_then_the_mirror_ends_as_stripe_is(database, account, skew, steps):
    forget()
    customers = [account.stripe.v1.customers.create({"name": "Ada"}).id for _ in range(2)]
    story = Story(account, skew)
    story.seen = {one["id"] for one in account.events() if one["data"]["object"]["id"] not in customers}
    story.change(lambda: None)

    for what, which, pause, is_again in steps:
        story.moment += pause
        customer_id = customers[which % 2]
        if what == "r":
            story.change(lambda name=str(which), owner=customer_id: rename(account, owner, name))
        elif what == "m":
            note = {"metadata": {"n": str(which)}}
            story.change(lambda owner=customer_id, note=note: account.stripe.v1.customers.update(owner, note))
        elif what == "t":
            story.tell(which, is_again)
        elif what == "w":
            story.work()
    while story.untold:
        story.moment += 0.2
        story.tell(0, False)
        story.work()
    story.moment += 10
    story.work()
    story.work()

    assert [found for found in differences(account) if any(one in found for one in customers)] == []
