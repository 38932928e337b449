"""Signing in over HTTP, attacked: scanners, crowds, foreign sites, forged headers, guesses, broken forms."""

import asyncio

import pytest
from sqlalchemy import update

from portal_app.environment import environment
from portal_app.models.mirror import Customer
from portal_app.security import sessions
from tests.cast import ADA, BEA, MIA
from tests.http.doors import ORIGIN, Knocking, app, browser, newest_mail, requests_made, sent_mails, sessions_open
from tests.security.test_links_paths import FOREIGN

__all__ = ["app", "browser"]
POSTS = ["/auth/login", "/auth/staff", "/auth/resend", "/auth/code", "/auth/account", "/auth/logout", "/enter"]

_customer = Customer.__table__


def comparable(answer):
    varying = {"x-request-id", "date"}
    headers = [(k, v.split("=")[0] if k == "set-cookie" else v) for k, v in answer.headers.multi_items()]
    return answer.status_code, answer.content, sorted(pair for pair in headers if pair[0] not in varying)


def test_when_anybody_asks_then_the_answers_agree_to_the_byte(app, desk):
    with desk.transaction():
        desk.run(update(_customer).where(_customer.c.id == BEA.customer_id).values(is_deleted=True))
    people = [ADA.email, BEA.email, MIA.email, "nobody@example.com", "ada+x@example.com", "ADA@EXAMPLE.COM"]

    answers = [comparable(Knocking(app).post("/auth/login", email=email)) for email in people]

    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0] == 303
    assert ("location", "/login/sent") in answers[0][2]


def test_when_a_scanner_opens_the_link_again_and_again_then_it_is_still_good(app):
    browser = Knocking(app)
    browser.post("/auth/login", email=ADA.email)
    link = newest_mail().links[0]

    for _ in range(20):
        scanner = Knocking(app)
        assert scanner.head(link).status_code == 303
        assert scanner.get(link).status_code == 303
        assert scanner.get("/enter").status_code == 200
        assert scanner.head("/enter").status_code == 200
        assert scanner.session_cookie == ""

    assert sessions_open() == 0
    browser.follow(link)
    assert browser.post("/enter").headers["location"] == "/"
    assert sessions_open() == 1


def test_when_a_hundred_browsers_click_the_same_link_at_once_then_one_is_in(app, monkeypatch):
    monkeypatch.setenv("PORTAL_TRUSTED_PROXY_HOPS", "1")
    environment.cache_clear()
    asking = Knocking(app)
    asking.post("/auth/login", email=ADA.email)
    link = newest_mail().links[0]
    crowd = [Knocking(app, headers={"x-forwarded-for": f"203.0.113.{number}"}) for number in range(100)]

    async def click():
        await asyncio.gather(*(one.ask("GET", link.removeprefix(ORIGIN)) for one in crowd))
        return await asyncio.gather(*(one.ask("POST", "/enter", data={}) for one in crowd))

    answers = asyncio.run(click())

    assert sorted({answer.headers["location"] for answer in answers}) == ["/", "/login?problem=link"]
    assert sum(bool(one.session_cookie) for one in crowd) == 1
    assert sessions_open() == 1


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:3000.evil.example", ""])
def test_when_another_site_sends_the_form_then_nothing_happens(app, path, origin):
    browser = Knocking(app)
    browser.sign_in()
    before = sessions_open(), requests_made()

    answer = asyncio.run(browser.ask("POST", path, data={"email": BEA.email}, headers={"origin": origin}))

    assert answer.status_code == 403
    assert (sessions_open(), requests_made()) == before


@pytest.mark.parametrize("path", [path for path in POSTS if path != "/enter"])
def test_when_a_form_address_is_opened_then_nothing_happens(browser, path):
    browser.sign_in()

    assert browser.get(path).status_code == 405
    assert browser.visitor is not None


def test_given_a_cookie_that_somebody_planted_when_ada_comes_in_then_it_is_worth_nothing(browser):
    browser.cookies.set("portal", "planted", domain="localhost.local", path="/")

    browser.sign_in()

    assert browser.session_cookie not in ("planted", "")
    assert sessions.find_by_cookie("planted") is None


def test_given_bea_is_in_when_ada_comes_in_from_the_same_browser_then_beas_session_is_over(browser):
    browser.sign_in(BEA.email)
    beas = browser.session_cookie

    browser.sign_in()

    assert sessions.find_by_cookie(beas) is None
    assert browser.visitor.customer_id == ADA.customer_id


@pytest.mark.parametrize(
    "given", [{"host": "evil.example"}, {"host": "localhost:3000@evil.example"}, {"host": "evil.example:3000"}]
)
def test_when_the_host_is_foreign_then_nothing_is_answered(browser, given):
    answer = asyncio.run(browser.ask("POST", "/auth/login", data={"email": ADA.email}, headers=given))

    assert answer.status_code == 421
    assert requests_made() == 0


@pytest.mark.parametrize(
    "given",
    [
        {"x-forwarded-host": "evil.example"},
        {"forwarded": "host=evil.example;proto=https"},
        {"x-original-host": "evil.example"},
        {"x-forwarded-proto": "https", "x-forwarded-port": "444"},
        {"x-host": "evil.example"},
        {"referer": "https://evil.example/"},
    ],
)
def test_when_headers_name_another_host_then_mailed_links_lead_home_all_the_same(browser, given):
    asyncio.run(browser.ask("POST", "/auth/login", data={"email": ADA.email}, headers=given))

    mail = newest_mail()
    assert mail.links[0].startswith(f"{ORIGIN}/enter/")
    assert "evil" not in mail.html + mail.text


@pytest.mark.parametrize("wanted", [wanted for wanted in FOREIGN if len(wanted) < 4000 and wanted != "\ud800"])
def test_when_the_form_wants_a_foreign_address_then_the_sign_in_leads_home(browser, wanted):
    entered = browser.sign_in(next=wanted)

    assert entered.headers["location"] == "/"


def test_when_networks_are_forged_then_the_limit_holds_as_without(app):
    places = []
    for number in range(30):
        browser = Knocking(app, headers={"x-forwarded-for": f"10.{number}.0.1, 192.0.2.{number}"})
        places.append(browser.post("/auth/login", email=f"p{number}@example.com").headers["location"])

    assert places.count("/login/sent") == 10
    assert places[10:] == ["/login?problem=too_many&minutes=60"] * 20


def test_when_a_mailbox_is_asked_for_too_often_then_the_answer_names_minutes_and_no_mail_goes_out(app):
    answers = [Knocking(app).post("/auth/login", email=email) for email in [ADA.email] * 4 + ["nobody@example.com"] * 4]

    for mine in (answers[:4], answers[4:]):
        assert [answer.headers["location"] for answer in mine] == ["/login/sent"] * 3 + [
            "/login?problem=too_many&minutes=15"
        ]
        assert 0 < int(mine[3].headers["retry-after"]) <= 900
    # The newest of each only: a newer request ends the ones before it.
    assert len(sent_mails()) == 2


def test_when_links_are_guessed_over_http_then_the_network_is_told_to_wait(browser):
    places = [browser.follow("/enter/" + f"{number:043d}").headers["location"] for number in range(12)]

    assert places[:10] == ["/login?problem=link"] * 10
    assert places[10:] == ["/login?problem=too_many&minutes=5"] * 2


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "given",
    [
        {"content": b"", "headers": {}},
        {"content": b"\xff\xfe=\xff", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        {"content": b"{}", "headers": {"content-type": "application/json"}},
        {"data": {f"f{n}": "x" for n in range(50)}},
        {"data": {"email": "a" * 100_000, "code": "1" * 100_000, "customer_id": "\x00", "next": "\x00"}},
        {"data": {"email": ["a@b.example", "c@d.example"], "code": ["1", "2"]}},
        {"files": {"email": ("a.txt", b"ada@example.com"), "code": ("b", b"1"), "customer_id": ("c", b"x")}},
        {"content": b"--x\r\nbroken", "headers": {"content-type": "multipart/form-data; boundary=x"}},
    ],
    ids=range(8),
)
def test_when_a_form_is_malformed_then_it_is_refused_and_never_an_error(browser, path, given):
    answer = asyncio.run(browser.ask("POST", path, **given))

    assert answer.status_code in (303, 400)
