"""Signing in over HTTP: asked, mailed, clicked, typed, chosen, left."""

from portal_app.environment import environment
from portal_app.security import sessions
from tests import mirrored
from tests.cast import ADA, MIA
from tests.http.doors import Knocking, app, browser, newest_mail, sessions_open

__all__ = ["app", "browser"]


def test_when_a_link_was_asked_for_then_its_cookie_is_short_lived_and_no_script_reads_it(browser):
    answer = browser.post("/auth/login", email=ADA.email)

    said = answer.headers["set-cookie"]
    assert said.startswith("portal-browser=")
    assert all(part in said for part in ("HttpOnly", "SameSite=lax", "Max-Age=900", "Path=/"))
    assert answer.headers["cache-control"] == "no-store"


def test_given_https_when_cookies_are_set_then_they_are_bound_to_the_host(app, monkeypatch):
    monkeypatch.setenv("PORTAL_BASE_URL", "https://billing.example.com")
    environment.cache_clear()
    browser = Knocking(app, origin="https://billing.example.com")

    asked = browser.post("/auth/login", email=ADA.email)
    link = newest_mail().links[0]
    taken, _page, entered = browser.get(link), browser.get("/enter"), browser.post("/enter")

    said = [value for answer in (asked, taken, entered) for value in answer.headers.get_list("set-cookie")]
    assert {value.partition("=")[0] for value in said} == {
        "__Host-portal",
        "__Host-portal-browser",
        "__Host-portal-link",
    }
    assert all("Secure" in value and "Path=/" in value and "Domain" not in value for value in said)
    assert link.startswith("https://billing.example.com/enter/")


def test_when_the_mailed_link_is_clicked_then_ada_is_in(browser):
    browser.post("/auth/login", email=ADA.email, next="/invoices")
    page = browser.follow(newest_mail().links[0])
    entered = browser.post("/enter")

    assert "ada@example.com" in page.text
    assert (entered.status_code, entered.headers["location"]) == (303, "/invoices")
    assert browser.visitor.customer_id == ADA.customer_id
    assert set(browser.cookies) == {"portal"}


def test_when_the_code_is_typed_where_it_was_asked_for_then_ada_is_in(browser):
    browser.post("/auth/login", email=ADA.email)

    entered = browser.post("/auth/code", code=newest_mail().code)

    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert browser.visitor.customer_id == ADA.customer_id


def test_when_the_code_is_wrong_then_the_waiting_page_says_how_many_tries_are_left(browser):
    browser.post("/auth/login", email=ADA.email)
    code = newest_mail().code
    wrong = "000000" if code != "000000" else "000001"

    places = [browser.post("/auth/code", code=wrong).headers["location"] for _ in range(6)]

    assert places[0] == "/login/sent?problem=code&left=4"
    assert places[4:] == ["/login/sent?problem=code&left=0", "/login/sent?problem=code_over"]
    assert browser.post("/auth/code", code="x").headers["location"] == "/login/sent?problem=code_over"


def test_when_mia_asks_at_her_door_then_everything_happens_there(app):
    browser = Knocking(app)

    asked = browser.post("/auth/staff", email=MIA.email)
    wrong = browser.post("/auth/code", code="x")
    entered = browser.sign_in(MIA.email, "/auth/staff", next="/admin/settings")

    assert asked.headers["location"] == "/admin/login/sent"
    assert wrong.headers["location"] == "/admin/login/sent?problem=code_shape"
    assert entered.headers["location"] == "/admin/settings"
    assert browser.visitor.role == "owner"
    assert browser.post("/auth/logout").headers["location"] == "/admin/login?reason=signed_out"


def test_when_a_link_is_opened_then_its_token_leaves_the_address_and_nothing_is_fetched_from_elsewhere(browser):
    browser.post("/auth/login", email=ADA.email)
    link = newest_mail().links[0]
    token = link.rpartition("/")[2]

    taken, page = browser.get(link), browser.get("/enter")

    assert (taken.status_code, taken.headers["location"]) == (303, "/enter")
    assert token not in page.text
    for answer in (taken, page):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert answer.headers["x-frame-options"] == "DENY"
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy
    assert "://" not in page.text
    assert "<script" not in page.text


def test_given_another_browser_when_it_opens_the_link_then_it_is_told_whom_it_would_become_and_may(app):
    asking, other = Knocking(app), Knocking(app)
    asking.post("/auth/login", email=ADA.email)

    page = other.follow(newest_mail().links[0])

    assert "a•••@example.com" in page.text
    assert "another browser" in page.text
    assert ADA.email not in page.text
    other.post("/enter")
    assert other.visitor.customer_id == ADA.customer_id
    assert asking.visitor is None


def test_given_a_spent_link_when_it_is_opened_or_clicked_then_the_way_to_a_new_one_is_shown(app):
    browser = Knocking(app)
    browser.sign_in()
    link = newest_mail().links[0]
    late = Knocking(app)

    shown, clicked = late.follow(link), late.post("/enter")

    assert shown.headers["location"] == clicked.headers["location"] == "/login?problem=link"
    assert Knocking(app).get("/enter").headers["location"] == "/login?problem=link"
    assert Knocking(app).post("/enter").headers["location"] == "/login?problem=link"
    assert Knocking(app).get("/enter/short").headers["location"] == "/enter"


def test_given_a_spent_link_of_the_team_when_it_is_opened_then_it_leads_to_their_door(app):
    Knocking(app).sign_in(MIA.email, "/auth/staff")

    answer = Knocking(app).follow(newest_mail().links[0])

    assert answer.headers["location"] == "/admin/login?problem=link"


def test_when_the_address_is_none_then_the_page_says_so_and_keeps_where_it_led(browser):
    answer = browser.post("/auth/login", email="ada@", next="/invoices")

    assert answer.headers["location"] == "/login?problem=address&next=%2Finvoices"
    assert "set-cookie" not in answer.headers


def test_when_a_new_mail_is_asked_for_then_it_goes_to_the_same_address(browser):
    browser.post("/auth/login", email=ADA.email, next="/invoices")
    first = newest_mail()

    again = browser.post("/auth/resend")

    assert again.headers["location"] == "/login/sent"
    second = newest_mail()
    assert (second.to, second.code != first.code) == (ADA.email, True)
    assert browser.post("/auth/code", code=second.code).headers["location"] == "/invoices"


def test_given_a_browser_that_has_not_asked_when_it_wants_another_mail_then_it_is_asked_for_the_address(browser):
    assert browser.post("/auth/resend").headers["location"] == "/login"
    assert browser.post("/auth/code", code="123456").headers["location"] == "/login/sent?problem=code_over"


def test_given_two_accounts_when_gus_comes_in_then_he_chooses_and_may_switch(browser, desk):
    for customer_id, name in (("cus_gus1", "Gus Winter"), ("cus_gus2", "Winter GmbH")):
        mirrored.a_customer(desk, customer_id, email="gus@example.com", name=name)

    entered = browser.sign_in("gus@example.com", next="/invoices")
    chooser = browser.visitor
    chosen = browser.post("/auth/account", customer_id="cus_gus2", next="/invoices")
    opened = browser.visitor
    switched = browser.post("/auth/account", customer_id="cus_gus1", next="//evil.example")

    assert entered.headers["location"] == "/login/account?next=/invoices"
    assert (chooser.kind, chooser.customer_id) == ("choosing", "")
    assert (chosen.headers["location"], opened.customer_id) == ("/invoices", "cus_gus2")
    assert (switched.headers["location"], browser.visitor.customer_id) == ("/", "cus_gus1")
    assert sessions_open() == 1


def test_given_gus_when_he_names_adas_account_then_it_is_not_found(browser, desk):
    mirrored.a_customer(desk, "cus_gus1", email="gus@example.com")
    browser.sign_in("gus@example.com")

    answer = browser.post("/auth/account", customer_id=ADA.customer_id)

    assert answer.headers["location"] == "/login/account?problem=account"
    assert browser.visitor.customer_id == "cus_gus1"


def test_when_nobody_or_staff_name_an_account_then_they_are_led_to_the_door(app):
    mia = Knocking(app)
    mia.sign_in(MIA.email, "/auth/staff")

    for one in (Knocking(app), mia):
        assert one.post("/auth/account", customer_id=ADA.customer_id).headers["location"] == "/login"
    assert mia.visitor.role == "owner"


def test_when_ada_signs_out_then_her_session_is_over_and_the_browser_forgets(browser):
    browser.sign_in()
    cookie = browser.session_cookie

    answer = browser.post("/auth/logout")

    assert answer.headers["location"] == "/login?reason=signed_out"
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert browser.session_cookie == ""
    assert sessions.find_by_cookie(cookie) is None
    assert browser.post("/auth/logout").status_code == 303
