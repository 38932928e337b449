"""However events come, the mirror ends as Stripe is: disorder, duplicates, ties, gaps, deletes, clocks apart."""

import itertools
import os
import random
import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlmodel import SQLModel

from portal_app.models import base, mirror
from portal_app.models.journal import Job, WebhookEvent
from portal_app.services import sync
from portal_app.services.desk import open_desk
from portal_app.services.sync import hearing
from portal_app.services.sync.deciding import decide
from portal_app.tasks import worker
from tests.equal import all_of, differences
from tests.merchant import a_customer, a_price, a_subscription, an_invoice, rename
from tests.world import drain, receive

IS_DEEP = bool(os.environ.get("PORTAL_DEEP"))
EXAMPLES = 1_000 if IS_DEEP else 20
_ALL_ORDERS = list(itertools.permutations(range(4)))
ORDERS = _ALL_ORDERS if IS_DEEP else random.Random(4).sample(_ALL_ORDERS, 6)
_customer = mirror.Customer.__table__
_events = WebhookEvent.__table__
_jobs = Job.__table__


def forget() -> None:
    """An empty database again."""
    with base.writing() as connection:
        for table in reversed(SQLModel.metadata.sorted_tables):
            connection.execute(delete(table))


def fetches() -> int:
    """How many objects were, or are to be, asked for."""
    with base.reading() as connection:
        return connection.execute(
            select(func.coalesce(func.sum(_jobs.c.attempts), 0)).where(_jobs.c.kind == sync.FETCH)
        ).scalar()


def states() -> list[str]:
    with base.reading() as connection:
        return [row.state for row in connection.execute(select(_events.c.state).order_by(_events.c.id))]


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


def test_given_known_objects_when_a_normal_stream_comes_then_next_to_nothing_is_asked_of_stripe(database, account):
    customer_ids = [a_customer(account, card="") for _ in range(10)]
    receive(account.events())
    drain()
    for customer_id in customer_ids * 4:
        rename(account, customer_id)
    events = [one for one in account.events() if one["type"] == "customer.updated"]
    start = int(datetime.now(UTC).timestamp()) + 60
    told = [{**one, "created": start + number} for number, one in enumerate(events)]
    before = fetches()

    for start in range(0, len(told), 7):
        receive(told[start : start + 7])
        drain()

    assert len(told) == 40
    assert fetches() - before <= 0.05 * len(told)
    assert differences(account) == []


def test_given_many_events_of_one_object_wait_when_they_tie_then_it_is_fetched_once(database, account):
    customer_id = a_customer(account, card="")
    receive(account.events())
    drain()
    for number in range(30):
        rename(account, customer_id, f"Ada {number}")
    told = [{**one, "created": told_at} for told_at in [int(datetime.now(UTC).timestamp())] for one in account.events()]
    before = fetches()

    receive(told)
    drain()

    assert fetches() - before == 1
    assert differences(account) == []


def test_given_two_changes_of_one_second_when_they_come_swapped_then_neither_is_believed(database, account):
    customer_id = a_customer(account, card="")
    receive(account.events())
    drain()
    later = int(datetime.now(UTC).timestamp()) + 60
    rename(account, customer_id, "first")
    rename(account, customer_id, "last")
    first, last = ({**one, "created": later} for one in account.events()[-2:])

    receive([last, first])
    drain()

    assert differences(account) == []


def test_given_an_event_of_long_ago_when_it_comes_at_last_then_nothing_is_asked_of_stripe(database, account):
    customer_id = a_customer(account, card="")
    rename(account, customer_id)
    with open_desk() as desk:
        sync.apply(desk, account.gateway.retrieve("customer", customer_id), datetime.now(UTC))
    yesterday = int(datetime.now(UTC).timestamp()) - 86_400

    receive([{**one, "created": yesterday} for one in account.events()])
    drain()

    assert fetches() == 0
    assert differences(account) == []


def test_when_a_charge_is_refunded_then_its_payment_shows_it(database, account):
    subscription_id = a_subscription(account, a_customer(account))
    receive(account.events())
    drain()
    invoice = account.gateway.retrieve("subscription", subscription_id)["latest_invoice"]
    paid = account.gateway.retrieve("invoice", invoice)["payments"]["data"][0]["payment"]["payment_intent"]
    known = {one["id"] for one in account.events()}

    account.stripe.v1.refunds.create({"payment_intent": paid, "amount": 100})
    receive([one for one in account.events() if one["id"] not in known and one["type"].startswith("charge.")])
    drain()

    payments = mirror.Payment.__table__
    with open_desk() as desk:
        assert (
            desk.value(select(payments.c.data).where(payments.c.id == paid))["latest_charge"]["amount_refunded"] == 100
        )


def test_when_discounts_come_and_go_then_customer_and_subscription_show_what_holds(database, account):
    customer_id = a_customer(account)
    coupon = account.stripe.v1.coupons.create({"percent_off": 20, "duration": "repeating", "duration_in_months": 3})
    subscription_id = a_subscription(account, customer_id, discounts=[{"coupon": coupon.id}])
    receive(account.events())
    drain()
    first = differences(account)
    known = {one["id"] for one in account.events()}

    account.stripe.v1.subscriptions.delete_discount(subscription_id)
    receive([one for one in account.events() if one["id"] not in known])
    drain()

    assert first == []
    assert differences(account) == []


def test_given_another_api_version_when_an_event_comes_then_its_payload_is_not_trusted(database, account):
    a_customer(account, card="")
    told = [{**one, "api_version": "2019-12-03"} for one in account.events()]

    receive(told)
    drain()

    assert states() == ["fetched"]
    assert differences(account) == []


def test_given_a_change_was_never_told_when_a_later_one_comes_then_the_gap_is_seen_and_fetched(database, account):
    customer_id = a_customer(account, card="")
    receive(account.events())
    drain()
    rename(account, customer_id, "never told")
    rename(account, customer_id, "told")
    later = int(datetime.now(UTC).timestamp()) + 60
    before = fetches()

    receive([{**account.events()[-1], "created": later}])
    drain()

    assert fetches() - before == 1
    assert differences(account) == []


def test_when_the_portals_own_act_is_told_afterwards_then_nothing_is_fetched_and_no_page_disturbed(database, account):
    customer_id = a_customer(account)
    subscription_id = a_subscription(account, customer_id)
    receive(account.events())
    drain()
    known_at = datetime.now(UTC)
    changed = account.gateway.update_subscription(subscription_id, idempotency_key="op_1", cancel_at_period_end=True)
    with open_desk() as desk:
        sync.apply(desk, changed, known_at)
    drain()
    asked, revision = fetches(), _revision(customer_id)

    receive([account.events()[-1]])
    worker.hear()

    assert (fetches(), _revision(customer_id)) == (asked, revision)


def _revision(customer_id: str) -> int:
    with base.reading() as connection:
        return connection.execute(select(_customer.c.revision).where(_customer.c.id == customer_id)).scalar()


def test_when_events_are_about_nothing_we_keep_then_they_are_ignored_and_their_bodies_go(database, account):
    strange = {"object": "payout", "id": "po_1"}
    events = [
        {**an_envelope("evt_1", "payout.paid"), "data": {"object": strange}},
        {**an_envelope("evt_2", "made.up.tomorrow"), "data": {"object": {"object": "made_up", "id": "x"}}},
        {**an_envelope("evt_3", "invoice.upcoming"), "data": {"object": {"object": "invoice"}}},
        {**an_envelope("evt_4", "customer.updated"), "data": {"object": strange, "previous_attributes": "?"}},
    ]

    receive(events)
    drain()

    assert states() == ["ignored"] * 4
    with base.reading() as connection:
        assert {row.body for row in connection.execute(select(_events.c.body))} == {b""}


def an_envelope(event_id: str, kind: str) -> dict:
    return {
        "id": event_id,
        "object": "event",
        "type": kind,
        "created": int(datetime.now(UTC).timestamp()),
        "livemode": False,
        "api_version": "2026-10-28.endive",
    }


def test_given_an_event_that_breaks_something_when_others_wait_too_then_they_are_not_held_up(
    database, account, monkeypatch
):
    def breaks(kind, row, events, moment):
        if events[0].data["id"] == "cus_broken":
            raise ZeroDivisionError
        return decide(kind, row, events, moment)

    customer_id = a_customer(account, card="")
    good = account.events()
    monkeypatch.setattr(hearing, "decide", breaks)
    subject = {"object": "customer", "id": "cus_broken"}
    broken = {**an_envelope("evt_broken", "customer.updated"), "data": {"object": subject}}

    receive([broken, *good])
    worker.hear()

    assert "received" not in states()
    with base.reading() as connection:
        assert connection.execute(select(_customer.c.id)).scalars().all() == [customer_id]


def test_given_two_writers_when_both_raise_revisions_then_numbers_come_in_the_order_of_commits(each_database):
    with open_desk() as desk:
        for number in range(2):
            made = {"object": "customer", "id": f"cus_{number}", "created": 1, "email": "", "name": "", "balance": 0}
            sync.apply(desk, {**made, "invoice_settings": {"default_payment_method": None}}, datetime.now(UTC))
    order: list[int] = []

    def write(number: int) -> None:
        with open_desk() as desk:
            for _ in range(20):
                with desk.transaction():
                    order.append(sync.raise_revision(desk, [f"cus_{number}"]))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert order == sorted(order)
    assert len(set(order)) == 40
