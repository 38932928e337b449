"""Acts on Stripe whose answer never came: found out by the worker, done once, whatever died meanwhile."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from portal_app.gateway.stripe_gateway import StripeGateway
from portal_app.kit.clock import now
from portal_app.kit.errors import GatewayError
from portal_app.models.journal import AuditEntry, Operation
from portal_app.security.visitor import SYSTEM
from portal_app.services import audit, operations
from portal_app.services.desk import open_desk
from portal_app.services.operations import OperationKind
from portal_app.tasks import operations as tasks
from tests.noting import ADA, NOTE, a_plan, all_operations, call, found_out, look, look_up, notes, subscription_id
from tests.world import drain

__all__ = ["subscription_id"]
_operations = Operation.__table__
_audit = AuditEntry.__table__


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


def test_given_settling_breaks_when_the_worker_finishes_it_then_everything_follows_once(
    database, account, subscription_id, monkeypatch
):
    def breaks(desk, asked, changed):
        audit.record(desk, "subscription.cancellation_scheduled", asked.target_id)
        raise ZeroDivisionError

    broken = OperationKind(NOTE.name, call, breaks, look_up)
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


KILLED = """
import os, signal
from portal_app.security.visitor import Visitor
from portal_app.services import operations
from portal_app.services.desk import open_desk
from tests import noting

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def call(gateway, asked):
    if {where!r} == "before":
        die()
    changed = noting.call(gateway, asked)
    if {where!r} == "after":
        die()
    return changed

def settle(desk, asked, changed):
    result = noting.settle(desk, asked, changed)
    die()

settles = settle if {where!r} == "settling" else noting.settle
kind = operations.OperationKind(noting.NOTE.name, call, settles, noting.look_up)
with open_desk(actor=Visitor("customer", customer_id="cus_ada")) as desk:
    operations.perform(desk, kind, noting.a_plan({target!r}))
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
