"""The demo's own pages: one click and somebody is in, every mail is read, days pass; elsewhere nothing of it exists."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal_app.environment import environment
from portal_app.http import demo as demo_doors
from portal_app.kit import clock
from portal_app.kit.clock import billing_now, now
from portal_app.models.journal import Fact
from portal_app.services import configuration, demo
from portal_app.services.desk import open_desk
from tests.cast import ADA, MIA, SAM, let_in
from tests.http.doors import Knocking, app, browser, newest_mail

__all__ = ["app", "browser"]
PLACES = ["/demo", "/demo/outbox", "/demo/clock"]


@pytest.fixture(autouse=True)
def wall_time():
    yield
    clock.set_billing_offset(0)


def test_given_a_served_portal_when_the_demo_is_looked_for_then_there_is_nothing(desk, monkeypatch):
    monkeypatch.setattr(type(environment()), "is_demo", False)

    assert demo_doors.routes() == []


@pytest.mark.parametrize("place", PLACES)
def test_each_page_answers_without_a_script_and_fetches_nothing_from_elsewhere(browser, place):
    answer = browser.get(place)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "<script" not in answer.text
    assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize(("email", "path", "kind"), [(ADA.email, "/", "customer"), (MIA.email, "/admin", "staff")])
def test_when_somebody_is_clicked_then_they_are_in(browser, email, path, kind):
    page = browser.get("/demo")
    entered = browser.post("/demo/enter", email=email)

    assert f'value="{email}"' in page.text
    assert entered.headers["location"] == path
    assert browser.visitor.kind == kind


@pytest.mark.parametrize("email", ["nobody@example.com", "", "carl@example.com"])
def test_when_somebody_else_is_named_then_nobody_comes_in(browser, email):
    assert browser.post("/demo/enter", email=email).headers["location"] == "/demo?problem=missing"
    assert browser.visitor is None
    assert "not in the mirror" in browser.get("/demo?problem=missing").text


def test_when_a_mail_was_sent_then_the_outbox_shows_it_to_people_and_scripts(browser):
    browser.post("/auth/login", email=ADA.email)
    mail = newest_mail()

    page, listed = browser.get("/demo/outbox"), browser.get("/demo/outbox.json").json()

    assert {"to", "subject", "text", "html", "links", "code", "created_at"} <= set(listed[0])
    assert (listed[0]["to"], listed[0]["code"], listed[0]["links"]) == (ADA.email, mail.code, list(mail.links))
    assert mail.links[0] in page.text
    assert mail.code in page.text


def test_when_a_mail_is_drawn_then_it_can_do_nothing_else(browser):
    browser.post("/auth/login", email=ADA.email)

    drawn = browser.get(f"/demo/outbox/{newest_mail().id}")

    assert drawn.status_code == 200
    policy = drawn.headers["content-security-policy"]
    assert policy.startswith("sandbox")
    assert "default-src 'none'" in policy
    assert browser.get("/demo/outbox/em_nothing").status_code == 404


def test_when_days_pass_in_the_sandbox_then_pages_and_processes_call_that_day_today(app, desk, account):
    browser = Knocking(app)
    expected = now() + timedelta(days=31)

    moved = browser.post("/demo/clock", days="31")

    assert moved.headers["location"] == "/demo/clock?moved"
    assert abs(billing_now() - expected) < timedelta(seconds=30)
    assert abs(account.look("clock")["offset_seconds"] - 31 * 86400) < 30
    clock.set_billing_offset(0)
    with open_desk() as other:
        demo.follow_clock(other)
    assert abs(billing_now() - expected) < timedelta(seconds=30)
    assert "was moved" in browser.get("/demo/clock?moved").text


@pytest.mark.parametrize(
    "given",
    [{"days": "0"}, {"days": "-1"}, {"days": "1e9"}, {"days": "99999"}, {"day": "2020-01-01"}, {"day": "x"}, {}],
)
def test_when_the_clock_is_asked_for_what_it_cannot_do_then_it_stays(app, account, given):
    answer = Knocking(app).post("/demo/clock", **given)

    assert answer.headers["location"].startswith("/demo/clock?problem=")
    assert account.look("clock")["offset_seconds"] == 0


def test_given_no_sandbox_when_the_clock_is_moved_then_the_page_says_that_it_was_not(browser, monkeypatch):
    monkeypatch.setenv("STRIPE_API_BASE", "http://127.0.0.1:12227")
    environment.cache_clear()

    answer = browser.post("/demo/clock", days="1")

    assert answer.headers["location"] == "/demo/clock?problem=gateway_error"
    with open_desk() as desk:
        assert desk.value(select(Fact.value).where(Fact.name == "billing_offset_seconds")) is None


def test_given_a_new_shop_when_it_is_dressed_then_it_has_a_name_and_keeps_what_its_merchant_says_later(desk):
    demo.dress_shop(desk)
    first = configuration.current(desk)
    configuration.publish(desk, {"business_name": "Finch"}, seen_version=first.version)

    demo.dress_shop(desk)

    assert (first.business_name, first.support_email) == ("Linnet", "help@linnet.example")
    assert configuration.current(desk).business_name == "Finch"


def test_everybody_of_the_sample_shop_can_be_picked(browser):
    let_in(SAM)

    page = browser.get("/demo").text

    assert all(person.email in page for person in demo.PEOPLE)
    assert len(demo.PEOPLE) == 10
