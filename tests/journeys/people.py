"""Signing in by the mailed link, as a person would: ask, read the mail, click."""

from playwright.sync_api import Browser, Page, expect

from tests.journeys.browser import a_page
from tests.journeys.world import World

STAFF = ("owner@example.com", "viewer@example.com")


def ask_for_link(page: Page, email: str) -> None:
    """Fill in the form of the audience that owns the address."""
    page.goto("/admin/login" if email in STAFF else "/login")
    page.get_by_label("Email").fill(email)
    page.get_by_role("button", name="Email me a sign-in link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your mail")


def sign_in(page: Page, world: World, email: str) -> None:
    """Ask for a link, open it from the outbox and click its one button."""
    before = len(world.mails(email))
    ask_for_link(page, email)
    mail = world.next_mail(email, "[Ss]ign", before)
    link = next(link for link in mail["links"] if "/enter/" in link)
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/enter" not in url and "/login" not in url)


class People:
    """The sample people with a session each, kept as the browser's storage."""

    def __init__(self, world: World, browser: Browser) -> None:
        self._world, self._browser = world, browser
        self._storage: dict[str, dict] = {}

    def storage(self, email: str) -> dict:
        """Cookies of a signed-in browser; the sign-in happens once a run."""
        if email not in self._storage:
            with a_page(self._browser, self._world.base_url) as page:
                sign_in(page, self._world, email)
                self._storage[email] = page.context.storage_state()
        return self._storage[email]

    def page(self, email: str, **options):
        """A page of somebody who is signed in already."""
        return a_page(self._browser, self._world.base_url, storage_state=self.storage(email), **options)
