"""A month passes: the new invoice comes to the open list by itself, and its paper says what Stripe says."""

from io import BytesIO

from playwright.sync_api import Page, expect
from pypdf import PdfReader
from stripe import Invoice

from tests.journeys import words
from tests.journeys.looking import settle
from tests.journeys.people import ADA
from tests.journeys.world import eventually


def test_when_a_month_passes_then_the_new_invoice_arrives_and_its_paper_agrees_with_stripe(people, world):
    with people.page(ADA) as page:
        page.goto("/invoices")
        settle(page)
        page.evaluate("window.isTheSamePage = true")
        known = {invoice.id for invoice in world.every_invoice(ADA)}

        _let_a_month_pass(page)

        new = eventually(lambda: _newer(world, known), 30, "a new invoice")
        row = page.get_by_role("row").filter(has_text=new.number)
        expect(row).to_be_visible(timeout=30_000)
        expect(row).to_contain_text(words.money(new.total, new.currency))
        expect(row).to_contain_text("Paid")
        assert page.evaluate("window.isTheSamePage") is True
        paper = _download(page, row.get_by_role("link", name=f"{new.number} as PDF"))
        _expect_figures(paper, new)
        row.get_by_role("link", name=new.number, exact=True).click()
        expect(page.locator("main")).to_contain_text(words.money(new.total, new.currency))
        assert page.complaints == []


def _let_a_month_pass(page: Page) -> None:
    clock = page.context.new_page()
    clock.goto("/demo/clock")
    clock.get_by_role("button", name="31 days").click()
    clock.wait_for_url("**/demo/clock?moved", timeout=120_000)
    clock.close()


def _newer(world, known: set[str]) -> Invoice | None:
    return next((one for one in world.every_invoice(ADA) if one.id not in known and one.status == "paid"), None)


def _download(page: Page, link) -> str:
    """The text of the file behind a link, fetched with this browser's session."""
    answer = page.request.get(link.get_attribute("href"))
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/pdf"
    return "\n".join(sheet.extract_text() for sheet in PdfReader(BytesIO(answer.body())).pages)


def _expect_figures(paper: str, invoice: Invoice) -> None:
    """Every amount of the invoice, to the cent, and whose it is."""
    tax = sum(one.amount for one in invoice.total_taxes or [])
    amounts = [invoice.total, invoice.subtotal, tax, invoice.amount_paid, *(line.amount for line in invoice.lines.data)]
    text = " ".join(paper.split())
    missing = [said for amount in amounts if (said := words.money(amount, invoice.currency)) not in text]
    assert missing == []
    assert invoice.number in text
    assert invoice.customer_name in text
    assert words.day(invoice.created) in text or words.short_day(invoice.created) in text
