"""Every registered handler, called by everybody over a real socket: who is refused changes and sees nothing."""

import asyncio
import inspect
import re
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from reflex_base.registry import RegistrationContext

import portal_app.portal_app  # noqa: F401 - registers every page's states
from portal_app.security.policy import payload_model, policy_of
from portal_app.state.guard import FRAMEWORK_HANDLERS
from tests.security.access_table import TABLE, Row, name_of
from tests.security.access_world import IDENTITIES, Identity, Ledger, World, a_world
from tests.security.client import Tab

_LET_IN: dict[str, frozenset[Identity]] = {
    "public": frozenset(IDENTITIES),
    "choosing": frozenset({"ada", "bea"}),
    "customer": frozenset({"ada", "bea"}),
    "fresh": frozenset({"ada", "bea"}),
    "staff": frozenset({"viewer", "owner"}),
    "staff_write": frozenset({"owner"}),
}
_TEAM = frozenset({"viewer", "owner"})
_QUIET_SECONDS, _PATIENCE_SECONDS = 0.15, 10.0
# Every cell has to have been tried by the end; the last test of this file looks.
_exercised: set[tuple[str, str]] = set()


def _registered() -> dict[str, Callable[..., Any]]:
    """Every handler of ours that a client can name."""
    handlers = RegistrationContext.get().event_handlers
    return {
        name: known.handler.fn
        for name, known in handlers.items()
        if known.states[0].__module__.startswith("portal_app.") and name.rpartition(".")[2] != "setvar"
    }


def test_when_the_registry_is_read_then_every_handler_has_a_policy_and_a_row():
    registered = _registered()

    assert {name for name, handler in registered.items() if policy_of(handler) is None} == set()
    assert {row.name for row in TABLE} == set(registered)
    assert len({row.name for row in TABLE}) == len(TABLE)


def test_when_the_registry_is_read_then_policies_and_rows_agree():
    registered = _registered()

    assert {row.name: row.audience for row in TABLE} == {
        name: policy_of(handler).audience for name, handler in registered.items()
    }


def test_when_the_registry_is_read_then_every_argument_can_be_checked():
    for handler in _registered().values():
        payload_model(handler)


def test_when_the_registry_is_read_then_of_the_framework_only_what_pages_need_is_open():
    handlers = RegistrationContext.get().event_handlers
    theirs = {
        name for name, known in handlers.items() if not known.states[0].__module__.startswith(("portal_app.", "tests."))
    }

    open_ = {name.rpartition(".")[2] for name in theirs & FRAMEWORK_HANDLERS}

    assert theirs >= FRAMEWORK_HANDLERS
    assert open_ == {"hydrate_and_load", "on_load_internal", "set_is_hydrated", "handle_frontend_exception"}
    assert not [name for name in handlers if name.endswith("setvar") and name in FRAMEWORK_HANDLERS]


def test_when_the_states_are_read_then_none_keeps_anything_in_the_browser():
    states = RegistrationContext.get().base_states.values()

    kept = [(state, name) for state in states for name in state.base_vars if state._is_client_storage(name)]

    assert kept == []


def test_when_the_loaders_are_read_then_they_only_read():
    """A loader runs in every open tab whenever something changes: it takes no argument and is no activity."""
    for name, handler in _registered().items():
        if name.endswith(".load"):
            assert inspect.iscoroutinefunction(handler), name
            assert list(inspect.signature(handler).parameters) == ["self"], name
            assert not policy_of(handler).is_activity, name


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with a_world(tmp_path_factory.mktemp("access")) as made:
        yield made


@pytest.fixture(scope="module")
def ledger(world):
    opened = Ledger(world.database)
    yield opened
    opened.close()


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name.split("____")[-1])
async def test_when_everybody_calls_a_handler_then_only_who_may_changes_or_sees_anything(row, world, ledger):
    # Whoever changes something comes last and alone: an act may use up what the others tried it on.
    changers = [identity for identity in IDENTITIES if row.effect and identity in _rightful(row)]
    others = [identity for identity in IDENTITIES if identity not in changers]
    for group in [others, *([changer] for changer in changers)]:
        logged = len(world.served.text_of_log())
        expected = row.effect if group != others else frozenset()
        tabs, changed = await _call(row, group, world, ledger, expected)

        assert changed == expected, f"{row.name} as {group}: {[tab.said()[-2_000:] for tab in tabs]}"
        assert not re.search(r"Traceback|\[error", world.served.text_of_log()[logged:])
        for identity, tab in zip(group, tabs, strict=True):
            where = f"{row.name} as {identity}: {tab.said()[-2_000:]}"
            assert _may_see_ada(row, identity) or not _seen(world, row, tab), where
            assert identity in _LET_IN[row.audience] or _is_refused(row, tab), where
            _exercised.add((row.name, identity))


def _rightful(row: Row) -> frozenset[Identity]:
    """Who may not only call it, but is entitled to what it is called with."""
    let_in = _LET_IN[row.audience]
    return let_in - {"bea"} if row.names_adas_things else let_in


async def _call(
    row: Row, group: Sequence[Identity], world: World, ledger: Ledger, expected: frozenset[str]
) -> tuple[list[Tab], set[str]]:
    """Let everybody of a group call at once; tells what they were sent and which tables changed."""
    arguments, path = row.arguments_in(world), row.path_in(world)
    tabs = [Tab(world.served, world.cookie(identity), path=path) for identity in group]
    loads = [row.is_on_page and identity in _LET_IN[row.audience] for identity in group]
    await asyncio.gather(*(tab.open(boots=boots) for tab, boots in zip(tabs, loads, strict=True)))
    for tab in [tab for tab, boots in zip(tabs, loads, strict=True) if boots]:
        await tab.loaded()
        for handler, given in row.first:
            await tab.send(name_of(handler), **given)
        await tab.settle()
    ledger.changes()
    await asyncio.gather(*(tab.send(row.name, **arguments) for tab in tabs))
    await asyncio.gather(*(tab.settle() for tab in tabs))
    changed = ledger.changes()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        frames = sum(len(tab.frames) for tab in tabs)
        await asyncio.sleep(_QUIET_SECONDS)
        changed |= ledger.changes()
        if sum(len(tab.frames) for tab in tabs) == frames and changed >= expected:
            break
    await asyncio.gather(*(tab.close() for tab in tabs))
    return tabs, changed


def _may_see_ada(row: Row, identity: Identity) -> bool:
    return identity == "ada" or (identity in _TEAM and row.audience in ("staff", "staff_write"))


def _seen(world: World, row: Row, tab: Tab) -> set[str]:
    """What of Ada's was shown, besides what the caller had named himself."""
    said, named = tab.said(), f"{row.arguments_in(world)} {row.path_in(world)}"
    return {canary for canary in world.canaries() if canary in said and canary not in named}


def _is_refused(row: Row, tab: Tab) -> bool:
    """The frame has said so: led to a door, or told that it is not offered."""
    if tab.vars.get("session_state") in ("needed", "choosing"):
        return True
    return row.audience == "staff_write" and '"notice_code_rx_state_": "not_allowed"' in tab.said()


def test_when_the_table_has_been_tried_then_no_cell_was_left_out():
    assert _exercised == {(row.name, identity) for row in TABLE for identity in IDENTITIES}
