"""What is asked of every page: by axe, by a thumb, by a narrow screen, by a reader and by the Tab key."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.browser import PHONE

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RULES = {"runOnly": {"type": "tag", "values": _TAGS}, "iframes": False}
_PROBE = (Path(__file__).parent / "probe.js").read_text(encoding="utf-8")
_TARGET, _THUMB = 24, 44
# What a reader may set by WCAG 1.4.4 and 1.4.12 without anything being lost.
LARGE_TEXT = "html { font-size: 200% }"
SPACED_TEXT = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-bottom: 2em !important }"""


def settle(page: Page) -> None:
    """Wait until the page says what it has to say: its heading stands, nothing loads any more, the font is there."""
    expect(page.get_by_role("heading", level=1)).not_to_be_empty()
    expect(page.locator("[aria-busy=true], .skeleton")).to_have_count(0)
    page.evaluate("document.fonts.ready")


def violations(page: Page) -> list[str]:
    """What axe finds, the whole page in view, so that bars that stay cover nothing."""
    before = page.viewport_size
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": before["width"], "height": max(before["height"], height)})
    try:
        found = Axe().run(page, options=_RULES).response["violations"]
    finally:
        page.set_viewport_size(before)
    return [f"{one['id']}: {node['html'][:160]} {_why(node)}" for one in found for node in one["nodes"][:3]]


def _why(node: dict) -> str:
    return next((check["message"] for kind in ("any", "all", "none") for check in node[kind]), "")


def small_controls(page: Page) -> list[str]:
    """Controls that are too small to hit: 24 px anywhere, 44 px for what a thumb presses on a phone."""
    width = page.viewport_size["width"]
    return _ask(page, "small", _TARGET, _THUMB if width <= PHONE else _TARGET)


def spills(page: Page, width: int, style: str = "") -> list[str]:
    """What makes the page scroll sideways at a width, under a reader's own style; the page is as before afterwards."""
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": before["height"]})
    _wear(page, style)
    try:
        return _ask(page, "spills")
    finally:
        _wear(page, "")
        page.set_viewport_size(before)


def _wear(page: Page, style: str) -> None:
    # A sheet made by script: the content policy of the pages would refuse an element.
    page.evaluate(
        "css => { const own = new CSSStyleSheet(); own.replaceSync(css); document.adoptedStyleSheets = [own]; }", style
    )


def cut_texts(page: Page) -> list[str]:
    """Texts that their boxes cut off."""
    return _ask(page, "cut")


def visible_titles(page: Page) -> list[str]:
    """Every heading of the first level that can be seen."""
    return _ask(page, "headings")


def walk(page: Page) -> tuple[set[str], list[str]]:
    """Press Tab from the top of the page until it leaves; what was never reached, and what was wrong at a stop."""
    _ask(page, "fromTheTop")
    everything, reached, wrong = _ask(page, "names"), set(), []
    for _stop in range(len(everything) + 2):
        page.keyboard.press("Tab")
        focus = _ask(page, "focus")
        if focus is None or focus["at"] in reached:
            break
        reached.add(focus["at"])
        wrong += focus["wrong"]
    return {name for at, name in enumerate(everything) if at not in reached}, wrong


def _ask(page: Page, question: str, *arguments: int):
    if not page.evaluate("'probe' in window"):
        page.evaluate(_PROBE)
    return page.evaluate("([question, given]) => window.probe[question](...given)", [question, list(arguments)])
