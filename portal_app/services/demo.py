"""The demo's shop and its clock: who can be tried, who sells, and what day it is there."""

from dataclasses import dataclass
from datetime import datetime

import httpx
from sqlalchemy import select

from portal_app.environment import environment
from portal_app.kit.clock import billing_now, now, set_billing_offset
from portal_app.kit.errors import GatewayError, NotFound
from portal_app.kit.i18n import N_
from portal_app.models.base import insert_into
from portal_app.models.journal import Fact
from portal_app.security.visitor import SYSTEM
from portal_app.services import configuration
from portal_app.services.desk import Desk

_OFFSET = "billing_offset_seconds"
_PATIENCE_SECONDS = 120  # a year of a large shop's invoices is made on the way
_GLANCE_SECONDS = 1
_SHOP = {"business_name": "Linnet", "support_email": "help@linnet.example"}

_fact = Fact.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Person:
    """Somebody of the sample shop; `story` says in English why to look at their account."""

    email: str
    story: str
    is_staff: bool = False


PEOPLE = (
    Person("ada@example.com", N_("A monthly plan with an add-on, fourteen paid invoices and two cards.")),
    Person("bea@example.com", N_("A failed payment: an expired card and open invoices.")),
    Person("carl@example.com", N_("A payment plan, half paid, and orders with downloads.")),
    Person("dora@example.com", N_("A trial of a yearly plan that ends in five days.")),
    Person("emil@example.com", N_("Three subscriptions: one paused, one ended, one canceling.")),
    Person("finn@example.com", N_("A company with 1,200 invoices over ten years.")),
    Person("gus@example.com", N_("Two accounts under one address.")),
    Person("hana@example.com", N_("A bank that asks back, and a name from right to left.")),
    Person("owner@example.com", N_("The merchant's owner: may change everything."), is_staff=True),
    Person("viewer@example.com", N_("The merchant's team: may look, not change."), is_staff=True),
)


def find_person(email: str) -> Person:
    """One of the sample people.

    Raises:
        NotFound: it is somebody else.
    """
    for person in PEOPLE:
        if person.email == email:
            return person
    raise NotFound


def dress_shop(desk: Desk) -> None:
    """Give the sample shop its name; a merchant who has published anything keeps that."""
    desk.actor = SYSTEM
    if configuration.current(desk).version == 0:
        configuration.publish(desk, _SHOP, seen_version=0)


def follow_clock(desk: Desk) -> None:
    """Let this process call the sandbox's day today; wall time where nobody has moved its clock."""
    kept = desk.value(select(_fact.c.value).where(_fact.c.name == _OFFSET))
    set_billing_offset(int(kept) if kept else 0)


def watch_clock(desk: Desk) -> None:
    """Like `follow_clock`, after asking the sandbox, whose clock may be moved there as well; one process does it."""
    offset = _ask_sandbox("GET", _GLANCE_SECONDS) if _has_sandbox() else None
    if offset is not None:
        _keep(desk, offset)
    follow_clock(desk)


def move_clock(desk: Desk, to: datetime) -> None:
    """Put the sandbox's clock forward to a moment; what is due in between happens there and comes by webhook.

    Raises:
        NotFound: this is no demo.
        GatewayError: the sandbox did not do it. It never goes back.
    """
    if not _has_sandbox():
        raise NotFound
    if to <= billing_now():
        raise GatewayError(N_("The clock only goes forward."), is_final=True)
    offset = _ask_sandbox("POST", _PATIENCE_SECONDS, to=int(to.timestamp()))
    if offset is None:
        raise GatewayError(N_("The sandbox did not move its clock."), is_final=True)
    _keep(desk, offset)
    set_billing_offset(offset)


def _has_sandbox() -> bool:
    return environment().is_demo and bool(environment().stripe_api_base)


def _ask_sandbox(method: str, seconds: float, **given: int) -> int | None:
    """How far its clock is ahead; None if it does not say."""
    settings = environment()
    key = settings.stripe_secret_key.get_secret_value()
    try:
        answer = httpx.request(
            method,
            f"{settings.stripe_api_base}/_sandbox/clock",
            json=given or None,
            headers={"authorization": f"Bearer {key}"},
            timeout=seconds,
            trust_env=False,
        )
        answer.raise_for_status()
        return int(answer.json()["offset_seconds"])
    except (httpx.HTTPError, ValueError, KeyError):
        return None


def _keep(desk: Desk, offset: int) -> None:
    if desk.value(select(_fact.c.value).where(_fact.c.name == _OFFSET)) == str(offset):
        return
    with desk.transaction() as connection:
        kept = {"value": str(offset), "changed_at": now()}
        writing = insert_into(connection, _fact).values(name=_OFFSET, **kept)
        connection.execute(writing.on_conflict_do_update(index_elements=["name"], set_=kept))
