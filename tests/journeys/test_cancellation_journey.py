"""Ada's story: a mailed link, the dashboard, canceling, the receipt, and back; a second tab follows by itself."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import words
from tests.journeys.browser import DESKTOP, PHONE, a_page
from tests.journeys.looking import settle
from tests.journeys.people import ADA, sign_in_by_mail

MOST_CLICKS = 4
_COUNT_CLICKS = """addEventListener("click", (event) => {
  if (event.isTrusted && event.detail) sessionStorage.clicks = Number(sessionStorage.clicks || 0) + 1;
}, true)"""


@contextmanager
def an_open_tab(page: Page, address: str) -> Iterator[Page]:
    """A second tab of the same browser that must not be loaded again, whatever happens in the first."""
    tab, visits = page.context.new_page(), []
    tab.goto(address)
    settle(tab)
    tab.on("framenavigated", lambda frame: visits.append(frame.url))
    tab.on("request", lambda request: visits.append(request.url))
    try:
        yield tab
        assert visits == []
    finally:
        tab.close()


@pytest.fixture(params=[PHONE, DESKTOP], ids=lambda width: f"{width} px")
def page(request, world, browser) -> Iterator[Page]:
    """A browser that has never been here; a story that broke off leaves nothing canceled behind."""
    with a_page(browser, world.base_url, width=request.param) as opened:
        opened.context.add_init_script(_COUNT_CLICKS)
        yield opened
    world.keep(ADA)


def test_when_ada_cancels_and_undoes_it_then_every_tab_and_stripe_agree(page, world):
    before = world.subscription(ADA)
    ended, kept = (world.effects(kind, before.id) for kind in ("cancellation_scheduled", "cancellation_undone"))
    ends_at = before["items"].data[0].current_period_end

    sign_in_by_mail(page, world, ADA)
    _expect_dashboard(page, world, before.id)
    with an_open_tab(page, f"/subscriptions/{before.id}") as tab:
        expect(tab.locator("main")).to_contain_text("Active")
        mails = len(world.mails(ADA))

        _cancel(page)

        _expect_receipt(page, ends_at)
        mail = _expect_mail(world, page.locator("main").inner_text(), mails, ends_at)
        expect(tab.locator("main")).to_contain_text(f"Canceling, ends {words.near_day(ends_at)}")
        after = world.stripe.v1.subscriptions.retrieve(before.id)
        assert (after.cancel_at_period_end, after.cancel_at) == (True, ends_at)

        page.goto(next(link for link in mail["links"] if link.endswith(before.id)))
        page.get_by_role("button", name="Keep Pro").click()

        expect(tab.get_by_text("Active", exact=True)).to_be_visible()
        expect(tab.get_by_text("Canceling")).to_have_count(0)
    undone = world.stripe.v1.subscriptions.retrieve(before.id)
    assert (undone.cancel_at_period_end, undone.cancel_at, undone.status) == (False, None, "active")
    assert world.effects("cancellation_scheduled", before.id) == ended + 1
    assert world.effects("cancellation_undone", before.id) == kept + 1
    assert page.complaints == []


def _expect_dashboard(page: Page, world, subscription_id: str) -> None:
    """Amount, day and card are those that Stripe would charge."""
    coming = world.stripe.v1.invoices.create_preview({"subscription": subscription_id})
    customer = world.stripe.v1.customers.retrieve(coming.customer)
    method = world.stripe.v1.payment_methods.retrieve(customer.invoice_settings.default_payment_method)
    paid = world.invoices(ADA, "paid")
    settle(page)
    shown = page.locator("main")
    expect(shown).to_contain_text("Everything is paid")
    expect(shown).to_contain_text(words.amount_due(coming))
    expect(shown).to_contain_text(f"on {words.day(coming.period_end)} from")
    expect(shown).to_contain_text(words.card(method))
    expect(shown).to_contain_text(f"All {len(world.every_invoice(ADA))} invoices")
    for invoice in paid[:3]:
        row = shown.get_by_role("listitem").filter(has_text=invoice.number)
        expect(row).to_contain_text(words.money(invoice.total, invoice.currency))
        expect(row).to_contain_text(words.day(invoice.created))
    page.get_by_text("Why this amount?").click()
    for line in coming.lines.data:
        expect(shown).to_contain_text(words.money(line.amount, line.currency))


def _cancel(page: Page) -> None:
    """From the dashboard to the end, by the shortest way there is."""
    page.evaluate("sessionStorage.clicks = 0")
    page.get_by_role("link", name="Manage subscription").click()
    page.get_by_role("link", name="Cancel subscription").click()
    page.get_by_role("button", name="Just cancel").click()
    page.get_by_role("button", name="Cancel subscription").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pro is canceled")
    assert page.evaluate("Number(sessionStorage.clicks)") <= MOST_CLICKS


def _expect_receipt(page: Page, ends_at: int) -> None:
    shown = page.locator("main")
    expect(shown).to_contain_text(f"It ends on {words.day(ends_at)}")
    expect(shown).to_contain_text("C-20")
    expect(shown).to_contain_text(ADA)


def _expect_mail(world, receipt: str, mails: int, ends_at: int) -> dict:
    mail = world.next_mail(ADA, "Pro is canceled", mails)
    number = mail["subject"].rpartition(" ")[2]
    assert number in receipt
    assert number in mail["text"]
    assert words.day(ends_at) in mail["text"]
    assert words.day(ends_at) in mail["html"]
    return mail
