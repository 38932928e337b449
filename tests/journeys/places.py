"""Every page in every state worth looking at, with the person of the sample shop who has it."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.journeys.people import ADA, BEA, CARL, DORA, EMIL, FINN, GUS, HANA, OWNER, VIEWER, ask_for_link
from tests.journeys.world import World

Way = Callable[[Page, World], None]


@dataclass(frozen=True)
class Place:
    """A page as somebody sees it; `way` leads there once the browser is theirs."""

    name: str
    who: str
    way: Way
    status: int = 200

    def open(self, page: Page, world: World) -> None:
        """Go there."""
        self.way(page, world)


def _at(address: str) -> Way:
    return lambda page, _world: page.goto(address) and None


def _subscription(who: str, rest: str = "", status: str = "") -> Way:
    def go(page: Page, world: World) -> None:
        page.goto(f"/subscriptions/{world.subscription(who, status).id}{rest}")

    return go


def _invoice(who: str, status: str) -> Way:
    def go(page: Page, world: World) -> None:
        page.goto(f"/invoices/{world.invoices(who, status)[0].id}")

    return go


def _then(way: Way, *deeds: Callable[[Page], None]) -> Way:
    def go(page: Page, world: World) -> None:
        way(page, world)
        for deed in deeds:
            deed(page)

    return go


def _press(name: str, kind: str = "button") -> Callable[[Page], None]:
    return lambda page: page.get_by_role(kind, name=name).first.click()


def _type(label: str, text: str) -> Callable[[Page], None]:
    def deed(page: Page) -> None:
        page.get_by_label(label, exact=True).fill(text)
        page.keyboard.press("Tab")

    return deed


def _mailed_link(page: Page, world: World) -> None:
    before = len(world.mails(BEA))
    ask_for_link(page, BEA)
    mail = world.next_mail(BEA, "[Ss]ign", before)
    page.goto(next(link for link in mail["links"] if "/enter/" in link))


def _open_menu(page: Page) -> None:
    page.get_by_role("button", name="Account of").locator("visible=true").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def _wait_for(text: str) -> Callable[[Page], None]:
    return lambda page: expect(page.get_by_text(text).first).to_be_visible()


BEFORE_SIGN_IN = [
    Place("login", "", _at("/login")),
    Place("login-bad-address", "", _at("/login?problem=address")),
    Place("login-too-many", "", _at("/login?problem=too_many&minutes=12")),
    Place("login-ended", "", _at("/login?reason=ended&next=/invoices")),
    Place("login-sent", "", lambda page, _world: ask_for_link(page, CARL)),
    Place("login-sent-nothing", "", _at("/login/sent")),
    Place("enter", "", _mailed_link),
    Place("admin-login", "", _at("/admin/login")),
    Place("not-found", "", _at("/no/such/page"), status=404),
    Place("demo", "", _at("/demo")),
    Place("demo-clock", "", _at("/demo/clock")),
    Place("demo-outbox", "", _at("/demo/outbox")),
]
CUSTOMERS = [
    *[Place(f"home-{who.partition('@')[0]}", who, _at("/")) for who in (ADA, BEA, CARL, DORA, EMIL, FINN, HANA)],
    Place("home-menu", ADA, _then(_at("/"), _open_menu)),
    Place("login-account", GUS, _at("/login/account")),
    Place("subscriptions-ada", ADA, _at("/subscriptions")),
    Place("subscriptions-emil", EMIL, _at("/subscriptions")),
    Place("subscription-ada", ADA, _subscription(ADA)),
    Place("subscription-bea", BEA, _subscription(BEA)),
    Place("subscription-carl", CARL, _subscription(CARL)),
    Place("subscription-dora", DORA, _subscription(DORA)),
    Place("subscription-hana", HANA, _subscription(HANA, status="incomplete")),
    Place("subscription-emil-canceling", EMIL, _subscription(EMIL, status="active")),
    Place("subscription-not-found", ADA, _at("/subscriptions/sub_00000000")),
    Place("cancel-effect", ADA, _subscription(ADA, "/cancel")),
    Place("cancel-reason", ADA, _then(_subscription(ADA, "/cancel"), _press("Continue"), _wait_for("Why are you"))),
    Place("cancel-confirm", ADA, _then(_subscription(ADA, "/cancel"), _press("Just cancel"), _wait_for("Last day"))),
    Place("cancel-refused", CARL, _subscription(CARL, "/cancel")),
    Place("cancel-past-due", BEA, _subscription(BEA, "/cancel")),
    Place("cancel-done", EMIL, _subscription(EMIL, "/cancel", status="active")),
    Place("invoices-ada", ADA, _at("/invoices")),
    Place("invoices-bea", BEA, _at("/invoices")),
    Place("invoices-finn", FINN, _at("/invoices")),
    Place("invoices-nothing-found", ADA, _then(_at("/invoices"), _type("Search", "nothing like it"))),
    Place("invoice-ada", ADA, _invoice(ADA, "paid")),
    Place("invoice-bea", BEA, _invoice(BEA, "open")),
    Place("invoice-finn", FINN, _invoice(FINN, "open")),
    Place("invoice-emil", EMIL, _invoice(EMIL, "paid")),
    Place("invoice-not-found", ADA, _at("/invoices/in_00000000")),
    Place("payment-methods-ada", ADA, _at("/payment-methods")),
    Place("payment-methods-bea", BEA, _at("/payment-methods")),
]
MERCHANT = [
    Place("admin", OWNER, _at("/admin")),
    Place("settings", OWNER, _at("/admin/settings")),
    Place("settings-changed", OWNER, _then(_at("/admin/settings"), _type("Business name", "Linnet & Söhne"))),
    Place("settings-wrong", OWNER, _then(_at("/admin/settings"), _type("Support address", "no address"))),
    Place("settings-viewer", VIEWER, _at("/admin/settings")),
]
PLACES = [*BEFORE_SIGN_IN, *CUSTOMERS, *MERCHANT]
