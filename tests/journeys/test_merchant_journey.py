"""The merchant's story: what is published changes customers' open pages at once, and binds the server too."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from reflex_base.utils.format import format_event_handler

from portal_app.state.cancellation import CancellationState
from tests.journeys.looking import settle
from tests.journeys.merchant import publish, publish_changes
from tests.journeys.people import ADA, OWNER, VIEWER
from tests.journeys.world import eventually
from tests.security.client import Tab

CONFIRM = format_event_handler(CancellationState.confirm)
REFUSAL = "Canceling is not offered here"
CANCEL = "Cancel subscription"
BRAND_HUE = "getComputedStyle(document.documentElement).getPropertyValue('--brand-h').trim()"


@pytest.fixture
def owner(people):
    """The owner's browser; a story that broke off leaves nothing switched off behind."""
    with people.page(OWNER) as page:
        yield page
        publish(page, {"Cancel subscriptions": True})


@pytest.fixture
def ada(people, world):
    """Ada's subscription, open; it must not be loaded again whatever the merchant does."""
    with people.page(ADA) as page:
        page.goto(f"/subscriptions/{world.subscription(ADA).id}")
        settle(page)
        page.evaluate("window.isTheSamePage = true")
        yield page
        assert page.evaluate("window.isTheSamePage") is True
        assert page.complaints == []


def test_when_canceling_is_switched_off_then_the_button_goes_and_the_server_refuses(owner, ada, world, people):
    button = ada.get_by_role("link", name=CANCEL)
    expect(button).to_be_visible()

    publish(owner, {"Cancel subscriptions": False})

    expect(button).to_have_count(0)
    subscription = world.subscription(ADA)
    changes = world.effects("subscription_changed", subscription.id)
    assert REFUSAL in _confirm_by_hand(world, people.cookie(ADA), subscription.id)
    assert world.effects("subscription_changed", subscription.id) == changes
    assert world.subscription(ADA).cancel_at_period_end is False

    publish(owner, {"Cancel subscriptions": True})

    expect(button).to_be_visible()


def _confirm_by_hand(world, cookie: str, subscription_id: str) -> str:
    """Call the handler behind the last button without any page; what the portal answered."""
    with ThreadPoolExecutor(1) as aside:  # this thread belongs to the browser's event loop
        return aside.submit(asyncio.run, _confirm(world, cookie, subscription_id)).result(60)


async def _confirm(world, cookie: str, subscription_id: str) -> str:
    served = SimpleNamespace(origin=world.base_url)
    tab = Tab(served, cookie, path=f"/subscriptions/{subscription_id}/cancel")
    await tab.open()
    try:
        await tab.loaded()
        heard = len(tab.frames)
        await tab.send(CONFIRM, subscription_id=subscription_id)
        await tab.until(lambda tab: REFUSAL in tab.said(heard), 10)
        return tab.said(heard)
    finally:
        await tab.close()


def test_when_a_logo_and_a_colour_are_published_then_open_pages_wear_them(owner, ada, tmp_path):
    hue = ada.evaluate(BRAND_HUE)
    expect(ada.locator(".rail .logo img")).to_have_count(0)
    owner.goto("/admin/settings")
    settle(owner)

    _choose_logo(owner, tmp_path)
    _type_colour(owner, "#a0307a")
    publish_changes(owner)

    expect(ada.locator(".rail .logo img")).to_be_visible()
    eventually(lambda: ada.evaluate(BRAND_HUE) != hue, what="the new colour")

    owner.get_by_role("button", name="Remove: Logo", exact=True).click()
    _type_colour(owner, "#00747e")
    publish_changes(owner)

    expect(ada.locator(".rail .logo img")).to_have_count(0)
    eventually(lambda: ada.evaluate(BRAND_HUE) == hue, what="the old colour")


def _choose_logo(page: Page, folder) -> None:
    Image.new("RGB", (240, 80), "#a0307a").save(folder / "logo.png")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a file: Logo", exact=True).click()
    chooser.value.set_files(folder / "logo.png")
    expect(page.get_by_alt_text("The logo as it is now").first).to_be_visible()


def _type_colour(page: Page, colour: str) -> None:
    field = page.get_by_label("Colour", exact=True)
    field.fill(colour)
    field.blur()


def test_given_a_read_only_member_when_they_open_the_settings_then_they_can_look_and_not_touch(people, world):
    with people.page(VIEWER) as page:
        page.goto("/admin/settings")
        settle(page)

        expect(page.get_by_text("You can look, but not change")).to_be_visible()
        for control in page.locator("main input, main .btn[type=submit]").locator("visible=true").all():
            expect(control).to_be_disabled()
        expect(page.get_by_role("button", name="Publish", exact=True)).to_have_count(0)

        refused = page.request.post(
            "/admin/pictures",
            headers={"Origin": world.base_url},
            multipart={"picture": {"name": "a.png", "mimeType": "image/png", "buffer": b"x"}},
        )

    assert refused.status == 403
