"""Fields that report what is typed: a slow server takes no keystroke away, and what it knows better wins."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.components.bench import COMPONENTS, bundle, needs_packages
from tests.journeys.browser import a_browser

ENTRY = """
import { createElement as h, useState } from "react";
import { createRoot } from "react-dom/client";
import { DraftInput, LeaveGuard, PictureUpload } from "%s/settings.js";

window.told = [];

function Page() {
  const [value, setValue] = useState("Linnet");
  const [delay, setDelay] = useState(400);
  window.publish = setValue;
  window.answersAfter = setDelay;
  const draft = (typed) => {
    window.told.push(typed);
    setTimeout(() => setValue(typed), delay);
  };
  const submit = (event) => { event.preventDefault(); window.told.push("submit"); };
  return h("form", { onSubmit: submit },
    h("label", { htmlFor: "name" }, "Name"),
    h(DraftInput, { id: "name", name: "name", type: "text", value, onDraft: draft,
                    onLeave: () => window.told.push("left") }),
    h("output", null, value),
    h(LeaveGuard, { active: value !== "Linnet" }),
    h(PictureUpload, { id: "logo", address: "/admin/pictures", accept: "image/png", limit: 1000,
      words: { name: "Choose a file: Logo", choose: "Choose a file", busy: "Uploading", tooLarge: "Too large",
               failed: "Did not arrive" },
      onChosen: (id) => window.told.push(id) }),
    h("button", null, "Publish"));
}

createRoot(document.getElementById("root")).render(h(Page));
"""
HTML = """<!doctype html><html lang="en"><head><title>-</title></head>
<body><div id="root"></div><script src="/bundle.js"></script></body></html>"""


@pytest.fixture(scope="module")
def script(tmp_path_factory) -> str:
    needs_packages()
    return bundle(tmp_path_factory.mktemp("bench"), ENTRY % COMPONENTS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as opened:
        yield opened


@pytest.fixture
def page(browser, script) -> Iterator[Page]:
    context = browser.new_context(base_url="https://portal.test")
    opened = context.new_page()
    opened.route("https://portal.test/", lambda route: route.fulfill(body=HTML, content_type="text/html"))
    opened.route("**/bundle.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    opened.clock.install()
    opened.goto("/")
    yield opened
    context.close()


def told(page: Page) -> list[str]:
    return page.evaluate("window.told")


def test_when_somebody_types_then_one_report_follows_the_last_keystroke(page):
    page.clock.pause_at("2040-01-01")
    page.get_by_label("Name").press("End")
    page.get_by_label("Name").press_sequentially(" GmbH")
    page.clock.run_for(299)
    assert told(page) == []

    page.clock.run_for(2)

    assert told(page) == ["Linnet GmbH"]


def test_given_a_slow_server_when_typing_goes_on_then_its_late_echo_takes_nothing_away(page):
    page.clock.pause_at("2040-01-01")
    field = page.get_by_label("Name")
    field.fill("A")
    page.clock.run_for(301)
    field.press("End")
    field.press_sequentially("B")
    page.clock.run_for(301)
    field.press_sequentially("C")

    page.clock.run_for(150)
    expect(page.locator("output")).to_have_text("A")
    expect(field).to_have_value("ABC")
    page.clock.run_for(2_000)

    expect(page.locator("output")).to_have_text("ABC")
    expect(field).to_have_value("ABC")
    assert told(page) == ["A", "AB", "ABC"]


def test_when_the_server_knows_better_then_its_value_replaces_what_stands_there(page):
    field = page.get_by_label("Name")
    field.fill("Mine")
    page.clock.run_for(1_000)

    page.evaluate("window.publish('Theirs')")
    expect(field).to_have_value("Theirs")
    page.evaluate("window.publish('Mine')")

    expect(field).to_have_value("Mine")


def test_when_a_change_is_typed_back_before_the_pause_is_over_then_nothing_is_reported(page):
    field = page.get_by_label("Name")
    field.fill("Other")
    field.fill("Linnet")

    page.clock.run_for(1_000)

    assert told(page) == []


def test_when_a_field_is_left_then_its_text_is_reported_before_the_leaving(page):
    page.get_by_label("Name").fill("Sparrow")

    page.get_by_role("button", name="Publish").click()

    assert told(page) == ["Sparrow", "left", "submit"]


def test_when_enter_is_pressed_then_the_text_is_reported_before_the_form_is_sent(page):
    field = page.get_by_label("Name")
    field.fill("Sparrow")

    field.press("Enter")

    assert told(page) == ["Sparrow", "submit"]


def test_when_something_is_not_published_then_the_browser_asks_before_the_page_is_left(page):
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_label("Name").fill("Sparrow")
    page.clock.run_for(1_000)
    expect(page.locator("output")).to_have_text("Sparrow")

    page.reload()

    assert asked == ["beforeunload"]


def choose(page: Page, size: int) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a file: Logo").click()
    chooser.value.set_files({"name": "logo.png", "mimeType": "image/png", "buffer": bytes(size)})


def test_when_a_logo_is_chosen_then_it_is_sent_and_its_id_handed_on(page):
    sent = []

    def answer(route):
        sent.append((route.request.method, route.request.headers["content-type"]))
        route.fulfill(status=201, json={"id": "abc"})

    page.route("**/admin/pictures", answer)
    choose(page, 10)

    page.wait_for_function("() => window.told.includes('abc')")
    [(method, kind)] = sent
    assert method == "POST"
    assert kind.startswith("multipart/form-data")


def test_when_a_logo_is_refused_then_the_servers_sentence_stands_below(page):
    page.route("**/admin/pictures", lambda route: route.fulfill(status=415, json={"message": "SVG is not taken"}))

    choose(page, 10)

    expect(page.get_by_role("alert")).to_have_text("SVG is not taken")
    expect(page.get_by_role("button", name="Choose a file: Logo")).to_be_enabled()


def test_when_a_logo_is_too_large_then_it_is_not_even_sent(page):
    sent = []
    page.route("**/admin/pictures", lambda route: (sent.append(1), route.abort()))

    choose(page, 1_001)

    expect(page.get_by_role("alert")).to_have_text("Too large")
    assert sent == []


def test_when_the_connection_breaks_then_the_page_says_so_and_the_same_file_can_be_chosen_again(page):
    page.route("**/admin/pictures", lambda route: route.abort())
    choose(page, 10)
    expect(page.get_by_role("alert")).to_have_text("Did not arrive")
    page.unroute("**/admin/pictures")
    page.route("**/admin/pictures", lambda route: route.fulfill(status=201, json={"id": "abc"}))

    choose(page, 10)

    page.wait_for_function("() => window.told.includes('abc')")
    expect(page.get_by_role("alert")).to_have_count(0)
