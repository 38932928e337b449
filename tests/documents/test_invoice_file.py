import re
import socket
from io import BytesIO

import pytest
from pypdf import PdfReader

from tests.documents.reading import lines_of, names_in, text_of
from tests.documents.samples import a_logo, a_paid_invoice, an_invoice, made, sixty_lines


def test_when_the_same_invoice_is_made_twice_then_every_byte_is_the_same():
    invoice = a_paid_invoice(customer_name="هناء 株式会社 Ωλίβια")

    assert made(invoice, logo_png=a_logo()) == made(invoice, logo_png=a_logo())


def test_when_an_invoice_is_made_then_the_file_tells_its_title_language_author_and_date():
    reader = PdfReader(BytesIO(made(an_invoice(), locale="de")))

    assert reader.metadata.title == "Rechnung INV-1194 – Linnet Software GmbH"
    assert reader.metadata.author == "Linnet Software GmbH"
    assert reader.metadata.creation_date.isoformat() == "2026-10-13T10:00:00+00:00"
    assert reader.root_object["/Lang"] == "de"
    assert reader.root_object["/ViewerPreferences"]["/DisplayDocTitle"]


def test_when_an_invoice_is_made_then_it_declares_an_archive_file_with_all_of_its_fonts_inside():
    reader = PdfReader(BytesIO(made(an_invoice())))

    metadata = reader.root_object["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert "<xmp:CreateDate>2026-10-13T10:00:00+00:00</xmp:CreateDate>" in metadata
    assert reader.root_object["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    for font in reader.pages[0]["/Resources"]["/Font"].values():
        descriptor = font.get_object()["/DescendantFonts"][0]["/FontDescriptor"]
        assert len(descriptor["/FontFile2"].get_data()) > 1000
        assert "/ToUnicode" in font.get_object()


def test_given_hostile_texts_when_the_invoice_is_made_then_nothing_in_the_file_acts():
    hostile = '<a href="https://evil.example">x</a> **bold** [x](javascript:alert(1)) %s {nb} \\(/JS (x)\\) file:///etc/passwd'

    pdf = made(an_invoice(customer_name=hostile, footer=hostile, description=hostile), name=hostile)

    acts = {
        "/JS",
        "/JavaScript",
        "/URI",
        "/Launch",
        "/GoToR",
        "/SubmitForm",
        "/AA",
        "/Annots",
        "/EmbeddedFiles",
        "/Names",
    }
    assert not names_in(pdf) & acts
    assert "**bold** [x](javascript:alert(1))" in text_of(pdf)
    assert "{nb}" in text_of(pdf)


def test_when_an_invoice_is_made_then_no_socket_is_opened(monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a document asked for the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)

    pdf = made(an_invoice(footer="https://example.com/a.png"), name="http://example.com/logo.svg", logo_png=a_logo())

    assert pdf.startswith(b"%PDF-1.7")


def test_given_a_logo_when_the_invoice_is_made_then_it_stands_in_place_of_the_name():
    pdf = made(an_invoice(), logo_png=a_logo())

    assert len(PdfReader(BytesIO(pdf)).pages[0].images) == 1
    assert lines_of(pdf)[0] == "Invoice INV-1194"


def test_given_a_very_long_business_name_when_the_invoice_is_made_then_head_and_foot_say_that_it_goes_on():
    lines = lines_of(made(an_invoice(), name="Handelsgesellschaft für alles Mögliche und Unmögliche mbH & Co. KG " * 2))

    assert re.fullmatch(r"Handelsgesellschaft .*… Invoice INV-1194", lines[0])
    assert re.fullmatch(r"Handelsgesellschaft .*… Page 1 of 1", lines[-1])


@pytest.mark.parametrize("png", [b"", b"no picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>", a_logo()[:200]])
def test_given_a_logo_that_is_no_picture_when_the_invoice_is_made_then_the_name_stands_there(png):
    assert lines_of(made(an_invoice(), logo_png=png))[0] == "Linnet Software GmbH Invoice INV-1194"


@pytest.mark.parametrize(
    ("page_size", "country", "width"),
    [(None, "DE", 595), (None, "US", 612), ("auto", "CA", 612), ("a4", "US", 595), ("letter", "DE", 612)],
)
def test_when_paper_is_chosen_then_the_invoice_decides_before_the_country(page_size, country, width):
    rendering = {"pdf": {"page_size": page_size}}

    pdf = made(an_invoice(rendering=rendering, customer_address={"country": country}))

    assert int(PdfReader(BytesIO(pdf)).pages[0].mediabox.width) == width


def test_when_a_latin_invoice_is_made_then_it_weighs_no_more_than_60_kilobytes():
    pdf = made(a_paid_invoice(lines=sixty_lines()), logo_png=a_logo())

    assert len(pdf) <= 60_000
