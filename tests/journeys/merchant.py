"""What the merchant does on the settings page."""

from collections.abc import Mapping

from playwright.sync_api import Locator, Page, expect

from tests.journeys.looking import settle


def publish(page: Page, switches: Mapping[str, bool]) -> None:
    """Set what customers can do, by the names on the page, and publish it unless it is so already."""
    page.goto("/admin/settings")
    settle(page)
    wrong = {name: is_on for name, is_on in switches.items() if _switch(page, name).is_checked() != is_on}
    for name, is_on in wrong.items():
        _switch(page, name).click()
        expect(_switch(page, name)).to_be_checked(checked=is_on)
    if wrong:
        publish_changes(page)


def _switch(page: Page, name: str) -> Locator:
    return page.get_by_role("switch", name=name)


def publish_changes(page: Page) -> None:
    """Make what was changed effective."""
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Published. Customers see it now.")).to_be_visible()
