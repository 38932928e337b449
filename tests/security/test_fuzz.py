"""Anything at all, sent to every handler by everybody: nothing breaks, nothing leaks, nothing changes for Ada."""

import asyncio
import os
import random
import re
import string
from typing import Any

import pytest
from reflex_base.registry import RegistrationContext

import portal_app.portal_app  # noqa: F401 - registers every page's states
from tests.security.access_world import Identity, World, a_world
from tests.security.client import Tab

# The figure of a deep run is far above that of an ordinary one, which draws a sample of it.
EVENTS = 10_000 if os.environ.get("PORTAL_DEEP") == "1" else 400
_AT_ONCE, _SEED = 40, 20261121
_CALLERS: tuple[Identity, ...] = ("nobody", "bea", "expired session", "unused link", "viewer")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with a_world(tmp_path_factory.mktemp("fuzz")) as made:
        yield made


def _anything(dice: random.Random, ids: list[str], depth: int = 0) -> Any:
    """A value that JSON can say, more often than not one that means something to us."""
    kinds = [
        lambda: dice.choice(ids),
        lambda: "".join(dice.choices(string.printable + "äß€😀\u202e\x00", k=dice.randrange(40))),
        lambda: "x" * dice.choice([2_000, 2_001, 30_000]),
        lambda: dice.choice([0, -1, 2**31, 2**53, 10**400, 1.5, True, None, "", "en", "UTC", "../..", "' or 1=1 --"]),
    ]
    if depth < 3:
        kinds.append(lambda: [_anything(dice, ids, depth + 1) for _ in range(dice.randrange(4))])
        kinds.append(lambda: {dice.choice(ids): _anything(dice, ids, depth + 1) for _ in range(dice.randrange(4))})
    return dice.choice(kinds)()


def _event(dice: random.Random, names: list[str], words: list[str], ids: list[str]) -> dict[str, Any]:
    payload = {dice.choice(words): _anything(dice, ids) for _ in range(dice.randrange(4))}
    path = dice.choice(
        ["/", "/admin", "/invoices", f"/invoices/{dice.choice(ids)}", f"/subscriptions/{dice.choice(ids)}"]
    )
    route = {"pathname": path, "asPath": path, "query": {}}
    return {"name": dice.choice(names), "payload": payload, "router_data": route}


async def test_when_anything_is_sent_to_every_handler_then_nothing_breaks_and_nothing_leaks(world: World):
    dice = random.Random(_SEED)
    handlers = RegistrationContext.get().event_handlers
    names, ids = sorted(handlers), sorted(world.adas_ids)
    words = sorted({word for known in handlers.values() for word in known.handler.fn.__code__.co_varnames[:4]})
    victim = await (await Tab(world.served, world.cookie("ada"), path="/").open()).loaded()
    logged = len(world.served.text_of_log())

    sent = 0
    while sent < EVENTS:
        tab = Tab(world.served, world.cookie(dice.choice(_CALLERS)))
        await tab.open(boots=False)
        for _ in range(_AT_ONCE):
            await tab.send_raw(_event(dice, names, words, ids))
            sent += 1
        await tab.settle()
        # An id that the caller made up may come back to him; Ada's name and address nobody can guess.
        assert world.ada.name not in tab.said()
        assert world.ada.email not in tab.said()
        await tab.close()
    await asyncio.sleep(1)

    # Reports of broken pages are anybody's to send, and logged so many a minute.
    errors = re.findall(r"^.*(?:Traceback|\[error(?!.*in the browser)).*$", world.served.text_of_log()[logged:], re.M)
    assert errors == []
    assert not victim.closed.is_set()
    await victim.send("reflex___state____state.portal_app___state___session____customer_session.dismiss")
    assert await victim.until(lambda tab: tab.vars["notice_number"] > 0)
    await victim.close()
