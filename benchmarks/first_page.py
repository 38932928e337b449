"""The first page against a hand-written static one, on Slow-4G with a CPU four times slower."""

import http.server
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import brotli
from playwright.sync_api import Browser, Page, Response

from benchmarks.figure import Figure, limit_figure, ratio_figure
from tests.journeys.browser import PHONE, a_browser, a_page
from tests.journeys.looking import settle
from tests.journeys.people import ADA, People
from tests.journeys.world import a_running_demo

ROUNDS = 7
PAGE_LIMIT, CSS_LIMIT, FONT_LIMIT = 175, 15, 75  # kB of 1,000 bytes, as sent
AT_MOST = 1.15
_SLOW_4G = {"offline": False, "latency": 562, "downloadThroughput": 183_750, "uploadThroughput": 91_875}
_WATCH_PAINT = """
window.__lcp = 0;
new PerformanceObserver((list) => { for (const e of list.getEntries()) window.__lcp = e.startTime; })
  .observe({type: "largest-contentful-paint", buffered: true});
"""
_STATIC = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Static</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/style.css"></head>
<body><main><h1>Sign in</h1><p>Manage your subscriptions and invoices.</p>
<form><label>Email <input type="email"></label><button>Email me a sign-in link</button></form></main></body></html>"""


@dataclass(frozen=True)
class Weight:
    """What a first visit to a page transfers, in bytes of bodies as they were sent.

    `sheets` are fetched beside the page; `styles` come inside it and are compressed alone to be told apart.
    """

    html: int = 0
    js: int = 0
    sheets: int = 0
    font: int = 0
    styles: int = 0
    uncompressed: tuple[str, ...] = ()

    @property
    def css(self) -> int:
        """Styles, wherever they come from."""
        return self.sheets + self.styles

    @property
    def page(self) -> int:
        """Everything that the budget of a page counts; the font never blocks and stands apart."""
        return self.html + self.js + self.sheets


def measure() -> list[Figure]:
    """Weight of the sign-in page and the signed-in home, and the paint of both against a static page."""
    with tempfile.TemporaryDirectory() as folder, a_browser() as browser:
        data = Path(folder)
        with a_running_demo(data / "data", log=data / "log") as world, _static_site() as static_url:
            visits = {"/login": None, "/": People(world, browser).storage(ADA)}
            weights = [
                figure
                for path, storage in visits.items()
                for figure in _weights(path, weigh(browser, world.base_url, path, storage))
            ]
            paints = [
                figure
                for path, storage in visits.items()
                for figure in _paints(browser, world.base_url, static_url, path, storage)
            ]
            return weights + paints


def weigh(browser: Browser, base_url: str, path: str, storage: dict | None) -> Weight:
    """Open a page in a browser that has nothing of it yet; Chromium asks localhost for brotli as it asks https."""
    kinds = {"document": "html", "script": "js", "stylesheet": "sheets", "font": "font"}
    heard: list[Response] = []
    with a_page(browser, base_url, width=PHONE, storage_state=storage) as page:
        # Playwright notes something on a handler, which a builtin method does not let it do.
        page.on("response", lambda response: heard.append(response))  # noqa: PLW0108
        page.goto(path)
        settle(page)
        page.wait_for_load_state("networkidle")
        sizes = dict.fromkeys(kinds.values(), 0)
        for response in heard:
            if name := kinds.get(response.request.resource_type):
                sizes[name] += response.request.sizes()["responseBodySize"]
        plain = [one.url for one in heard if one.request.resource_type == "script" and not _is_brotli(one)]
        inside = page.evaluate("[...document.querySelectorAll('head > style')].map((one) => one.textContent).join('')")
        return Weight(**sizes, styles=len(brotli.compress(inside.encode())), uncompressed=tuple(plain))


def _is_brotli(response: Response) -> bool:
    return response.headers.get("content-encoding") == "br"


def _weights(path: str, weight: Weight) -> list[Figure]:
    return [
        limit_figure(f"{path} HTML + JS + CSS as sent (brotli)", weight.page / 1000, PAGE_LIMIT, "kB"),
        limit_figure(f"{path} CSS as sent (brotli)", weight.css / 1000, CSS_LIMIT, "kB"),
        limit_figure(f"{path} font", weight.font / 1000, FONT_LIMIT, "kB"),
    ]


def _paints(browser: Browser, base_url: str, static_url: str, path: str, storage: dict | None) -> list[Figure]:
    ours, beside = [], []
    for _ in range(ROUNDS):  # by turns, so that a noisy minute troubles both
        ours.append(_paint(browser, base_url, path, storage))
        beside.append(_paint(browser, static_url, "/", None))
    return [
        ratio_figure(f"{path} {name} against a static page", _middle(ours, at), _middle(beside, at), AT_MOST, "ms")
        for at, name in ((0, "FCP"), (1, "LCP"))
    ]


def _middle(pairs: list[tuple[float, float]], at: int) -> float:
    return median(pair[at] for pair in pairs)


def _paint(browser: Browser, base_url: str, path: str, storage: dict | None) -> tuple[float, float]:
    with a_page(browser, base_url, width=PHONE, storage_state=storage) as page:
        _slow_down(page)
        page.add_init_script(_WATCH_PAINT)
        page.goto(path, wait_until="load")
        settle(page)
        page.wait_for_timeout(500)  # the largest paint may follow the last row
        first = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        return first, page.evaluate("window.__lcp")


def _slow_down(page: Page) -> None:
    control = page.context.new_cdp_session(page)
    control.send("Network.enable")
    control.send("Network.emulateNetworkConditions", _SLOW_4G)
    control.send("Emulation.setCPUThrottlingRate", {"rate": 4})


@contextmanager
def _static_site() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "index.html").write_text(_STATIC, encoding="utf-8")
        (Path(folder) / "style.css").write_text("body{font:16px system-ui;margin:2rem}", encoding="utf-8")

        class Quiet(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments) -> None:
                super().__init__(*arguments, directory=folder)

            def log_message(self, *_arguments) -> None:
                """Nothing: the table is the output."""

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()
