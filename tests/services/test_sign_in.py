"""Asking for a link learns nothing, the answer helps everybody, and coming in leads to the right account."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import event, func, select

from portal_app.kit.errors import InvalidInput
from portal_app.models import base
from portal_app.models.access import SignInRequest
from portal_app.models.journal import AuditEntry, Email, Job
from portal_app.security import sessions
from portal_app.security.visitor import Visitor
from portal_app.services import entry, mails, sign_in
from portal_app.services.entry import Browser, Entered
from portal_app.services.sign_in import Asking
from tests.cast import ADA, BEA, MIA, let_in
from tests.letters import HOME_NETWORK, a_letter, answer_all, ask, elsewhere

_request = SignInRequest.__table__


@pytest.fixture
def desk(each_desk):
    """Here the two databases must agree."""
    return each_desk


def came_in(desk, letter) -> Visitor:
    entered = entry.enter_by_link(desk, letter.token, letter.browser)
    assert isinstance(entered, Entered)
    return sessions.find_by_cookie(entered.cookie).as_visitor()


def statements_of(deed) -> list[str]:
    """What the database is asked while `deed` runs, without the values."""
    heard = []

    def hear(_connection, _cursor, statement, *_rest):
        heard.append(statement)

    event.listen(base.engine(), "before_cursor_execute", hear)
    try:
        deed()
    finally:
        event.remove(base.engine(), "before_cursor_execute", hear)
    return heard


def test_when_somebody_asks_then_one_request_and_one_job_are_written_and_nothing_is_looked_up(desk):
    let_in(ADA)

    known = statements_of(lambda: ask(desk, ADA.email))
    unknown = statements_of(lambda: ask(desk, "nobody@example.com"))

    assert known == unknown
    assert not [statement for statement in known if "customer" in statement.split("WHERE")[0].lower()]
    assert desk.value(select(func.count()).select_from(Job)) == 2
    assert desk.value(select(func.count()).select_from(Email)) == 0


def test_given_a_known_address_when_the_worker_answers_then_one_mail_with_link_and_code_goes_out(desk):
    let_in(ADA)

    letter = a_letter(desk, " ADA@Example.com ")

    assert (letter.kind, letter.to) == ("sign_in_link", "ada@example.com")
    assert letter.links == [f"http://localhost:3000/enter/{letter.token}"]
    assert letter.code in letter.text
    assert letter.links[0] in letter.text
    assert letter.code in letter.html


def test_given_an_unknown_address_when_the_worker_answers_then_the_mail_helps_and_lets_nobody_in(desk):
    letter = a_letter(desk, "nobody@example.com")

    assert (letter.kind, letter.to, letter.code) == ("sign_in_unknown", "nobody@example.com", "")
    assert letter.links == ["http://localhost:3000/login"]
    assert desk.value(select(_request.c.token_hash)) is None


def test_given_a_customers_address_when_it_asks_at_the_staff_door_then_it_is_told_that_it_is_not_in_the_team(desk):
    let_in(ADA)

    letter = a_letter(desk, ADA.email, "staff")

    assert (letter.kind, letter.links) == ("staff_sign_in_unknown", ["http://localhost:3000/admin/login"])


def test_given_a_german_browser_when_it_asks_then_the_request_remembers_the_language(desk):
    sign_in.ask_for_link(desk, Asking("customer", ADA.email, HOME_NETWORK, locale="de"))
    answer_all(desk)

    assert desk.value(select(Email.locale)) == "de"


def test_when_the_answer_is_asked_for_twice_then_it_is_the_same_mail(desk):
    let_in(ADA)
    ask(desk, ADA.email)
    request_id = desk.value(select(_request.c.id))

    first, second = (sign_in.answer(desk, request_id) for _ in range(2))

    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.message.get_body(("plain",)).get_content() == second.message.get_body(("plain",)).get_content()
    assert desk.value(select(func.count()).select_from(Email)) == 1


def test_given_a_request_that_was_replaced_or_is_too_old_when_the_worker_comes_then_no_mail_goes_out(desk):
    let_in(ADA)
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        ask(desk, ADA.email)
        replaced = desk.value(select(_request.c.id))
        ask(desk, ADA.email)
        newest = desk.value(select(_request.c.id).where(_request.c.superseded_at.is_(None)))

        assert sign_in.answer(desk, replaced) is None
        clock.shift(901)
        assert sign_in.answer(desk, newest) is None
        assert sign_in.answer(desk, "sir_unknown") is None


def test_when_no_address_is_typed_then_nothing_is_written(desk):
    with pytest.raises(InvalidInput):
        ask(desk, "ada@example.com, bea@example.com")

    assert desk.value(select(func.count()).select_from(_request)) == 0


def test_when_ada_comes_in_then_she_is_ada_and_the_log_says_how(desk):
    let_in(ADA, BEA)

    visitor = came_in(desk, a_letter(desk, ADA.email))

    assert (visitor.kind, visitor.customer_id, visitor.email) == ("customer", ADA.customer_id, ADA.email)
    said = desk.row(select(AuditEntry.__table__))
    assert (said.action, said.actor_kind, said.customer_id) == ("session.opened", "customer", ADA.customer_id)
    assert said.after == {"means": "link"}


def test_when_mia_comes_in_then_she_is_staff_and_lands_at_the_merchants_desk(desk):
    let_in(MIA)
    letter = a_letter(desk, MIA.email, "staff")

    entered = entry.enter_by_code(desk, letter.code, letter.browser)

    visitor = sessions.find_by_cookie(entered.cookie).as_visitor()
    assert (visitor.kind, visitor.staff_id, visitor.role, entered.path) == ("staff", MIA.staff_id, "owner", "/admin")


def test_given_a_session_when_its_browser_comes_in_anew_then_the_session_before_it_has_ended(desk):
    let_in(ADA)
    letter = a_letter(desk, ADA.email)
    old_cookie, old_id = BEA.sign_in()

    entered = entry.enter_by_link(desk, letter.token, Browser(HOME_NETWORK, session_id=old_id))

    assert sessions.find_by_cookie(old_cookie) is None
    assert entered.session_id != old_id
    assert sessions.find_by_cookie(entered.cookie) is not None


@pytest.mark.parametrize(
    ("wanted", "path"), [("/invoices/in_1", "/invoices/in_1"), ("//evil.example", "/"), ("/admin", "/"), ("", "/")]
)
def test_when_a_page_was_wanted_then_the_sign_in_leads_there(desk, wanted, path):
    let_in(ADA)
    letter = a_letter(desk, ADA.email, next_path=wanted)

    assert entry.enter_by_link(desk, letter.token, elsewhere()).path == path


def test_when_asked_again_then_the_same_address_gets_a_newer_link_and_the_older_dies(desk):
    let_in(ADA)
    letter = a_letter(desk, ADA.email, next_path="/invoices")

    cookie = sign_in.ask_again(desk, letter.browser.asking, HOME_NETWORK)
    answer_all(desk)

    assert cookie
    assert entry.find_invitation(desk, letter.token, elsewhere()) is None
    newest = desk.row(select(_request).order_by(_request.c.created_at.desc()))
    assert (newest.email, newest.next_path) == (ADA.email, "/invoices")
    assert sign_in.ask_again(desk, "another browser", HOME_NETWORK) is None


@pytest.mark.parametrize("email", [ADA.email, "nobody@example.com"])
def test_the_waiting_page_knows_the_same_of_every_address(desk, email):
    let_in(ADA)
    letter = a_letter(desk, email)

    from_hash = sign_in.find_pending(desk, entry.hashed(letter.browser.asking))

    assert from_hash.masked_email == f"{email[0]}•••@example.com"
    assert from_hash.tries_left == 5
    assert from_hash.resend_at - from_hash.asked_at == timedelta(seconds=60)
    assert sign_in.find_pending(desk, "") is None
    assert sign_in.find_pending(desk, "0" * 64) is None


def test_when_a_secret_mail_is_queued_then_it_is_refused_since_it_would_wait_in_the_database(desk):
    with desk.transaction(), pytest.raises(ValueError, match="lets somebody in"):
        mails.queue(desk, "sign_in_link", ADA.email, {})
