"""The merchant's first page tells facts, and says what keeps the portal from working."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from portal_app.kit.clock import now
from portal_app.models import base
from portal_app.models.journal import WebhookEvent
from portal_app.security.visitor import SYSTEM
from portal_app.services import configuration, overview, readiness, staff
from portal_app.services.desk import open_desk
from tests.cast import ADA, BEA, MIA, let_in
from tests.services.portal_database import sqlite_database

__all__ = ["sqlite_database"]
pytestmark = pytest.mark.usefixtures("sqlite_database")


def facts() -> overview.Overview:
    with open_desk() as desk:
        return overview.overview(desk)


def test_given_an_empty_portal_when_it_is_looked_at_then_nothing_is_made_up():
    found = facts()

    assert found.publication == overview.Publication(configuration.default(), "", overview.Count(0))
    assert (found.subscriptions, found.invoices) == (overview.Count(0), overview.Count(0))
    assert (found.heard_at, found.worked_at, found.has_webhook) == (None, None, False)
    assert "worker_silent" in found.problems


def test_when_mia_published_then_her_name_stands_beside_the_version():
    let_in(ADA, BEA, MIA)
    with open_desk(actor=MIA.visitor) as desk:
        configuration.publish(desk, {"business_name": "Linnet"}, 0)

    found = facts().publication

    assert (found.author, found.configuration.version, found.customers.number) == ("Mia Owner", 1, 2)


def test_given_a_member_without_a_name_when_she_published_then_her_address_stands_there():
    with open_desk(actor=SYSTEM) as desk:
        member = staff.ensure(desk, "abe@example.com", "admin")
        configuration.publish(desk, {"business_name": "Linnet"}, 0)
        assert overview.publication(desk).author == ""
    abe = MIA.visitor.__class__("staff", staff_id=member.id, role="admin")

    with open_desk(actor=abe) as desk:
        configuration.publish(desk, {"business_name": "Sparrow"}, 1)
        assert overview.publication(desk).author == "abe@example.com"


def test_when_the_worker_beats_and_stripe_is_heard_then_the_newest_moments_are_told(monkeypatch):
    moment = now()
    event = {"type": "customer.updated", "created_at": moment, "body": b"{}", "state": "applied"}
    with base.writing() as connection:
        for number, ago in enumerate((30, 10, 20)):
            row = {**event, "id": f"evt_{number}", "received_at": moment - timedelta(minutes=ago)}
            blanks = {"object_id": "", "customer_id": "", "api_version": ""}
            connection.execute(insert(WebhookEvent.__table__).values(**row, **blanks))
    with open_desk(actor=SYSTEM) as desk:
        readiness.beat(desk)

    found = facts()

    assert found.heard_at == moment - timedelta(minutes=10)
    assert found.worked_at >= moment
    assert "worker_silent" not in found.problems


def test_given_a_large_portal_when_customers_are_counted_then_counting_stops(monkeypatch):
    monkeypatch.setattr(overview, "COUNT_LIMIT", 1)
    let_in(ADA, BEA)

    assert facts().publication.customers == overview.Count(1, is_more=True)
