"""An open page follows what changes: told by the bus or found by the poll, in every tab that may see it, once."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, update

from portal_app.models import base
from portal_app.models.mirror import Customer
from portal_app.models.portal import PortalConfiguration
from tests.cast import ADA, BEA
from tests.security.client import CONFIGURATION, Tab
from tests.security.conftest import PROBE

_customer = Customer.__table__


def _change(person, balance: int) -> None:
    with base.writing() as connection:
        connection.execute(
            update(_customer)
            .where(_customer.c.id == person.customer_id)
            .values(balance=balance, revision=_customer.c.revision + 1)
        )


async def _tab(served, person, **options) -> Tab:
    return await (await Tab(served, person.sign_in()[0], path="/probe", **options).open()).loaded()


async def test_when_adas_balance_changes_then_each_of_her_tabs_shows_it_and_beas_hears_nothing(served):
    hers, beas = [await _tab(served, ADA) for _ in range(3)], await _tab(served, BEA)
    began, frames = [tab.vars["loads"] for tab in hers], len(beas.frames)

    _change(ADA, 4_711)

    for tab in hers:
        assert await tab.until(lambda shown: shown.vars["balance"] == 4_711)
    await asyncio.sleep(1.5)
    assert [tab.vars["loads"] for tab in hers] == [loads + 1 for loads in began]
    assert len(beas.frames) == frames
    await asyncio.gather(*(tab.close() for tab in [*hers, beas]))


async def test_when_somebody_types_while_the_page_is_told_then_what_she_typed_stays(served):
    tab = await _tab(served, ADA)
    await tab.send(f"{PROBE}.type", text="half a sentence")
    await tab.settle()

    _change(ADA, 12)

    assert await tab.until(lambda shown: shown.vars["balance"] == 12)
    assert tab.vars["typed"] == "half a sentence"
    await tab.close()


async def test_when_many_changes_come_at_once_then_the_newest_is_shown(served):
    tab = await _tab(served, ADA)

    for balance in range(100, 150):
        _change(ADA, balance)

    assert await tab.until(lambda shown: shown.vars["balance"] == 149)
    assert tab.vars["loads"] < 20
    await tab.close()


async def test_when_a_tab_has_left_the_page_then_it_is_not_told_what_that_page_showed(served):
    tab = await _tab(served, ADA)
    await tab.navigate("/404")
    await tab.settle()
    loads = tab.vars["loads"]

    _change(ADA, 99)
    await asyncio.sleep(2.5)

    assert tab.vars["loads"] == loads
    await tab.close()


async def test_when_the_connection_was_lost_during_a_change_then_the_page_has_it_after(served):
    tab = await _tab(served, ADA)
    cookie, token = tab.cookie, tab.token
    await tab.close()

    _change(ADA, 31)
    again = await (await Tab(served, cookie, token=token, path="/probe").open()).loaded()
    shown = again.vars["balance"]
    _change(ADA, 32)

    assert shown == 31
    assert await again.until(lambda shown: shown.vars["balance"] == 32)
    await again.close()


async def test_when_a_configuration_is_published_then_every_open_page_has_it(served):
    hers, stranger = await _tab(served, ADA), await (await Tab(served, path="/404").open()).loaded()
    version = hers.states[CONFIGURATION]["version"] + 1

    with base.writing() as connection:
        connection.execute(
            insert(PortalConfiguration.__table__).values(
                version=version,
                data={"schema": 1, "values": {"business_name": "Analog Tools"}},
                published_at=datetime.now(UTC),
                published_by="staff_mia",
            )
        )

    for tab in (hers, stranger):
        assert await tab.until(lambda shown: shown.states[CONFIGURATION]["version"] == version)
        await tab.close()


@pytest.mark.parametrize("kind", ["orderly", "abrupt", "silent"])
async def test_when_tabs_come_and_go_then_the_portal_goes_on(served, kind):
    for _ in range(10):
        tab = await Tab(served, ADA.sign_in()[0], path="/probe").open(boots=kind != "silent")
        if kind == "abrupt":
            tab.io.eio.ws._response.connection.transport.abort()
        await tab.close()

    tab = await _tab(served, ADA)
    _change(ADA, 55)
    assert await tab.until(lambda shown: shown.vars["balance"] == 55)
    await tab.close()
