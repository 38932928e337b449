"""A socket of a stranger, a thief or a vandal: what he sees, what he breaks, what stands in the log afterwards."""

import asyncio
import json

import pytest

from portal_app.http import socket_gate
from tests.cast import ADA, BEA, CANARY
from tests.security.client import HYDRATE, NAVIGATE, ROOT, SESSION, Tab, an_address
from tests.security.conftest import PROBE


@pytest.fixture(scope="module")
def ada(served):
    return ADA.sign_in()[0]


@pytest.fixture(scope="module")
def bea(served):
    return BEA.sign_in()[0]


async def _ada_at_work(served, cookie) -> Tab:
    tab = await (await Tab(served, cookie, path="/probe").open()).loaded()
    await tab.send(f"{PROBE}.type", text=f"{CANARY} typed")
    assert await tab.until(lambda shown: CANARY in shown.vars.get("typed", ""))
    return tab


async def test_when_ada_opens_a_page_then_she_sees_hers_and_no_secret(served, ada):
    tab = await _ada_at_work(served, ada)

    assert tab.vars["name"] == ADA.name
    assert tab.vars["is_signed_in"]
    assert ada not in tab.said()
    assert "ses_" not in tab.said()
    assert "x-auth-request" not in tab.said()
    await tab.close()


@pytest.mark.parametrize("is_ada_here", [True, False])
async def test_given_adas_client_token_when_a_thief_opens_it_then_he_sees_nothing(served, ada, bea, is_ada_here):
    tab = await _ada_at_work(served, ada)
    if not is_ada_here:
        await tab.close()
        await asyncio.sleep(0.2)

    for cookie in ("", bea, "x" * 43):
        thief = await Tab(served, cookie, token=tab.token, path="/probe").open()
        await thief.send(f"{ROOT}.hydrate")
        await thief.settle()
        assert CANARY not in thief.said()
        await thief.close()
    if is_ada_here:
        await tab.close()


async def test_when_ada_comes_back_with_her_token_then_her_state_is_there(served, ada):
    tab = await _ada_at_work(served, ada)
    await tab.close()
    await asyncio.sleep(0.2)

    again = await (await Tab(served, ada, token=tab.token, path="/probe").open()).loaded()

    assert again.vars["typed"] == f"{CANARY} typed"
    await again.close()


async def test_when_a_client_sends_our_own_header_then_it_is_worth_nothing(served):
    passport = "session_id=ses_1&kind=customer&customer_id=cus_ada"
    forged = {"x-auth-request-access-token": passport, "X-Auth-Request-Access-Token": passport}

    tab = await Tab(served, path="/probe").open(headers=forged)
    await tab.send(f"{PROBE}.load")
    await tab.settle()

    assert tab.vars["session_state"] == "needed"
    assert CANARY not in tab.said()
    await tab.close()


@pytest.mark.parametrize(
    ("handler", "arguments"),
    [
        (f"{PROBE}.forgotten", {}),
        (f"{PROBE}.helper", {}),
        (f"{PROBE}.set_balance", {"value": "x"}),
        (f"{PROBE}.setvar", {"var_name": "balance", "value": "PWNED"}),
        (f"{PROBE}._hidden", {}),
        (f"{SESSION}.setvar", {"var_name": "notice", "value": "PWNED"}),
        (f"{SESSION}._say", {"text": "PWNED"}),
        (f"{ROOT}.setvar", {"var_name": "is_hydrated", "value": "PWNED"}),
        (f"{ROOT}.set_is_hydrated", {"value": "PWNED"}),
        (
            f"{ROOT}.reflex___state____update_vars_internal_state.update_vars_internal",
            {"vars": {f"{PROBE}.typed": "PWNED", f"{SESSION}.notice": "PWNED"}},
        ),
        (HYDRATE, {"vars": {f"{PROBE}.typed": "PWNED", f"{SESSION}.notice": "PWNED"}}),
    ],
)
async def test_when_what_is_no_handler_of_ours_is_called_then_nothing_happens(served, ada, handler, arguments):
    tab = await (await Tab(served, ada, path="/probe").open()).loaded()

    await tab.send(handler, **arguments)
    await tab.settle()
    await tab.send(HYDRATE)
    await tab.settle()

    assert "PWNED" not in tab.said()
    await tab.close()


_WRONG = [
    {"text": 5},
    {"text": {"a": 1}},
    {"text": None},
    {"text": ["x"]},
    {"text": ""},
    {"text": "x" * 41},
    {"text": "a\x00b"},
    {},
    {"text": "PWNED", "number": "5"},
    {"text": "PWNED", "number": 5.5},
    {"text": "PWNED", "number": True},
    {"text": "PWNED", "number": 10**400},
    {"text": "PWNED", "extra": 1},
    {"text": "PWNED", "self": 1},
]


@pytest.mark.parametrize("arguments", _WRONG, ids=str)
async def test_when_arguments_are_wrong_then_they_are_refused_calmly(served, ada, log_since, arguments):
    tab = await (await Tab(served, ada, path="/probe").open()).loaded()

    await tab.send(f"{PROBE}.type", **arguments)
    assert await tab.until(lambda shown: shown.vars.get("notice_code") == "invalid_input")

    assert tab.vars["typed"] == ""
    assert tab.vars["notice"] == "Check what you typed."
    assert "PWNED" not in log_since()
    await tab.close()


_MALFORMED = [
    "text",
    7,
    ["x"],
    None,
    {"name": ["x"]},
    {"name": f"{PROBE}.type", "payload": "zz"},
    {"name": f"{PROBE}.type", "payload": None},
    {"name": f"{PROBE}.load", "router_data": [1]},
    {"name": f"{PROBE}.load", "payload": {}, "router_data": {"pathname": {"a": 1}}},
    {"name": f"{PROBE}.load", "payload": {}, "router_data": {"pathname": "/", "query": "x"}},
    {"name": f"{PROBE}.load", "payload": {}, "router_data": {"pathname": "/" * 3_000}},
    {"name": f"{PROBE}.load", "token": "x", "payload": {}},
    {"name": "no.such.handler", "payload": {}},
    {"name": NAVIGATE, "payload": {"args": 1}},
    '{"name": "x", "payload": {"n": NaN}}',
]


async def test_when_events_are_malformed_then_the_socket_works_on_and_nothing_is_logged(served, ada, log_since):
    tab = await (await Tab(served, ada, path="/probe").open()).loaded()

    for data in _MALFORMED:
        await tab.send_raw(data)
        await asyncio.sleep(0.06)
    await tab.send(f"{PROBE}.type", text="still here")

    assert await tab.until(lambda shown: shown.vars.get("typed") == "still here")
    assert "Traceback" not in log_since()
    await tab.close()


async def test_when_a_client_reports_errors_without_end_then_the_log_stays_short(served, log_since):
    tab = await Tab(served).open()

    report = {"info": "x" * 10_000 + " 4242424242424242", "component_stack": "y" * 10_000}
    for _ in range(55):
        await tab.send(f"{ROOT}.reflex___state____frontend_event_exception_state.handle_frontend_exception", **report)
        await tab.io.emit("client_error", {"error_type": "x", "message": "4242424242424242"}, namespace="/_event")
        await asyncio.sleep(0.05)
    await tab.close()

    assert len(log_since()) < 60_000
    assert "4242424242424242" not in log_since()


async def test_when_a_socket_floods_then_it_is_cut_and_others_do_not_notice(served, ada, bea):
    victim = await (await Tab(served, bea, path="/probe").open()).loaded()
    vandal = await (await Tab(served, ada, path="/probe").open()).loaded()

    for number in range(1_000):
        await vandal.send_raw({"name": f"no.such.{number}", "payload": {}})
    await victim.send(f"{PROBE}.type", text="unharmed")

    assert await victim.until(lambda shown: shown.vars.get("typed") == "unharmed", 2)
    assert await vandal.is_closed()
    await victim.close()


async def test_when_a_message_is_too_large_then_the_socket_is_closed(served, ada):
    tab = await Tab(served, ada, path="/probe").open()

    await tab.send(f"{PROBE}.type", text="x" * 200_000)

    assert await tab.is_closed()


async def test_when_a_session_opens_too_many_tabs_then_no_more_open(served, bea):
    tabs = [Tab(served, bea) for _ in range(socket_gate.PER_SESSION + 3)]

    refused = [await tab.is_refused_and_stays_open() for tab in tabs]

    assert refused.count(False) == socket_gate.PER_SESSION
    await asyncio.gather(*(tab.close() for tab, was_refused in zip(tabs, refused, strict=True) if not was_refused))


async def test_when_one_network_opens_too_many_sockets_then_no_more_open(served):
    network = an_address()
    tabs = [
        Tab(served, ip=f"{network}, {network}" if number % 2 else network)
        for number in range(socket_gate.PER_NETWORK + 3)
    ]

    refused = [await tab.is_refused_and_stays_open() for tab in tabs]

    assert refused.count(False) == socket_gate.PER_NETWORK
    await asyncio.gather(*(tab.close() for tab, was_refused in zip(tabs, refused, strict=True) if not was_refused))


async def test_when_a_handler_raises_then_the_visitor_reads_a_reference_and_the_log_has_it(served, ada, log_since):
    tab = await (await Tab(served, ada, path="/probe").open()).loaded()

    await tab.send(f"{PROBE}.fail")
    assert await tab.until(lambda shown: shown.vars.get("notice_code") == "internal_error")

    assert tab.vars["notice_reference"] in tab.vars["notice"]
    assert tab.vars["notice_reference"] in log_since()
    assert "secret detail" in log_since()
    assert "4242" not in log_since() + tab.said()
    assert ADA.email not in log_since()
    assert not [event for event in tab.events if event["name"] in ("_call_function", "_call_script")]
    await tab.close()


async def test_when_a_handler_refuses_then_the_visitor_reads_the_sentence_in_her_language(served, log_since):
    tab = await (await Tab(served, ADA.sign_in(locale="de")[0], path="/probe").open()).loaded()

    await tab.send(f"{PROBE}.refuse")
    assert await tab.until(lambda shown: shown.vars.get("notice_code") == "not_found")

    assert tab.vars["notice_tone"] == "error"
    assert "Traceback" not in log_since()
    await tab.close()


async def test_when_a_background_handler_runs_then_the_visitor_is_hers_to_the_end(served, bea):
    tab = await (await Tab(served, bea, path="/probe").open()).loaded()

    await tab.send(f"{PROBE}.work")

    assert await tab.until(lambda shown: shown.vars.get("notice") == "Saved")
    assert tab.vars["secret_of"] == BEA.customer_id
    await tab.close()


async def test_when_a_handler_chains_others_then_the_guard_stands_before_each(served, bea):
    tab = await (await Tab(served, bea, path="/probe").open()).loaded()

    await tab.send(f"{PROBE}.chain")

    assert await tab.until(lambda shown: shown.vars.get("typed") == "chained")
    await tab.settle()
    assert "PWNED" not in tab.said()
    await tab.close()


def test_when_everything_has_been_tried_then_no_cookie_stands_in_the_log(served, ada, bea):
    log = served.text_of_log()

    assert ada not in log
    assert bea not in log
    assert ADA.email not in log
    assert json.dumps(CANARY) not in log
