"""Whose session it becomes: one account of several, a member of the team, somebody of the demo."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from portal_app.kit.clock import now
from portal_app.kit.errors import Conflict, InvalidInput, NotFound, SignInRequired
from portal_app.models.access import Session
from portal_app.security import sessions
from portal_app.security.visitor import SYSTEM, Visitor
from portal_app.services import accounts, entry, mails, staff
from portal_app.services.desk import open_desk
from portal_app.services.entry import CHOOSER_PATH, Browser, Entered
from tests import mirrored
from tests.cast import ADA, MIA, let_in
from tests.letters import HOME_NETWORK, a_letter, elsewhere

GUS = "gus@example.com"
_session = Session.__table__


@pytest.fixture
def desk(each_desk):
    """Here the two databases must agree."""
    return each_desk


def came_in(desk, letter) -> Visitor:
    entered = entry.enter_by_link(desk, letter.token, letter.browser)
    assert isinstance(entered, Entered)
    return sessions.find_by_cookie(entered.cookie).as_visitor()


def two_accounts(desk) -> None:
    mirrored.a_customer(desk, "cus_gus1", email=GUS, name="Gus Winter")
    mirrored.a_customer(desk, "cus_gus2", email="Gus@Example.com", name="", business_name="Winter GmbH")


def test_given_two_accounts_when_their_owner_comes_in_then_one_has_to_be_chosen(desk):
    two_accounts(desk)
    letter = a_letter(desk, GUS, next_path="/invoices?year=2026")

    entered = entry.enter_by_link(desk, letter.token, letter.browser)

    session = sessions.find_by_cookie(entered.cookie)
    assert (session.kind, session.customer_id, session.email) == ("choosing", "", GUS)
    assert entered.path == f"{CHOOSER_PATH}?next=/invoices%3Fyear%3D2026"


def test_given_two_accounts_when_one_is_chosen_then_its_session_takes_the_place_of_the_chooser(desk):
    two_accounts(desk)
    choosing = came_in(desk, a_letter(desk, GUS))
    desk.actor = choosing

    browser = Browser(HOME_NETWORK, session_id=choosing.session_id)
    entered = entry.choose_account(desk, "cus_gus2", "/invoices", browser)

    chosen = sessions.find_by_cookie(entered.cookie)
    assert (chosen.kind, chosen.customer_id, entered.path) == ("customer", "cus_gus2", "/invoices")
    assert sessions.find(choosing.session_id) is None


def test_given_a_proof_of_an_hour_ago_when_the_account_is_switched_then_the_proof_is_as_old_as_before(desk):
    two_accounts(desk)
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        desk.actor = came_in(desk, a_letter(desk, GUS))
        clock.shift(20 * 60)

        entered = entry.choose_account(desk, "cus_gus1", "", Browser(HOME_NETWORK, session_id=desk.actor.session_id))

        assert now() - sessions.find_by_cookie(entered.cookie).proved_at == timedelta(minutes=20)
        assert not sessions.find_by_cookie(entered.cookie).is_fresh


@pytest.mark.parametrize("customer_id", ["cus_ada", "cus_nobody", "", "cus_gus1' or '1'='1"])
def test_given_gus_when_he_chooses_an_account_of_somebody_else_then_it_is_not_found(desk, customer_id):
    two_accounts(desk)
    let_in(ADA)
    desk.actor = came_in(desk, a_letter(desk, GUS))
    before = desk.value(select(func.count()).select_from(_session))

    with pytest.raises(NotFound):
        entry.choose_account(desk, customer_id, "", Browser(HOME_NETWORK, session_id=desk.actor.session_id))

    assert desk.value(select(func.count()).select_from(_session)) == before
    assert sessions.find(desk.actor.session_id) is not None


def test_when_nobody_or_staff_choose_an_account_then_they_are_asked_to_sign_in(desk):
    two_accounts(desk)
    let_in(MIA)
    for actor in (Visitor("nobody"), came_in(desk, a_letter(desk, MIA.email, "staff"))):
        desk.actor = actor

        with pytest.raises(SignInRequired):
            entry.choose_account(desk, "cus_gus1", "", elsewhere())


def test_an_account_is_told_from_the_others_by_its_name_invoice_and_plans(desk):
    two_accounts(desk)
    mirrored.a_subscription(desk, "cus_gus1")
    mirrored.a_subscription(desk, "cus_gus1", status="canceled")
    mirrored.an_invoice(desk, "cus_gus2")

    found = accounts.list_for(desk, GUS)

    assert [(a.customer_id, a.name, a.running_count) for a in found] == [
        ("cus_gus2", "Winter GmbH", 0),
        ("cus_gus1", "Gus Winter", 1),
    ]
    assert found[0].last_invoice_at is not None
    assert found[1].last_invoice_at is None


def test_given_the_demo_when_somebody_is_clicked_then_they_are_in(desk):
    two_accounts(desk)
    let_in(ADA, MIA)

    kinds = {
        email: sessions.find_by_cookie(entry.enter_as(desk, email, elsewhere()).cookie).kind
        for email in (ADA.email, MIA.email, GUS)
    }

    assert entry.enter_as(desk, GUS, elsewhere()).path == CHOOSER_PATH
    assert kinds == {ADA.email: "customer", MIA.email: "staff", GUS: "choosing"}
    with pytest.raises(NotFound):
        entry.enter_as(desk, "nobody@example.com", elsewhere())


def test_when_the_portal_starts_then_the_configured_address_owns_it_once(desk, monkeypatch):
    monkeypatch.setenv("PORTAL_ADMIN_EMAIL", "Boss@Example.com")
    mails.environment.cache_clear()

    first, again = staff.ensure_owner(desk), staff.ensure_owner(desk)

    assert first == again
    assert (first.email, first.role) == ("boss@example.com", "owner")
    monkeypatch.setenv("PORTAL_ADMIN_EMAIL", "")
    mails.environment.cache_clear()


def test_given_an_owner_when_another_address_is_configured_then_it_gets_nothing(desk, monkeypatch):
    let_in(MIA)
    monkeypatch.setenv("PORTAL_ADMIN_EMAIL", "mallory@example.com")
    mails.environment.cache_clear()

    assert staff.ensure_owner(desk) is None
    assert staff.find_by_email(desk, "mallory@example.com") is None


def test_when_staff_are_added_then_address_and_role_are_checked(desk):
    added = staff.add(desk, "Kim@Example.com", "support")

    assert staff.find_by_email(desk, "kim@example.com") == added
    for email, role in (("kim", "owner"), ("new@example.com", "king")):
        with pytest.raises(InvalidInput):
            staff.add(desk, email, role)
    with open_desk(actor=SYSTEM) as other, pytest.raises(Conflict):
        staff.add(other, "kim@example.com", "owner")
    assert staff.ensure(desk, "kim@example.com", "owner").role == "support"
