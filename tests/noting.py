"""An act of the tests' own, a note on Ada's subscription, and what became of it."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from portal_app.gateway import stripe_gateway
from portal_app.kit.clock import now
from portal_app.models.journal import Operation
from portal_app.security.visitor import Visitor
from portal_app.services import audit, operations
from portal_app.services.desk import open_desk
from portal_app.services.operations import OperationKind, Plan
from portal_app.tasks import operations as tasks
from tests.merchant import a_customer, a_subscription
from tests.world import drain

ADA = Visitor("customer", email="ada@example.com", customer_id="cus_ada", locale="de", request_id="req_1")
_operations = Operation.__table__


def call(gateway, asked):
    return gateway.update_subscription(
        asked.target_id, idempotency_key=asked.id, metadata={**asked.metadata, **asked.parameters}
    )


def settle(desk, asked, changed):
    audit.record(
        desk,
        "subscription.cancellation_scheduled",
        asked.target_id,
        after=asked.parameters,
        customer_id=asked.customer_id,
    )
    return {"noted": changed["metadata"]["note"]}


def look_up(gateway, asked):
    found = gateway.retrieve("subscription", asked.target_id)
    return found if found["metadata"].get(operations.METADATA_KEY) == asked.id else None


NOTE = OperationKind("subscription.note", call, settle, look_up)


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
