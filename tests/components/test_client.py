"""Dialogs, notices, focus, theme, language, copying and codes, as a visitor meets them in a browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from portal_app.components.i18n import _HEAD
from tests.components.bench import bundle, needs_packages
from tests.journeys.browser import a_browser

ENTRY = """
import { createElement as h, useState } from "react";
import { createRoot } from "react-dom/client";
import { MemoryRouter, Link, Routes, Route } from "react-router";
import * as kit from "portal/client";
import { useWords } from "portal/i18n";
import { Colors } from "portal/context";

window.told = [];
const tell = (...what) => window.told.push(what);

function Page({ title, other }) {
  const say = useWords();
  const [open, setOpen] = useState(false);
  const [notice, setNotice] = useState({ text: "", number: 0, tone: "done" });
  const show = (text, tone) => setNotice({ text, tone, number: notice.number + 1 });
  return h("main", null,
    h(kit.PageFocus, { title }),
    h("h1", { tabIndex: -1 }, title),
    h(Link, { to: other }, "Other page"),
    h("p", { id: "said" }, say("Invoices"), " ", say.n("{n} invoice", "{n} invoices", { n: 1200 })),
    h("p", { id: "rich" }, say.rich("Write to {address} and we will help.", { address: h("b", null, "a@b.c") })),
    h("button", { onClick: () => setOpen(true) }, "Remove card"),
    h(kit.Dialog, { open, onClose: () => setOpen(false), className: "dialog" },
      h("button", null, "Really"), h("button", { "data-safe": "", onClick: () => setOpen(false) }, "Keep card")),
    h("button", { onClick: () => show("Card removed", "done") }, "Say"),
    h("button", { onClick: () => show("Refused", "error") }, "Refuse"),
    h(kit.Notice, { ...notice, closeLabel: "Close", onDismiss: () => setNotice({ ...notice, text: "" }) }, "x"),
    h(kit.ThemeChoice, { label: "Theme", name: "theme", options: [["system", "System"], ["dark", "Dark"]] }),
    h(kit.LanguageChoice, { label: "Language", name: "language", options: [["en", "English"], ["de", "Deutsch"]],
                            onChoose: (locale) => tell("locale", locale) }),
    h(kit.CopyButton, { value: "https://a.example", label: "Copy", doneLabel: "Copied", name: "Copy link" }),
    h("form", { onSubmit: (event) => { event.preventDefault(); tell("code", event.target.code.value); } },
      h("input", { id: "code", name: "code", "aria-label": "Code" })),
    h(kit.SendWhenComplete, { field: "code", length: 6 }),
    h(kit.WaitThen, { seconds: 2, waiting: "Again in {time}" }, h("button", null, "Send again")));
}

createRoot(document.getElementById("root")).render(h(Colors, null, h(MemoryRouter, null, h(Routes, null,
  h(Route, { path: "/", element: h(Page, { title: "First", other: "/two" }) }),
  h(Route, { path: "/two", element: h(Page, { title: "Second", other: "/" }) })))));
"""
GERMAN = {
    "Invoices": "Rechnungen",
    "{n} invoice": {"one": "{n} Rechnung", "other": "{n} Rechnungen"},
    "Write to {address} and we will help.": "Wir helfen: {address}",
}
HTML = """<!doctype html><html lang="en"><head><title>-</title><script>{head}</script>
<style>html[data-waiting] body {{ visibility: hidden }}</style></head>
<body><div id="root"></div><script src="/bundle.js"></script></body></html>"""


@pytest.fixture(scope="module")
def script(tmp_path_factory) -> str:
    needs_packages()
    return bundle(tmp_path_factory.mktemp("bench"), ENTRY)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as opened:
        yield opened


def opened(browser: Browser, script: str, *, locale: str = "en-GB", path: str = "/", german: object = GERMAN) -> Page:
    context = browser.new_context(locale=locale, base_url="https://portal.test")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    html = HTML.format(head=_HEAD % '{"en":"","de":"/i18n/de.json"}')
    page.route("**/i18n/de.json", lambda route: route.fulfill(json=german) if german else route.abort())
    page.route("**/bundle.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    page.route("https://portal.test/*", lambda route: route.fallback())
    page.route("https://portal.test/", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.route("https://portal.test/?*", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(path)
    return page


def test_when_a_dialog_opens_then_the_safe_button_has_the_focus_and_escape_gives_it_back(browser, script):
    page = opened(browser, script)

    page.get_by_role("button", name="Remove card").click()
    expect(page.get_by_role("button", name="Keep card")).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Remove card")).to_be_focused()


def test_when_another_page_opens_then_its_heading_has_the_focus_and_the_document_its_title(browser, script):
    page = opened(browser, script)
    expect(page).to_have_title("First")

    page.get_by_role("link", name="Other page").click()

    expect(page.get_by_role("heading", name="Second")).to_be_focused()
    expect(page).to_have_title("Second")


def test_when_a_result_is_said_then_it_goes_by_itself_but_not_under_the_pointer(browser, script):
    page = opened(browser, script)
    page.clock.install()

    page.get_by_role("button", name="Say").click()
    expect(page.get_by_role("status")).to_contain_text("Card removed")
    page.get_by_text("Card removed").hover()
    page.clock.run_for(20_000)
    expect(page.get_by_text("Card removed")).to_be_visible()
    page.get_by_role("heading").hover()
    page.clock.run_for(9_000)

    expect(page.get_by_text("Card removed")).to_have_count(0)


def test_when_something_is_refused_then_the_sentence_stays_until_it_is_closed(browser, script):
    page = opened(browser, script)
    page.clock.install()

    page.get_by_role("button", name="Refuse").click()
    page.clock.run_for(60_000)
    expect(page.get_by_role("alert")).to_contain_text("Refused")
    page.get_by_role("button", name="Close").click()

    expect(page.get_by_text("Refused", exact=True)).to_have_count(0)


def test_when_german_is_chosen_then_the_open_page_speaks_it_and_remembers(browser, script):
    page = opened(browser, script)
    expect(page.locator("#said")).to_have_text("Invoices 1,200 invoices")

    page.get_by_label("Deutsch").click()

    expect(page.locator("#said")).to_have_text("Rechnungen 1.200 Rechnungen")
    expect(page.locator("#rich")).to_have_text("Wir helfen: a@b.c")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    assert {"locale": "de"}.items() <= {c["name"]: c["value"] for c in page.context.cookies()}.items()
    assert page.evaluate("window.told") == [["locale", "de"]]


def test_given_a_german_browser_when_the_page_opens_then_no_english_is_ever_shown(browser, script):
    page = opened(browser, script, locale="de-AT")

    expect(page.locator("#said")).to_have_text("Rechnungen 1.200 Rechnungen")

    expect(page.locator("body")).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.waiting") is None


@pytest.mark.parametrize(("path", "said"), [("/?locale=de", "Rechnungen"), ("/?locale=xx", "Invoices")])
def test_given_a_language_in_the_address_then_it_wins_where_there_is_a_catalogue(browser, script, path, said):
    page = opened(browser, script, path=path)

    expect(page.locator("#said")).to_contain_text(said)


def test_given_the_german_texts_cannot_be_fetched_then_the_page_speaks_english(browser, script):
    page = opened(browser, script, locale="de-DE", german=None)

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#said")).to_have_text("Invoices 1,200 invoices")
    expect(page.locator("body")).to_be_visible()


def test_when_dark_is_chosen_then_the_document_says_so(browser, script):
    page = opened(browser, script)

    page.get_by_label("Dark").check()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_label("System").check()

    assert page.evaluate("document.documentElement.dataset.theme") is None


def test_when_a_link_is_copied_then_the_button_says_so_and_the_clipboard_has_it(browser, script):
    page = opened(browser, script)

    page.get_by_role("button", name="Copy link").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "https://a.example"


def test_when_the_sixth_digit_is_typed_then_the_code_is_sent_without_what_is_no_digit(browser, script):
    page = opened(browser, script)

    page.get_by_label("Code").press_sequentially("12 34-56")

    assert page.evaluate("window.told") == [["code", "123456"]]


def test_given_a_wait_then_what_it_waits_for_is_not_there_before_its_end(browser, script):
    page = opened(browser, script)
    expect(page.get_by_text("Again in 0:02")).to_be_visible()
    expect(page.get_by_role("button", name="Send again")).to_have_count(0)

    expect(page.get_by_role("button", name="Send again")).to_be_visible()
