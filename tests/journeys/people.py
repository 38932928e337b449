"""Signing in: by the mailed link as a person would, or by the demo's one click where the way in is not the story."""

from contextlib import AbstractContextManager

from playwright.sync_api import Browser, Page, expect

from tests.journeys.browser import a_page
from tests.journeys.world import World

ADA, BEA, CARL, DORA, EMIL, FINN, GUS, HANA = (
    f"{name}@example.com" for name in ("ada", "bea", "carl", "dora", "emil", "finn", "gus", "hana")
)
OWNER, VIEWER = "owner@example.com", "viewer@example.com"


def ask_for_link(page: Page, email: str) -> None:
    """Fill in the form of the audience that owns the address."""
    page.goto("/admin/login" if email in (OWNER, VIEWER) else "/login")
    page.get_by_label("Email").fill(email)
    page.get_by_role("button", name="Email me a sign-in link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your mail")


def sign_in_by_mail(page: Page, world: World, email: str) -> None:
    """Ask for a link, open it from the outbox and click its one button."""
    before = len(world.mails(email))
    ask_for_link(page, email)
    mail = world.next_mail(email, "[Ss]ign", before)
    page.goto(next(link for link in mail["links"] if "/enter/" in link))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/enter" not in url and "/login" not in url)


class People:
    """The sample people with a session each, kept as the browser's storage."""

    def __init__(self, world: World, browser: Browser) -> None:
        self._world, self._browser = world, browser
        self._storage: dict[str, dict] = {}

    def storage(self, email: str) -> dict:
        """Cookies of a browser that is signed in; the sign-in happens once a run."""
        if email not in self._storage:
            with a_page(self._browser, self._world.base_url) as page:
                self._enter(page, email)
                self._storage[email] = page.context.storage_state()
        return self._storage[email]

    def _enter(self, page: Page, email: str) -> None:
        page.goto("/demo")
        shortcut = page.get_by_role("button", name=f"Sign in as {email}")
        if shortcut.count() == 0:
            sign_in_by_mail(page, self._world, email)
            return
        shortcut.click()
        page.wait_for_url(lambda url: "/demo" not in url)

    def cookie(self, email: str) -> str:
        """What the session's cookie says, for a client that is no browser."""
        return next(cookie["value"] for cookie in self.storage(email)["cookies"] if cookie["name"] == "portal")

    def page(self, email: str, **options) -> AbstractContextManager[Page]:
        """A page of somebody who is signed in already; nobody's where the address is empty."""
        storage = self.storage(email) if email else None
        return a_page(self._browser, self._world.base_url, storage_state=storage, **options)
