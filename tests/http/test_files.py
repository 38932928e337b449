"""The PDF of an invoice: made once, for its customer alone."""

import io

import pytest
from pypdf import PdfReader

from portal_app.documents.pool import documents
from portal_app.kit.errors import NotFound
from portal_app.security import sessions
from portal_app.security.visitor import SYSTEM, Visitor
from portal_app.services import configuration, papers
from portal_app.services.desk import open_desk
from tests.mirrored import a_customer, a_product, an_invoice
from tests.served import a_served_portal

ADA = Visitor("customer", customer_id="cus_ada", locale="en")
GERMAN = Visitor("customer", customer_id="cus_ada", locale="de")


@pytest.fixture(autouse=True, scope="module")
def no_process_is_left():
    yield
    documents.shut_down()


def fetch(visitor: Visitor, invoice_id: str) -> papers.Paper:
    with open_desk(actor=visitor) as desk:
        return papers.invoice(desk, visitor.customer_id, invoice_id)


def text_of(paper: papers.Paper) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.content)).pages)


def kept() -> list[str]:
    return sorted(str(path) for path in papers.environment().data_dir.glob("documents/*/*"))


def test_when_an_invoice_is_fetched_then_its_own_figures_stand_on_it(desk):
    a_product(desk)
    a_customer(desk)
    invoice_id = an_invoice(desk, number="INV/7 ä", total=7616)

    paper = fetch(ADA, invoice_id)

    assert paper.name == "INV-7.pdf"
    assert "€76.16" in text_of(paper)


def test_when_it_is_fetched_again_then_nothing_is_made_anew(desk, monkeypatch):
    a_customer(desk)
    invoice_id = an_invoice(desk)
    first = fetch(ADA, invoice_id)
    monkeypatch.setattr(papers, "documents", None)  # making one now would fail

    second = fetch(ADA, invoice_id)

    assert second == first
    assert len(kept()) == 1


def test_when_invoice_or_language_differ_then_the_kept_one_is_not_used(desk):
    a_customer(desk)
    invoice_id = an_invoice(desk, number="INV-1", status="open")
    fetch(ADA, invoice_id)

    german = fetch(GERMAN, invoice_id)
    an_invoice(desk, id=invoice_id, number="INV-1", status="paid")
    paid = fetch(ADA, invoice_id)

    assert "Rechnung" in text_of(german)
    assert "Paid" in text_of(paid)
    assert len(kept()) == 3


def test_given_adas_invoice_or_a_draft_when_somebody_asks_then_it_is_not_found(desk):
    a_customer(desk)
    a_customer(desk, "cus_bea")
    adas, draft = an_invoice(desk), an_invoice(desk, "cus_bea", status="draft")
    bea = Visitor("customer", customer_id="cus_bea")

    for invoice_id in (adas, draft, "in_unknown"):
        with pytest.raises(NotFound):
            fetch(bea, invoice_id)

    assert kept() == []


def test_over_http_then_only_adas_session_gets_it_and_nothing_may_keep_it(tmp_path):
    with a_served_portal(tmp_path) as portal:
        with open_desk(actor=SYSTEM) as desk:
            a_customer(desk)
            a_customer(desk, "cus_bea")
            invoice_id = an_invoice(desk, number="INV-1")
            path = f"/files/invoices/{invoice_id}.pdf"
        cookies = {
            name: sessions.open_session("customer", email=f"{name}@example.com", customer_id=f"cus_{name}")[0]
            for name in ("ada", "bea")
        }

        with portal.http(cookies["ada"]) as ada, portal.http(cookies["bea"]) as bea, portal.http() as nobody:
            good, foreign, door = ada.get(path), bea.get(path), nobody.get(path)
            odd = [ada.get(f"/files/invoices/{name}") for name in ("..%2f..%2fportal.db", "in_1%00.pdf", "x.pdf")]
            with open_desk(actor=SYSTEM) as desk:
                configuration.publish(desk, {"invoice_history": False}, seen_version=0)
            off = ada.get(path)

    assert (good.status_code, good.headers["content-type"], good.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert good.headers["cache-control"] == "private, no-store"
    assert good.headers["content-disposition"] == 'attachment; filename="INV-1.pdf"'
    assert (foreign.status_code, off.status_code) == (404, 404)
    assert foreign.text == off.text
    assert (door.status_code, door.headers["location"]) == (303, "/login")
    assert {answer.status_code for answer in odd} == {404}
