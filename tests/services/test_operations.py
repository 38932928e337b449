"""Acts on Stripe: once, written down before, settled after, found out when nobody knows."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from portal_app.gateway import stripe_gateway
from portal_app.gateway.stripe_gateway import StripeGateway
from portal_app.kit.clock import now
from portal_app.kit.errors import CardDeclined, GatewayError, NotFound
from portal_app.models import mirror
from portal_app.models.journal import AuditEntry, Job, Operation
from portal_app.security.visitor import SYSTEM, Visitor
from portal_app.services import audit, operations, sync
from portal_app.services.desk import open_desk
from portal_app.services.operations import OperationKind, Plan
from portal_app.tasks import operations as tasks
from tests.merchant import a_customer, a_subscription
from tests.world import drain, receive

ADA = Visitor("customer", email="ada@example.com", customer_id="cus_ada", locale="de", request_id="req_1")
_operations = Operation.__table__
_audit = AuditEntry.__table__
_subscriptions = mirror.Subscription.__table__


def _call(gateway, asked):
    return gateway.update_subscription(
        asked.target_id, idempotency_key=asked.id, metadata={**asked.metadata, **asked.parameters}
    )


def _settle(desk, asked, changed):
    audit.record(
        desk,
        "subscription.cancellation_scheduled",
        asked.target_id,
        after=asked.parameters,
        customer_id=asked.customer_id,
    )
    return {"noted": changed["metadata"]["note"]}


def _look_up(gateway, asked):
    found = gateway.retrieve("subscription", asked.target_id)
    return found if found["metadata"].get(operations.METADATA_KEY) == asked.id else None


NOTE = OperationKind("subscription.note", _call, _settle, _look_up)


@pytest.fixture
def subscription_id(account, monkeypatch) -> str:
    """Ada's subscription, and a portal that is impatient and knows how to note something on it."""
    monkeypatch.setitem(tasks.KINDS, NOTE.name, NOTE)
    monkeypatch.setattr(stripe_gateway, "TIMEOUT_SECONDS", 0.5)
    stripe_gateway._gateway.cache_clear()
    return a_subscription(account, a_customer(account))


def a_plan(subscription_id: str, note: str = "hello") -> Plan:
    return Plan("cus_ada", subscription_id, {"note": note})


def notes(account) -> int:
    """How often a note really reached Stripe."""
    updates = [one for one in account.events() if one["type"] == "customer.subscription.updated"]
    return sum("note" in str(one["data"]["object"]["metadata"]) for one in updates)


def look(operation_id: str) -> operations.Asked:
    """The operation as somebody sees it who comes now."""
    with open_desk() as desk:
        return operations.get(desk, operation_id)


def found_out(operation_id: str) -> tuple[operations.Asked, int]:
    """The operation once the worker has found out, and how many simulated seconds that took."""
    start, passed = now(), 0
    while look(operation_id).is_open and passed < 1_200:
        passed += 5
        with time_machine.travel(start + timedelta(seconds=passed)):
            drain(timedelta(0))
    return look(operation_id), passed


def all_operations() -> list:
    with open_desk() as desk:
        return list(desk.rows(select(_operations).order_by(_operations.c.created_at)))


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
    other = OperationKind("subscription.other", _call, _settle, _look_up)
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


@pytest.mark.parametrize("kind", ["timeout_after", "reset_after", "bad_gateway_after", "garbage", "server_error"])
def test_given_no_answer_comes_when_it_is_asked_then_it_is_unknown_and_found_out_by_itself(
    each_database, account, subscription_id, kind
):
    account.lever("faults", kind=kind, method="POST", times=3, seconds=0.8)
    with open_desk(actor=ADA) as desk:
        asked = operations.perform(desk, NOTE, a_plan(subscription_id))
        again = operations.perform(desk, NOTE, a_plan(subscription_id))

        assert (asked.state, asked.is_open, again.id) == ("unknown", True, asked.id)
        assert "checking" in asked.error_text
        assert [one.id for one in operations.list_open(desk, "cus_ada")] == [asked.id]
        desk.close()
        found, passed = found_out(asked.id)

        entry = desk.row(select(_audit))
    assert (found.state, found.result) == ("done", {"noted": "hello"})
    assert passed <= 600
    assert (entry.actor_kind, entry.actor_id, entry.request_id) == ("customer", "cus_ada", "req_1")
    assert notes(account) == 1


def test_given_stripe_replays_its_own_failure_when_it_is_found_out_then_the_object_decides(
    database, account, subscription_id
):
    account.lever("faults", kind="server_error_after", method="POST", times=1, should_retry=False)
    with open_desk(actor=ADA) as desk:
        asked = operations.perform(desk, NOTE, a_plan(subscription_id))
        drain()

        found = look(asked.id)
    assert (asked.state, found.state) == ("unknown", "done")
    assert notes(account) == 1


def test_given_a_day_has_passed_when_it_is_found_out_then_nothing_is_sent_again(database, account, subscription_id):
    account.lever("faults", kind="reset_before", method="POST", times=3)
    with open_desk(actor=ADA) as desk:
        asked = operations.perform(desk, NOTE, a_plan(subscription_id))

        with time_machine.travel(now() + timedelta(hours=25)):
            drain()
            found = look(asked.id)
    assert (found.state, found.error_code) == ("failed", "gateway_error")
    assert notes(account) == 0


def test_given_a_day_has_passed_when_the_object_carries_the_operation_then_it_was_done(
    database, account, subscription_id
):
    account.lever("faults", kind="reset_after", method="POST", times=3)
    with open_desk(actor=ADA) as desk:
        asked = operations.perform(desk, NOTE, a_plan(subscription_id))

        with time_machine.travel(now() + timedelta(hours=25)):
            drain()
            found = look(asked.id)
    assert found.state == "done"
    assert notes(account) == 1


def test_given_stripe_is_away_for_long_when_it_is_back_then_it_is_done_once(database, account, subscription_id):
    account.lever("faults", kind="reset_before", method="POST", times=9)
    with open_desk(actor=ADA) as desk:
        asked = operations.perform(desk, NOTE, a_plan(subscription_id))

        found, passed = found_out(asked.id)
    assert found.state == "done"
    assert 5 < passed <= 600
    assert notes(account) == 1


def test_when_it_is_refused_then_the_visitor_hears_it_and_may_try_again(database, account, subscription_id):
    account.stripe.v1.subscriptions.cancel(subscription_id)
    refused = OperationKind(
        "subscription.revive",
        lambda gateway, asked: gateway.update_subscription(
            asked.target_id, idempotency_key=asked.id, cancel_at_period_end=True
        ),
        _settle,
        _look_up,
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

    refused = OperationKind("subscription.refused", call, _settle, _look_up)
    with open_desk(actor=ADA) as desk:
        with pytest.raises(type(error)):
            operations.perform(desk, refused, a_plan(subscription_id))

        assert [(one.state, one.error_code) for one in all_operations()] == [("failed", error.code)]


def test_given_settling_breaks_when_the_worker_finishes_it_then_everything_follows_once(
    database, account, subscription_id, monkeypatch
):
    def breaks(desk, asked, changed):
        audit.record(desk, "subscription.cancellation_scheduled", asked.target_id)
        raise ZeroDivisionError

    broken = OperationKind(NOTE.name, _call, breaks, _look_up)
    with open_desk(actor=ADA) as desk:
        with pytest.raises(ZeroDivisionError):
            operations.perform(desk, broken, a_plan(subscription_id))
        halfway = [one.state for one in all_operations()]
        with time_machine.travel(now() + timedelta(minutes=3)):
            drain()

        entries = desk.rows(select(_audit))
    assert (halfway, [one.state for one in all_operations()]) == (["sent"], ["done"])
    assert len(entries) == 1
    assert notes(account) == 1


def test_given_two_workers_find_out_at_once_then_what_follows_happens_once(each_database, account, subscription_id):
    account.lever("faults", kind="reset_after", method="POST", times=3)
    with open_desk(actor=ADA) as desk:
        asked = operations.perform(desk, NOTE, a_plan(subscription_id))

    def find_out() -> None:
        with open_desk(actor=SYSTEM) as own:
            operations.reconcile(own, NOTE, asked.id)

    threads = [threading.Thread(target=find_out) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with open_desk() as desk:
        assert len(desk.rows(select(_audit))) == 1
        assert operations.get(desk, asked.id).state == "done"


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


KILLED = """
import os, signal
from portal_app.security.visitor import Visitor
from portal_app.services import operations
from portal_app.services.desk import open_desk
from tests.services.test_operations import NOTE, _call, _look_up, _settle, a_plan

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def call(gateway, asked):
    if {where!r} == "before":
        die()
    changed = _call(gateway, asked)
    if {where!r} == "after":
        die()
    return changed

def settle(desk, asked, changed):
    result = _settle(desk, asked, changed)
    die()

kind = operations.OperationKind(NOTE.name, call, settle if {where!r} == "settling" else _settle, _look_up)
with open_desk(actor=Visitor("customer", customer_id="cus_ada")) as desk:
    operations.perform(desk, kind, a_plan({target!r}))
"""


@pytest.mark.parametrize("where", ["before", "after", "settling"])
def test_given_the_process_is_killed_when_the_worker_looks_then_it_is_done_once(
    database, account, subscription_id, where
):
    script = KILLED.format(where=where, target=subscription_id)
    killed = subprocess.run([sys.executable, "-c", script], env={**os.environ}, check=False, timeout=60)
    left = [one.state for one in all_operations()]

    with time_machine.travel(now() + timedelta(minutes=3)):
        drain()

    with open_desk() as desk:
        entries = desk.rows(select(_audit))
    assert killed.returncode == -signal.SIGKILL
    assert (left, [one.state for one in all_operations()]) == (["sent"], ["done"])
    assert len(entries) == 1
    assert notes(account) == 1


def test_when_the_answer_is_late_then_the_portals_gateway_gives_up_in_time(account, subscription_id):
    gateway = StripeGateway(account.key, account.url)
    account.lever("faults", kind="timeout_before", method="POST", times=3, seconds=30)

    with pytest.raises(GatewayError) as caught:
        gateway.update_subscription(subscription_id, idempotency_key="op_1", metadata={"note": "late"})

    assert caught.value.is_unknown


def test_given_nobody_knows_a_kind_when_its_operation_is_open_then_the_job_says_so(database, account, subscription_id):
    with open_desk(actor=ADA) as desk:
        asked, _ = operations._write_down(desk, NOTE, a_plan(subscription_id))
        with desk.transaction():
            desk.run(update(_operations).values(kind="subscription.forgotten"))

        with pytest.raises(KeyError):
            tasks.reconcile(desk, {"operation_id": asked.id})
