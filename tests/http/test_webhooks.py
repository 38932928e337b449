"""The webhook door: only Stripe, only now, only this mode, each event once, and stored before it is answered."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import stripe
import time_machine
from sqlalchemy import event, func, select
from starlette.applications import Starlette

from portal_app.environment import environment
from portal_app.http import webhooks
from portal_app.models import base
from portal_app.models.journal import WebhookEvent

SECRET, NEXT_SECRET = "whsec_of_today", "whsec_of_tomorrow"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
_events = WebhookEvent.__table__


@pytest.fixture
def door(database, monkeypatch):
    """The route as the portal serves it, with one secret configured."""
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_door")
    environment.cache_clear()
    return httpx.ASGITransport(Starlette(routes=webhooks.routes()), raise_app_exceptions=False)


def an_event(event_id="evt_1", **given) -> dict:
    made = {
        "id": event_id,
        "object": "event",
        "type": "customer.updated",
        "created": int(NOON.timestamp()),
        "livemode": False,
        "api_version": "2026-10-28.endive",
        "data": {"object": {"id": "cus_ada", "object": "customer", "name": "Ada"}},
    }
    return {**made, **given}


def signed(body: bytes, secret=SECRET, at=None) -> str:
    return stripe.WebhookSignature.generate_signature_header(body.decode(errors="replace"), secret, timestamp=at)


async def ring(door, body: bytes, header: str | None, **headers) -> httpx.Response:
    given = {
        "content-type": "application/json",
        **({"stripe-signature": header} if header is not None else {}),
        **headers,
    }
    async with httpx.AsyncClient(transport=door, base_url="http://portal") as client:
        return await client.post("/webhooks/stripe", content=body, headers=given)


def stored() -> list[str]:
    with base.reading() as connection:
        return [row.id for row in connection.execute(select(_events.c.id).order_by(_events.c.id))]


def seconds(**shift) -> int:
    return int((NOON + timedelta(**shift)).timestamp())


GOOD = json.dumps(an_event()).encode()
SPACED = json.dumps(an_event(), indent=1).encode()
BAD_TEXT = b'{"id": "evt_1", "name": "\xff\xfe"}'
DEEP = b'{"id":"evt_1","data":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def _with(**given) -> bytes:
    return json.dumps(an_event(**given)).encode()


def _without(name: str) -> bytes:
    return json.dumps({key: value for key, value in an_event().items() if key != name}).encode()


REFUSED = {
    "no signature": (GOOD, None, 400, "not_signed"),
    "an empty signature": (GOOD, "", 400, "not_signed"),
    "a signature of nothing": (GOOD, "t=,v1=", 400, "wrong_signature"),
    "only an older scheme": (GOOD, signed(GOOD, at=seconds()).replace("v1=", "v0="), 400, "not_signed"),
    "another secret": (GOOD, signed(GOOD, "whsec_of_somebody", seconds()), 400, "wrong_signature"),
    "a secret that is not yet ours": (GOOD, signed(GOOD, NEXT_SECRET, seconds()), 400, "wrong_signature"),
    "an empty secret": (GOOD, signed(GOOD, "", seconds()), 400, "wrong_signature"),
    "301 seconds ago": (GOOD, signed(GOOD, at=seconds(seconds=-301)), 400, "too_old"),
    "yesterday": (GOOD, signed(GOOD, at=seconds(days=-1)), 400, "too_old"),
    "301 seconds ahead": (GOOD, signed(GOOD, at=seconds(seconds=301)), 400, "from_the_future"),
    "tomorrow": (GOOD, signed(GOOD, at=seconds(days=1)), 400, "from_the_future"),
    "a later moment put in afterwards": (
        GOOD,
        signed(GOOD, at=seconds(days=-1)).replace(str(seconds(days=-1)), str(seconds())),
        400,
        "wrong_signature",
    ),
    "two moments": (GOOD, f"t={seconds(days=-9)}," + signed(GOOD, at=seconds()), 400, "wrong_signature"),
    "one byte changed": (GOOD.replace(b"Ada", b"Adb"), signed(GOOD, at=seconds()), 400, "wrong_signature"),
    "one byte more": (GOOD + b" ", signed(GOOD, at=seconds()), 400, "wrong_signature"),
    "the same JSON written anew": (SPACED, signed(GOOD, at=seconds()), 400, "wrong_signature"),
    "bytes that are no text": (BAD_TEXT, signed(BAD_TEXT, at=seconds()), 400, "not_text"),
    "no JSON": (b"id=evt_1", signed(b"id=evt_1", at=seconds()), 400, "not_json"),
    "nothing at all": (b"", signed(b"", at=seconds()), 400, "not_json"),
    "not a number": (b'{"id": NaN}', signed(b'{"id": NaN}', at=seconds()), 400, "not_json"),
    "JSON without a bottom": (DEEP, signed(DEEP, at=seconds()), 400, "not_json"),
    "a list": (b"[]", signed(b"[]", at=seconds()), 400, "not_an_event"),
    "no event": (_with(object="customer"), signed(_with(object="customer"), at=seconds()), 400, "not_an_event"),
    "a strange id": (_with(event_id="cus_1"), signed(_with(event_id="cus_1"), at=seconds()), 400, "not_an_event"),
    "an id that is no text": (_with(event_id=7), signed(_with(event_id=7), at=seconds()), 400, "not_an_event"),
    "no data": (_without("data"), signed(_without("data"), at=seconds()), 400, "not_an_event"),
    "no mode": (_without("livemode"), signed(_without("livemode"), at=seconds()), 400, "not_an_event"),
    "a moment beyond the calendar": (
        _with(created=10**18),
        signed(_with(created=10**18), at=seconds()),
        400,
        "not_an_event",
    ),
    "a real payment at a test portal": (
        _with(livemode=True),
        signed(_with(livemode=True), at=seconds()),
        400,
        "other_mode",
    ),
    "two megabytes": (b" " * 2_000_000, signed(b" " * 2_000_000, at=seconds()), 413, "too_large"),
}


@pytest.mark.parametrize(("body", "header", "status", "doubt"), REFUSED.values(), ids=REFUSED)
async def test_when_it_is_not_stripe_now_then_it_is_refused_and_nothing_is_kept(door, body, header, status, doubt):
    with time_machine.travel(NOON, tick=False):
        answer = await ring(door, body, header)

    assert (answer.status_code, answer.json()) == (status, {"error": doubt})
    assert stored() == []


async def test_when_it_is_no_json_by_its_own_word_then_it_is_refused(door):
    answer = await ring(door, GOOD, signed(GOOD), **{"content-type": "text/plain"})

    assert (answer.status_code, answer.json()) == (400, {"error": "not_json"})


async def test_when_another_method_is_used_then_it_is_refused(door):
    async with httpx.AsyncClient(transport=door, base_url="http://portal") as client:
        answer = await client.get("/webhooks/stripe")

    assert answer.status_code == 405


async def test_given_no_secret_is_configured_when_stripe_comes_then_there_is_no_such_door(door, monkeypatch):
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", " , ")
    environment.cache_clear()

    answer = await ring(door, GOOD, signed(GOOD))

    assert answer.status_code == 404
    assert stored() == []


async def test_given_a_live_key_when_a_live_event_comes_then_it_is_taken_and_a_test_event_is_not(door, monkeypatch):
    monkeypatch.setenv("STRIPE_SECRET_KEY", "rk_live_door")
    environment.cache_clear()
    live = _with(livemode=True)

    taken, refused = await ring(door, live, signed(live)), await ring(door, GOOD, signed(GOOD))

    assert (taken.status_code, refused.status_code) == (200, 400)


@pytest.mark.parametrize("shift", [-299, 0, 299])
async def test_when_the_clocks_are_a_little_apart_then_it_is_taken(door, shift):
    with time_machine.travel(NOON, tick=False):
        answer = await ring(door, GOOD, signed(GOOD, at=seconds(seconds=shift)))

    assert answer.status_code == 200
    assert stored() == ["evt_1"]


async def test_given_a_secret_is_being_rotated_when_either_signs_then_it_is_taken(door, monkeypatch):
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", f"{SECRET}, {NEXT_SECRET}")
    environment.cache_clear()
    first, second = _with(event_id="evt_1"), _with(event_id="evt_2")

    answers = [await ring(door, first, signed(first)), await ring(door, second, signed(second, NEXT_SECRET))]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert stored() == ["evt_1", "evt_2"]


async def test_when_one_event_comes_fifty_times_at_once_then_all_are_answered_and_one_is_kept(door):
    header = signed(GOOD)

    answers = await asyncio.gather(*(ring(door, GOOD, header) for _ in range(50)))

    assert {answer.status_code for answer in answers} == {200}
    assert stored() == ["evt_1"]


async def test_when_many_events_come_at_once_then_a_few_commits_keep_them_all(door):
    commits = []
    event.listen(base.engine(), "commit", commits.append)
    bodies = [_with(event_id=f"evt_{number:03}") for number in range(200)]

    answers = await asyncio.gather(*(ring(door, body, signed(body)) for body in bodies))

    assert {answer.status_code for answer in answers} == {200}
    assert stored() == [f"evt_{number:03}" for number in range(200)]
    assert len(commits) <= 20


async def test_when_it_is_answered_then_body_kind_and_customer_are_kept_as_they_came(door):
    await ring(door, SPACED, signed(SPACED))

    with base.reading() as connection:
        row = connection.execute(select(_events)).one()
    assert (row.body, row.type, row.object_id, row.customer_id) == (SPACED, "customer.updated", "cus_ada", "cus_ada")
    assert (row.state, row.created_at) == ("received", NOON)


async def test_given_the_database_cannot_write_when_stripe_comes_then_it_is_told_to_come_again(door):
    with base.writing() as connection:
        connection.exec_driver_sql("drop table webhook_event")

    answer = await ring(door, GOOD, signed(GOOD))

    assert answer.status_code == 500


async def test_given_postgresql_when_events_come_then_each_is_kept_once(each_database, monkeypatch):
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_door")
    environment.cache_clear()
    door = httpx.ASGITransport(Starlette(routes=webhooks.routes()))
    bodies = [_with(event_id=f"evt_{number % 20}") for number in range(60)]

    await asyncio.gather(*(ring(door, body, signed(body)) for body in bodies))

    with base.reading() as connection:
        assert connection.execute(select(func.count()).select_from(_events)).scalar() == 20


async def test_when_a_body_comes_without_its_length_then_it_is_cut_off_at_a_megabyte(door):
    sent = []

    async def endless():
        while len(sent) < 5_000:
            sent.append(time.monotonic())
            yield b" " * 10_000

    async with httpx.AsyncClient(transport=door, base_url="http://portal") as client:
        headers = {"content-type": "application/json", "stripe-signature": "t=1,v1=1"}
        answer = await client.post("/webhooks/stripe", content=endless(), headers=headers)

    assert answer.status_code == 413
