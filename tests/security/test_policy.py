"""What a handler's signature lets through, and whom its policy lets in."""

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from portal_app.models.mirror import Customer
from portal_app.security.policy import judge, payload_model, policy, policy_of
from portal_app.security.sessions import LiveSession

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


class Probe:
    """A class with methods like a state's handlers."""

    def say(self, text: str, number: int = 0) -> None: ...

    def say_much(self, text: Annotated[str, Field(max_length=5_000)]) -> None: ...

    def choose(self, kind: Literal["a", "b"] | None = None) -> None: ...

    def send(self, form: dict[str, str | bool], ids: list[str]) -> None: ...

    def any_thing(self, thing: Any) -> None: ...

    def no_hint(self, thing) -> None: ...

    def many(self, *things: str) -> None: ...

    def money(self, amount: float) -> None: ...

    def a_row(self, customer: Customer) -> None: ...


def _takes(handler, **arguments) -> bool:
    try:
        payload_model(handler).model_validate_json(json.dumps(arguments))
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("arguments", "is_taken"),
    [
        ({"text": "x" * 2_000}, True),
        ({"text": "x" * 2_001}, False),
        ({"text": ""}, True),
        ({"text": "a\x00b"}, False),
        ({"text": "\ud800"}, False),
        ({"text": 5}, False),
        ({"text": None}, False),
        ({}, False),
        ({"text": "x", "number": 2**53 - 1}, True),
        ({"text": "x", "number": 2**53}, False),
        ({"text": "x", "number": True}, False),
        ({"text": "x", "number": "5"}, False),
        ({"text": "x", "number": 5.0}, False),
        ({"text": "x", "self": {}}, False),
    ],
    ids=lambda value: str(value)[:40],
)
def test_when_plain_types_are_declared_then_they_are_strict_and_bounded(arguments, is_taken):
    assert _takes(Probe.say, **arguments) is is_taken


def test_when_a_handler_says_its_own_bounds_then_they_hold():
    assert _takes(Probe.say_much, text="x" * 5_000)
    assert not _takes(Probe.say_much, text="x" * 5_001)
    assert not _takes(Probe.say_much, text="a\x00b")


def test_when_a_choice_is_declared_then_nothing_else_is_taken():
    assert _takes(Probe.choose, kind="a")
    assert _takes(Probe.choose, kind=None)
    assert not _takes(Probe.choose, kind="c")


def test_when_forms_and_lists_are_sent_then_each_part_is_bounded():
    assert _takes(Probe.send, form={"name": "x", "is_on": True}, ids=["a"])
    assert not _takes(Probe.send, form={"name": 5}, ids=[])
    assert not _takes(Probe.send, form={"name": "x" * 2_001}, ids=[])
    assert not _takes(Probe.send, form={"n" * 101: "x"}, ids=[])
    assert not _takes(Probe.send, form={str(number): "x" for number in range(101)}, ids=[])
    assert not _takes(Probe.send, form={}, ids=["x"] * 101)


@pytest.mark.parametrize("name", ["any_thing", "no_hint", "many", "money", "a_row"])
def test_when_a_signature_says_too_little_then_the_handler_cannot_be_called(name):
    with pytest.raises(TypeError):
        payload_model(getattr(Probe, name))


@given(st.dictionaries(st.sampled_from(["text", "number", "self", "x"]), JSON))
def test_when_anything_is_sent_then_what_passes_has_the_declared_types(arguments):
    try:
        taken = payload_model(Probe.say).model_validate_json(json.dumps(arguments))
    except ValidationError:
        return

    assert type(taken.text) is str
    assert type(taken.number) is int
    assert set(arguments) <= {"text", "number"}


def _session(kind: str, role: str = "", minutes: float = 0) -> LiveSession:
    moment = datetime.now(UTC)
    proved = moment - timedelta(minutes=minutes)
    return LiveSession("ses", kind, "", "", "", role, "en", "UTC", moment, proved, 60)


@pytest.mark.parametrize(
    ("session", "verdicts"),
    [
        (None, ["allowed", "no_session", "no_session", "no_session", "no_session", "no_session"]),
        (_session("choosing"), ["allowed", "allowed", "still_choosing", "still_choosing", "no_session", "no_session"]),
        (_session("customer"), ["allowed", "allowed", "allowed", "allowed", "no_session", "no_session"]),
        (_session("customer", minutes=16), ["allowed", "allowed", "allowed", "not_fresh", "no_session", "no_session"]),
        (_session("staff", "read_only"), ["allowed", *["no_session"] * 3, "allowed", "not_allowed"]),
        (_session("staff", "support"), ["allowed", *["no_session"] * 3, "allowed", "not_allowed"]),
        (_session("staff", "admin"), ["allowed", *["no_session"] * 3, "allowed", "allowed"]),
        (_session("staff", "owner"), ["allowed", *["no_session"] * 3, "allowed", "allowed"]),
        (_session("staff", "customer"), ["allowed", *["no_session"] * 3, "allowed", "not_allowed"]),
    ],
)
def test_when_policies_are_judged_then_each_lets_in_exactly_its_own(session, verdicts):
    audiences = ["public", "choosing", "customer", "fresh", "staff", "staff_write"]

    assert [judge(audience, session) for audience in audiences] == verdicts


def test_when_a_handler_is_named_load_then_it_is_no_activity():
    def load(self) -> None: ...

    def act(self) -> None: ...

    assert not policy_of(policy("customer")(load)).is_activity
    assert policy_of(policy("customer")(act)).is_activity
    assert not policy_of(policy("customer", is_activity=False)(act)).is_activity
    assert policy_of(lambda self: None) is None
