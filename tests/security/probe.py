"""The portal with a page more, whose handlers do what no real one should: for trying what the frame refuses."""

from typing import Annotated

import reflex as rx
from pydantic import Field
from sqlalchemy import select

from portal_app.kit.errors import NotFound
from portal_app.kit.i18n import words_in
from portal_app.models.mirror import Customer
from portal_app.portal_app import app
from portal_app.security.policy import policy
from portal_app.security.visitor import visitor
from portal_app.services.desk import ask
from portal_app.state.configuration import ConfigurationState
from portal_app.state.session import CustomerSession, notify

_customer = Customer.__table__


def _balance(desk) -> int:
    return desk.value(select(_customer.c.balance).where(_customer.c.id == visitor().customer_id)) or 0


class ProbeState(rx.State):
    """What a page of a customer holds, and more than it should."""

    balance: int = -1
    typed: str = ""
    loads: int = 0
    secret_of: str = ""
    _hidden: str = ""

    @rx.event
    @policy("customer")
    async def load(self) -> None:
        self.balance = await ask(_balance)
        self.loads += 1

    @rx.event
    @policy("customer")
    async def type(self, text: Annotated[str, Field(min_length=1, max_length=40)], number: int = 0) -> None:
        self.typed = text

    @rx.event
    @policy("customer")
    async def fail(self) -> None:
        raise RuntimeError("secret detail 4242424242424242 ada@example.com")

    @rx.event
    @policy("customer")
    async def refuse(self) -> None:
        raise NotFound

    @rx.event(background=True)
    @policy("customer")
    async def work(self) -> None:
        async with self:
            self.secret_of = visitor().customer_id
            await notify(self, words_in("en")("Saved"))

    @rx.event
    @policy("customer")
    async def chain(self):
        return [ProbeState.type("chained"), ProbeState.forgotten]

    @rx.event
    @policy("fresh")
    async def spend(self) -> None:
        self.typed = "spent"

    @rx.event
    @policy("staff")
    async def look(self) -> None:
        self.typed = f"looked as {visitor().role}"

    @rx.event
    @policy("staff_write")
    async def change(self) -> None:
        self.typed = f"changed as {visitor().role}"

    @rx.event
    async def forgotten(self) -> None:
        self.typed = "PWNED"

    def set_balance(self, value: str) -> None:
        self.typed = "PWNED"

    def helper(self) -> None:
        self.typed = "PWNED"


def _probe() -> rx.Component:
    return rx.el.main(ProbeState.balance, ProbeState.typed)


app.add_page(
    _probe, route="/probe", title="Probe", on_load=[CustomerSession.enter, ConfigurationState.load, ProbeState.load]
)
