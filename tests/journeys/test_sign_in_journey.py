"""Signing in as people and scanners do: opened, pasted, mistyped, forwarded; the team's door; two accounts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.browser import PHONE, a_page
from tests.journeys.people import DORA, EMIL, GUS, OWNER, ask_for_link, sign_in_by_mail

STRANGER = "stranger@example.org"


@pytest.fixture
def page(world, browser) -> Iterator[Page]:
    """A phone that has never been here."""
    with a_page(browser, world.base_url, width=PHONE) as opened:
        yield opened


@pytest.fixture
def other(world, browser) -> Iterator[Page]:
    """Another browser of the same or another person."""
    with a_page(browser, world.base_url) as opened:
        yield opened


def asked(page: Page, world, email: str) -> dict:
    """Ask for a link and read the mail."""
    before = len(world.mails(email))
    ask_for_link(page, email)
    return world.next_mail(email, ".", before)


def is_signed_in(page: Page) -> bool:
    return any(cookie["name"] == "portal" for cookie in page.context.cookies())


def test_when_a_scanner_runs_the_link_in_a_browser_and_waits_then_the_click_still_works(page, other, world):
    link = asked(page, world, DORA)["links"][0]
    seen = []
    other.on("request", lambda request: seen.append(request.url))

    other.goto(link)
    other.wait_for_load_state("networkidle")
    assert not is_signed_in(other)
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{world.base_url}/")

    assert is_signed_in(page)
    assert all(url.startswith(world.base_url) for url in seen)
    assert [url for url in seen if link.rpartition("/")[2] in url] == [link]
    assert link.rpartition("/")[2] not in other.content()
    assert other.complaints == []


def test_when_the_link_is_opened_in_another_browser_then_it_names_the_address_and_a_click_signs_that_one_in(
    page, other, world
):
    link = asked(page, world, DORA)["links"][0]

    other.goto(link)
    expect(other.get_by_role("main")).to_contain_text("d•••@example.com")
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url(f"{world.base_url}/")

    assert is_signed_in(other)
    assert not is_signed_in(page)
    page.goto(link)
    expect(page.get_by_text("This link no longer works")).to_be_visible()


def test_when_the_code_is_pasted_then_the_page_goes_on_by_itself(page, world):
    mail = asked(page, world, EMIL)
    expect(page.get_by_role("main")).to_contain_text("e•••@example.com")
    expect(page.get_by_role("main")).to_contain_text("You can send again in 0:")

    page.get_by_label("6-digit code").focus()
    page.keyboard.insert_text(f" {mail['code'][:3]} {mail['code'][3:]}")
    page.wait_for_url(f"{world.base_url}/")

    assert is_signed_in(page)
    assert page.complaints == []


def test_when_the_code_is_mistyped_then_the_page_says_how_many_tries_are_left(page, other, world):
    mail = asked(page, world, EMIL)
    ask_for_link(other, STRANGER)

    for one in (page, other):
        one.get_by_label("6-digit code").fill("000000" if mail["code"] != "000000" else "000001")
        one.wait_for_url("**/login/sent?problem=code*")
        expect(one.get_by_role("alert")).to_contain_text("You have 4 tries left")

    other.get_by_label("6-digit code").fill(mail["code"])
    expect(other.get_by_role("alert")).to_contain_text("You have 3 tries left")
    assert not is_signed_in(other)


def test_when_an_unknown_address_asks_then_page_and_wait_are_the_same_and_the_mail_helps(page, world):
    mail = asked(page, world, STRANGER)

    expect(page.get_by_role("main")).to_contain_text("s•••@example.org")
    assert (mail["code"], mail["links"]) == ("", [f"{world.base_url}/login"])
    assert "no purchases" in mail["text"]


def test_when_gus_comes_in_then_he_chooses_an_account_and_switches_from_the_menu(page, world):
    link = asked(page, world, GUS)["links"][0]
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/login/account")

    expect(page.get_by_role("heading", level=1)).to_have_text("Choose an account")
    opens = page.get_by_role("button", name="Open")
    expect(opens).to_have_count(2)
    opens.first.click()
    page.wait_for_url(f"{world.base_url}/")
    page.goto("/login/account")

    expect(page.get_by_text("Open now")).to_be_visible()
    expect(page.get_by_role("button", name="Open")).to_have_count(1)
    assert page.complaints == []


def test_when_the_owner_wanted_the_settings_then_signing_in_leads_there_and_out_again(page, world):
    page.goto("/admin/settings")
    page.wait_for_url("**/admin/login?next=*")
    before = len(world.mails(OWNER))
    page.get_by_label("Email").fill(OWNER)
    page.get_by_role("button", name="Email me a sign-in link").click()
    page.wait_for_url("**/admin/login/sent")

    page.goto(world.next_mail(OWNER, ".", before)["links"][0])
    page.get_by_role("button", name="Sign in").click()

    page.wait_for_url("**/admin/settings")


def test_given_a_session_when_the_sign_in_is_opened_then_it_says_so(browser: Browser, world):
    with a_page(browser, world.base_url) as page:
        sign_in_by_mail(page, world, DORA)

        page.goto("/login")

        expect(page.get_by_text("You are signed in already")).to_be_visible()
        page.get_by_role("link", name="Continue").click()
        page.wait_for_url(f"{world.base_url}/")
