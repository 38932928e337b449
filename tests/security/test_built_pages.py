"""The built front end in a browser: one build at any address, scripts by their hash alone, and leaving when told."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from portal_app.environment import environment
from portal_app.security import sessions
from tests.cast import ADA, EVERYBODY, MIA, let_in
from tests.journeys.browser import a_browser
from tests.served import ROOT, Served, a_served_portal

BUILT = Path(os.environ.get("REFLEX_WEB_WORKDIR", ROOT / ".web"))
_LISTEN = """window.violations = [];
document.addEventListener('securitypolicyviolation', (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));"""


@pytest.fixture(scope="module")
def browser():
    if not (BUILT / "build" / "client" / "index.html").exists():
        if os.environ.get("PORTAL_REQUIRE_BROWSER") == "1":
            pytest.fail("the front end is not built: make setup")
        pytest.skip("the front end is not built: make setup")
    with a_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def served(browser, tmp_path_factory):
    with a_served_portal(tmp_path_factory.mktemp("built"), built=BUILT) as portal:
        let_in(*EVERYBODY)
        yield portal


@contextmanager
def _visit(browser, served: Served, cookie: str = "") -> Iterator[Page]:
    context: BrowserContext = browser.new_context(base_url=served.origin, locale="en-GB")
    context.add_init_script(_LISTEN)
    if cookie:
        context.add_cookies([{"name": environment().cookie_name, "value": cookie, "url": served.origin}])
    page = context.new_page()
    page.sockets = []
    page.on("websocket", lambda socket: page.sockets.append(socket.url))
    yield page
    context.close()


def _has_loaded(page: Page) -> None:
    expect(page.locator("h1").first).to_be_visible()
    page.wait_for_load_state("networkidle")


def test_given_one_build_when_it_is_served_at_another_address_then_the_page_talks_to_that(browser, served, tmp_path):
    with _visit(browser, served) as page:
        page.goto("/login")
        _has_loaded(page)
        first = page.sockets
    with a_served_portal(tmp_path, built=BUILT) as elsewhere, _visit(browser, elsewhere) as page:
        page.goto("/login")
        _has_loaded(page)
        second = page.sockets
        other_name = elsewhere.origin.replace("localhost", "127.0.0.1")
        page.goto(f"{other_name}/login")
        _has_loaded(page)

    assert first[0].startswith(served.origin.replace("http", "ws"))
    assert second[0].startswith(elsewhere.origin.replace("http", "ws"))
    assert second[-1].startswith(other_name.replace("http", "ws"))


@pytest.mark.parametrize(
    ("person", "path"),
    [
        (None, "/login"),
        (None, "/admin/login"),
        (None, "/no/such/page"),
        (ADA, "/"),
        (ADA, "/subscriptions"),
        (ADA, "/invoices"),
        (ADA, "/invoices/in_unknown"),
        (ADA, "/payment-methods"),
        (MIA, "/admin"),
        (MIA, "/admin/settings"),
    ],
)
def test_when_a_page_is_opened_then_its_content_policy_is_kept(browser, served, person, path):
    with _visit(browser, served, person.sign_in()[0] if person else "") as page:
        answer = page.goto(path)
        _has_loaded(page)

        assert page.url == served.origin + path
        assert answer.status == (404 if "such" in path else 200)
        assert page.evaluate("window.violations") == []


def test_given_the_policy_when_a_page_makes_code_of_text_then_the_browser_stops_it(browser, served):
    with _visit(browser, served) as page:
        page.goto("/login")
        _has_loaded(page)
        page.evaluate("setTimeout('window.pwned = 1')")
        page.evaluate(
            "() => { const s = document.createElement('script'); s.textContent = 'window.pwned = 1';"
            " document.head.append(s); }"
        )
        page.wait_for_timeout(200)

        assert page.evaluate("window.pwned") is None
        assert len(page.evaluate("window.violations")) >= 1


@pytest.mark.parametrize(("path", "door"), [("/invoices?status=open", "/login"), ("/admin/settings", "/admin/login")])
def test_given_nobody_signed_in_when_a_page_is_opened_then_its_door_stands_there(browser, served, path, door):
    with _visit(browser, served) as page:
        page.goto(path)
        _has_loaded(page)

        assert page.url.startswith(f"{served.origin}{door}?next=")


def test_when_a_session_is_revoked_then_the_open_page_leaves_and_back_shows_nothing(browser, served):
    cookie, session_id = ADA.sign_in()
    with _visit(browser, served, cookie) as page:
        page.goto("/invoices")
        expect(page.get_by_text(ADA.email).first).to_be_attached()

        sessions.end(session_id, "revoked")
        page.wait_for_url(re.compile(r"/login\?reason=revoked"), timeout=10_000)
        page.go_back()
        page.wait_for_url(re.compile("/login"), timeout=10_000)
        _has_loaded(page)

        assert ADA.email not in page.content()


def test_when_ada_signs_in_anew_elsewhere_in_her_browser_then_the_old_page_loads_again(browser, served):
    cookie, session_id = ADA.sign_in()
    with _visit(browser, served, cookie) as page:
        page.goto("/invoices")
        expect(page.get_by_text(ADA.email).first).to_be_attached()
        fresh, _ = ADA.sign_in()
        page.context.add_cookies([{"name": environment().cookie_name, "value": fresh, "url": served.origin}])

        with page.expect_navigation(url=re.compile("/invoices"), timeout=10_000):
            sessions.end(session_id, "replaced")

        expect(page.get_by_text(ADA.email).first).to_be_attached()


def test_when_a_script_looks_for_the_cookie_then_it_finds_none(browser, served):
    with _visit(browser, served) as page:
        page.context.add_cookies(
            [{"name": environment().cookie_name, "value": "x", "url": served.origin, "httpOnly": True}]
        )
        page.goto("/login")

        assert environment().cookie_name not in page.evaluate("document.cookie")
