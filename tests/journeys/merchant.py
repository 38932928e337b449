"""What the merchant does on the settings page."""

from collections.abc import Mapping

from playwright.sync_api import Page, expect

from tests.journeys.looking import settle


def publish(page: Page, switches: Mapping[str, bool]) -> None:
    """Set what customers can do, by the names on the page, and publish it."""
    page.goto("/admin/settings")
    settle(page)
    for name, is_on in switches.items():
        switch = page.get_by_role("switch", name=name)
        if switch.is_checked() != is_on:
            switch.click()
            expect(switch).to_be_checked(checked=is_on)
    publish_changes(page)


def publish_changes(page: Page) -> None:
    """Make what was changed effective."""
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Published. Customers see it now.")).to_be_visible()
