"""Finds a Chromium on the machine and opens pages the way a phone or a desktop would."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

PHONE, DESKTOP = 390, 1280
_HEIGHTS = {PHONE: 844, DESKTOP: 900, 320: 720}
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def find_chromium() -> str | None:
    """The browser named by `PORTAL_CHROMIUM`, the system's, or Playwright's own."""
    if named := os.environ.get("PORTAL_CHROMIUM"):
        return named if Path(named).exists() else None
    if found := shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome"):
        return found
    own = sorted(Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome"))
    return str(own[-1]) if own else None


def require_chromium() -> str:
    """The browser, or a skipped test that says how to get one; a failure where it is required."""
    if found := find_chromium():
        return found
    how = "no Chromium found: install Debian's `chromium` or set PORTAL_CHROMIUM"
    if os.environ.get("PORTAL_REQUIRE_BROWSER") == "1":
        pytest.fail(how)
    pytest.skip(how)


@contextmanager
def a_browser() -> Iterator[Browser]:
    """One headless Chromium."""
    path = require_chromium()
    with sync_playwright() as playwright:
        browser = launch(playwright, path)
        try:
            yield browser
        finally:
            browser.close()


def launch(playwright: Playwright, path: str) -> Browser:
    """Start the browser at `path`; it looks up no host of its own."""
    return playwright.chromium.launch(executable_path=path, headless=True, args=_FLAGS)


@contextmanager
def a_page(
    browser: Browser, base_url: str, *, width: int = DESKTOP, scheme: str = "light", **context
) -> Iterator[Page]:
    """A fresh visitor; what the console or the content policy complains about is kept in `page.complaints`."""
    size = {"width": width, "height": _HEIGHTS.get(width, 900)}
    options = {"viewport": size, "base_url": base_url, "color_scheme": scheme, "locale": "en-GB", "timezone_id": "UTC"}
    is_phone = width <= PHONE  # a finger instead of a mouse: controls are larger
    options |= {"has_touch": is_phone, "is_mobile": is_phone, "reduced_motion": "reduce"}
    opened = browser.new_context(**{**options, **context})
    page = opened.new_page()
    page.set_default_timeout(15_000)
    page.complaints = []
    page.on("console", lambda message: message.type in ("error", "warning") and page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    try:
        yield page
    finally:
        opened.close()
