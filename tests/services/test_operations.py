"""Acts on Stripe: once, written down before, settled after."""

import threading

import pytest
from sqlalchemy import select

from portal_app.kit.errors import CardDeclined, GatewayError, NotFound
from portal_app.models import mirror
from portal_app.models.journal import AuditEntry, Job
from portal_app.services import operations, sync
from portal_app.services.desk import open_desk
from portal_app.services.operations import OperationKind
from tests.merchant import a_customer, a_subscription
from tests.noting import ADA, NOTE, a_plan, all_operations, call, look_up, notes, settle, subscription_id
from tests.world import drain, receive

__all__ = ["subscription_id"]
_audit = AuditEntry.__table__
_subscriptions = mirror.Subscription.__table__


def test_when_it_works_then_mirror_audit_and_result_are_there_together(each_database, account, subscription_id):
    with open_desk(actor=ADA) as desk:
        asked = operations.perform(desk, NOTE, a_plan(subscription_id))

        kept = desk.row(select(_subscriptions).where(_subscriptions.c.id == subscription_id))
        entry = desk.row(select(_audit))
    assert (asked.state, asked.is_open, asked.is_done, asked.result) == ("done", False, True, {"noted": "hello"})
    assert kept.data["metadata"] == {"note": "hello", operations.METADATA_KEY: asked.id}
    assert (entry.action, entry.actor_kind, entry.actor_id) == (
        "subscription.cancellation_scheduled",
        "customer",
        "cus_ada",
    )
    assert notes(account) == 1


def test_when_fifty_clicks_come_at_once_then_one_has_an_effect(each_database, account, subscription_id):
    found: list[operations.Asked] = []

    def click() -> None:
        with open_desk(actor=ADA) as desk:
            found.append(operations.perform(desk, NOTE, a_plan(subscription_id)))

    account.lever("faults", kind="slow", method="POST", seconds=0.3)
    threads = [threading.Thread(target=click) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 50
    assert len({asked.id for asked in found}) == len(all_operations()) == 1
    assert notes(account) == 1


def test_given_something_else_was_done_since_when_it_is_asked_again_then_it_is_done_again(
    database, account, subscription_id
):
    other = OperationKind("subscription.other", call, settle, look_up)
    with open_desk(actor=ADA) as desk:
        operations.perform(desk, NOTE, a_plan(subscription_id))
        operations.perform(desk, other, a_plan(subscription_id, "between"))

        operations.perform(desk, NOTE, a_plan(subscription_id))

    assert [one.kind for one in all_operations()] == [NOTE.name, other.name, NOTE.name]


def test_given_one_is_on_its_way_when_another_target_is_meant_then_it_is_not_held_up(
    database, account, subscription_id
):
    other_id = a_subscription(account, a_customer(account))
    with open_desk(actor=ADA) as desk:
        asked, is_new = operations._write_down(desk, NOTE, a_plan(subscription_id))

        second = operations.perform(desk, NOTE, a_plan(other_id))
        same = operations.perform(desk, NOTE, a_plan(subscription_id))

    assert is_new
    assert (second.state, same.id, same.state) == ("done", asked.id, "planned")


def test_when_it_is_refused_then_the_visitor_hears_it_and_may_try_again(database, account, subscription_id):
    account.stripe.v1.subscriptions.cancel(subscription_id)
    refused = OperationKind(
        "subscription.revive",
        lambda gateway, asked: gateway.update_subscription(
            asked.target_id, idempotency_key=asked.id, cancel_at_period_end=True
        ),
        settle,
        look_up,
    )
    with open_desk(actor=ADA) as desk:
        for _ in range(2):
            with pytest.raises(GatewayError) as caught:
                operations.perform(desk, refused, a_plan(subscription_id))

        states = [(one.state, one.error_code) for one in all_operations()]
        fetched = desk.value(select(Job.__table__.c.key).where(Job.__table__.c.kind == sync.FETCH))
    assert (caught.value.is_final, caught.value.is_unknown) == (True, False)
    assert states == [("failed", "gateway_error")] * 2
    assert fetched == f"mirror.fetch:subscription:{subscription_id}"


@pytest.mark.parametrize("error", [CardDeclined(decline_code="lost_card"), NotFound(), GatewayError()])
def test_when_nothing_was_changed_then_it_has_failed_for_certain(database, account, subscription_id, error):
    def call(gateway, asked):
        raise error

    refused = OperationKind("subscription.refused", call, settle, look_up)
    with open_desk(actor=ADA) as desk:
        with pytest.raises(type(error)):
            operations.perform(desk, refused, a_plan(subscription_id))

        assert [(one.state, one.error_code) for one in all_operations()] == [("failed", error.code)]


def test_when_the_event_of_the_act_comes_afterwards_then_it_finds_nothing_to_change(database, account, subscription_id):
    def kept():
        with open_desk() as fresh:
            return fresh.value(select(_subscriptions.c.data).where(_subscriptions.c.id == subscription_id))

    receive(account.events())
    drain()
    with open_desk(actor=ADA) as desk:
        operations.perform(desk, NOTE, a_plan(subscription_id))
    before = kept()

    receive(account.events()[-1:])
    drain()

    assert before["metadata"]["note"] == "hello"
    assert kept() == before
