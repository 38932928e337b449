"""How many sockets may be open, and what becomes of one that says too much, too often or nothing."""

import asyncio
from contextlib import ExitStack

import pytest

from portal_app.http import socket_gate
from portal_app.http.socket_gate import SocketGate, bounded


def test_when_the_house_is_full_then_nobody_else_comes_in_until_somebody_leaves():
    gate, inside = SocketGate(), ExitStack()
    for number in range(socket_gate.IN_TOTAL):
        inside.enter_context(gate.open(f"10.{number // 250}.{number % 250}.1", ""))

    full = gate.refusal("192.0.2.1", "")
    inside.close()
    free = gate.refusal("192.0.2.1", "")

    assert (full, free) == ("total", "")


def test_when_one_network_or_session_has_its_share_then_others_still_come_in():
    gate = SocketGate()
    with ExitStack() as inside:
        for number in range(socket_gate.PER_NETWORK):
            inside.enter_context(gate.open("192.0.2.1", f"ses_{number % 3}"))

        assert gate.refusal("192.0.2.1", "ses_9") == "network"
        assert gate.refusal("192.0.2.2", "ses_9") == ""

    with ExitStack() as inside:
        for _ in range(socket_gate.PER_SESSION):
            inside.enter_context(gate.open("192.0.2.3", "ses_1"))

        assert gate.refusal("192.0.2.4", "ses_1") == "session"
        assert gate.refusal("192.0.2.4", "") == ""


def test_when_one_network_shakes_hands_without_end_then_it_has_to_wait():
    gate = SocketGate()

    answers = [gate.refusal("192.0.2.1", "") for _ in range(1_000)]

    assert answers[0] == ""
    assert answers[-1] == "rate"
    assert gate.refusal("192.0.2.2", "") == ""


def _messages(*given):
    waiting = list(given)

    async def receive():
        if waiting:
            return waiting.pop(0)
        await asyncio.Event().wait()

    return receive


@pytest.mark.parametrize("kind", ["text", "bytes"])
async def test_when_a_message_is_too_large_then_the_socket_ends(kind):
    largest = {"text": "x" * 65_536, "bytes": b"x" * 65_536}[kind]
    receive = bounded(
        _messages(
            {"type": "websocket.receive", kind: largest}, {"type": "websocket.receive", kind: largest + largest[:1]}
        )
    )

    assert (await receive())[kind] == largest
    assert (await receive())["type"] == "websocket.disconnect"


async def test_when_a_socket_floods_then_what_is_too_much_is_dropped_and_then_it_ends():
    receive = bounded(_messages(*({"type": "websocket.receive", "text": str(number)} for number in range(1_000))))

    passed = 0
    while (await receive())["type"] == "websocket.receive":
        passed += 1

    assert socket_gate.EVENT_BURST <= passed <= socket_gate.EVENT_BURST + 5


async def test_when_a_socket_never_speaks_then_it_ends(monkeypatch):
    monkeypatch.setattr(socket_gate, "_FIRST_WORD_SECONDS", 0.01)
    receive = bounded(_messages({"type": "websocket.connect"}))

    assert (await receive())["type"] == "websocket.connect"
    assert (await receive())["type"] == "websocket.disconnect"
