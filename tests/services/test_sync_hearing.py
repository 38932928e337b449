"""What single events mean for the mirror: ties, gaps, other versions, refunds, discounts, what is nobody's."""

import threading
from datetime import UTC, datetime

from sqlalchemy import select

from portal_app.models import base, mirror
from portal_app.models.journal import WebhookEvent
from portal_app.services import sync
from portal_app.services.desk import open_desk
from portal_app.services.sync import hearing
from portal_app.services.sync.deciding import decide
from portal_app.tasks import worker
from tests.equal import differences
from tests.inbox import fetches, states
from tests.merchant import a_customer, a_subscription, rename
from tests.world import drain, receive

_customer = mirror.Customer.__table__
_events = WebhookEvent.__table__


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
