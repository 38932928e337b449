"""Every page in every state can be seen, read and pressed by everybody: WCAG 2.2 AA and what axe cannot see."""

import re
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import looking
from tests.journeys.browser import PHONE
from tests.journeys.merchant import publish
from tests.journeys.modes import looks
from tests.journeys.people import ADA, OWNER
from tests.journeys.places import PLACES

LOOKS = looks(PLACES)
NARROW = 320
FEATURES = ("Cancel subscriptions", "Invoices", "Payment methods", "Billing details")
LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff Donaudampfschifffahrtsgesellschaft mbH"


@pytest.fixture(scope="module")
def titles() -> dict[str, str]:
    """Which page has said a title first."""
    return {}


def faults(page: Page, titles: dict[str, str], allowed: str = "no complaint is allowed") -> str:
    """Everything that is wrong with the page as it stands, a line each; nothing when nothing is."""
    looking.settle(page)
    path = re.sub(r"(sub|in)_\w+", "…", urlsplit(page.url).path)
    headings, lang = looking.visible_titles(page), page.locator("html").get_attribute("lang")
    found = {
        "axe": looking.violations(page),
        "small": looking.small_controls(page),
        "cut": looking.cut_texts(page),
        "sideways at 320": looking.spills(page, NARROW),
        "sideways with spaced text": looking.spills(page, NARROW, looking.SPACED_TEXT),
        "sideways with large text": looking.spills(page, PHONE, looking.LARGE_TEXT),
        "headings": [] if len(headings) == 1 else headings,
        "language": [] if lang == "en" else [str(lang)],
        "title of another page": [page.title()] if titles.setdefault(page.title(), path) != path else [],
        "console": [said for said in page.complaints if allowed not in said],
    }
    return "\n".join(f"{what}: {one}" for what, wrong in found.items() for one in wrong)


@pytest.mark.parametrize(("place", "mode"), LOOKS, ids=[f"{place.name}-{mode}" for place, mode in LOOKS])
def test_every_page_is_accessible(place, mode, world, people, titles):
    with people.page(place.who, width=mode.width, scheme=mode.scheme) as page:
        place.open(page, world)

        wrong = faults(page, titles, f"status of {place.status}")

    assert wrong == ""


@pytest.fixture(scope="module")
def newcomer(world):
    """A customer who has bought nothing and has a long name."""
    email = "newcomer@example.com"
    world.add_customer(email, name=LONG_NAME)
    return email


@pytest.mark.parametrize("address", ["/", "/subscriptions", "/invoices", "/payment-methods"])
def test_given_nothing_bought_yet_then_every_page_is_accessible(address, newcomer, world, people, titles):
    with people.page(newcomer, width=NARROW) as page:
        page.goto(address)

        wrong = faults(page, titles)

    assert wrong == ""


@pytest.fixture
def nothing_offered(people):
    """A merchant who has switched everything off."""
    with people.page(OWNER) as page:
        publish(page, dict.fromkeys(FEATURES, False))
        yield
        publish(page, dict.fromkeys(FEATURES, True))


@pytest.mark.usefixtures("nothing_offered")
def test_given_everything_switched_off_then_every_page_is_accessible(people, titles):
    wrong = {}
    with people.page(ADA, scheme="dark") as page:
        for address in ("/", "/subscriptions", "/invoices", "/payment-methods"):
            page.goto(address)
            wrong[address] = faults(page, titles)

    assert set(wrong.values()) == {""}, wrong


@contextmanager
def a_lost_table(world, name: str):
    """The portal's database misses a table meanwhile: every read of it fails."""
    with closing(world.database()) as database:
        database.execute(f"alter table {name} rename to lost")
        try:
            yield
        finally:
            database.execute(f"alter table lost rename to {name}")


def test_given_a_page_that_cannot_be_loaded_then_it_says_so_and_is_accessible(world, people, titles):
    with people.page(ADA) as page:
        with a_lost_table(world, "payment_method"):
            page.goto("/payment-methods")
            expect(page.get_by_role("button", name="Try again")).to_be_visible()

            wrong = faults(page, titles)

        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_text("Visa ending 4242").first).to_be_visible()

    assert wrong == ""


def test_given_no_connection_then_the_page_says_so_and_is_accessible(people, titles):
    sockets = []
    with people.page(ADA) as page:
        page.route_web_socket("**/_event/**", lambda socket: sockets.append((socket, socket.connect_to_server())))
        page.goto("/")
        looking.settle(page)
        page.context.set_offline(True)
        sockets[0][0].close()
        expect(page.get_by_text("Reconnecting")).to_be_visible()

        wrong = faults(page, titles, "net::ERR_INTERNET_DISCONNECTED")

        page.context.set_offline(False)
        expect(page.get_by_text("Reconnecting")).to_have_count(0)

    assert wrong == ""
