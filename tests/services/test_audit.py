"""The audit log: every entry sealed, every change to it found."""

import random

import pytest
from sqlalchemy import delete, insert, select, update

from portal_app.models.journal import AuditEntry, Fact
from portal_app.security.visitor import Visitor
from portal_app.services import audit
from portal_app.services.desk import open_desk

ADA = Visitor("customer", customer_id="cus_ada", request_id="req_1")
_entries = AuditEntry.__table__
_facts = Fact.__table__


def write(desk, count: int) -> None:
    for number in range(count):
        audit.record(
            desk,
            "subscription.cancellation_scheduled",
            f"sub_{number}",
            before={"cancel_at": None},
            after={"cancel_at": number, "comment": "Grüße €"},
            customer_id="cus_ada",
        )


@pytest.fixture
def log(each_database):
    with open_desk(actor=ADA) as desk:
        write(desk, 30)
        yield desk


def test_when_entries_are_written_then_the_log_is_intact_and_names_who_did_it(log):
    verdict = audit.verify(log)

    last = log.row(select(_entries).order_by(_entries.c.number.desc()).limit(1))
    assert (verdict.is_intact, verdict.count) == (True, 30)
    assert (last.actor_kind, last.actor_id, last.request_id, last.target_id) == (
        "customer",
        "cus_ada",
        "req_1",
        "sub_29",
    )


def test_when_nothing_was_written_then_the_empty_log_is_intact(each_database):
    with open_desk() as desk:
        assert audit.verify(desk).is_intact


CHANGES = {
    "at": "2020-01-01 00:00:00+00:00",
    "actor_kind": "staff",
    "actor_id": "cus_bea",
    "customer_id": "cus_bea",
    "action": "staff.added",
    "target_id": "sub_x",
    "before": {"cancel_at": 1},
    "after": None,
    "request_id": "",
    "previous_hash": "0" * 64,
    "hash": "0" * 64,
}


@pytest.mark.parametrize("name", CHANGES)
def test_when_one_value_of_one_entry_is_changed_then_it_is_found(log, name):
    number = random.Random(name).randint(1, 30)
    value = CHANGES[name]
    if name == "at":
        value = log.value(select(_entries.c.at).where(_entries.c.number == 1)).replace(year=2020)

    with log.transaction():
        log.run(update(_entries).where(_entries.c.number == number).values({name: value}))

    assert not audit.verify(log).is_intact


@pytest.mark.parametrize("numbers", [[1], [15], [30], [29, 30], list(range(1, 31))])
def test_when_entries_are_removed_then_it_is_found_even_at_the_end(log, numbers):
    with log.transaction():
        log.run(delete(_entries).where(_entries.c.number.in_(numbers)))

    assert not audit.verify(log).is_intact


def test_when_an_entry_is_added_without_the_key_then_it_is_found(log):
    copied = dict(log.row(select(_entries).where(_entries.c.number == 30))._mapping)

    with log.transaction():
        log.run(insert(_entries).values({**copied, "number": 31, "previous_hash": copied["hash"]}))

    assert not audit.verify(log).is_intact


def test_when_the_end_is_cut_off_and_the_head_removed_too_then_it_is_found(log):
    with log.transaction():
        log.run(delete(_entries).where(_entries.c.number == 30))
        log.run(delete(_facts))

    assert not audit.verify(log).is_intact


def test_given_a_transaction_fails_when_it_had_recorded_something_then_the_log_goes_on_without_a_gap(log):
    def half() -> None:
        with log.transaction():
            write(log, 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    write(log, 1)

    assert (audit.verify(log).is_intact, audit.verify(log).count) == (True, 31)
