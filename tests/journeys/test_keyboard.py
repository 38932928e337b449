"""Without a mouse: the Tab key reaches everything and shows where it is, and canceling needs nothing else."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import looking
from tests.journeys.browser import DESKTOP
from tests.journeys.modes import IS_DEEP, looks
from tests.journeys.people import ADA
from tests.journeys.places import PLACES

# One place for each kind of page; the deep run walks over all of them.
KINDS = (
    *("login", "login-sent", "enter", "login-account", "home-ada", "home-bea"),
    *("subscriptions-emil", "subscription-ada", "cancel-effect", "cancel-reason", "cancel-confirm"),
    *("invoices-finn", "invoice-bea", "payment-methods-ada", "admin", "settings-changed", "demo"),
)
WALKS = looks([place for place in PLACES if IS_DEEP or place.name in KINDS])


@pytest.mark.parametrize(("place", "mode"), WALKS, ids=[f"{place.name}-{mode}" for place, mode in WALKS])
def test_the_tab_key_reaches_every_control_and_shows_where_it_is(place, mode, world, people):
    with people.page(place.who, width=mode.width, scheme=mode.scheme) as page:
        place.open(page, world)
        looking.settle(page)

        missed, wrong = looking.walk(page)

    assert (missed, wrong) == (set(), [])


def test_when_the_page_changes_then_its_heading_has_the_focus(people):
    with people.page(ADA, width=DESKTOP) as page:
        page.goto("/")
        looking.settle(page)

        _press_on(page, "Invoices", "Enter")

        expect(page.get_by_role("heading", level=1, name="Invoices")).to_be_focused()


@pytest.fixture
def kept(world):
    """A story that broke off leaves nothing canceled behind."""
    yield
    world.keep(ADA)


@pytest.mark.usefixtures("kept")
def test_canceling_and_undoing_it_need_no_mouse(people, world):
    subscription = world.subscription(ADA)
    with people.page(ADA, width=DESKTOP) as page:
        page.goto(f"/subscriptions/{subscription.id}")
        looking.settle(page)

        _press_on(page, "Cancel subscription", "Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Cancel Pro?")
        _press_on(page, "Continue", "Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Why are you leaving?")
        _press_on(page, "", "Space", kind="radio")
        page.keyboard.press("ArrowDown")
        expect(page.get_by_role("radio").nth(1)).to_be_checked()
        _press_on(page, "Continue", "Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Cancel Pro on")
        _press_on(page, "Cancel subscription", "Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Pro is canceled")

        assert world.subscription(ADA).cancel_at_period_end is True
        _press_on(page, "Undo cancellation", "Enter")
        expect(page.locator("main")).to_contain_text("Active")

    assert world.subscription(ADA).cancel_at_period_end is False


def _press_on(page: Page, name: str, key: str, kind: str = "") -> None:
    """Tab to the control of this name, as far as it takes, and press a key there."""
    for _stop in range(60):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() and _is(focused, name, kind):
            page.keyboard.press(key)
            return
    raise AssertionError(f"the Tab key never came to {name or kind!r}")


def _is(focused, name: str, kind: str) -> bool:
    if kind:
        return focused.get_attribute("type") == kind
    return (focused.get_attribute("aria-label") or focused.inner_text()).strip() == name
