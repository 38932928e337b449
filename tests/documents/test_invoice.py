import json
import re
import socket
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from bidi.algorithm import get_display
from pypdf import PdfReader

from portal_app.documents.faces import faces
from portal_app.documents.invoice import invoice_pdf
from portal_app.kit.money import Money, say_money
from tests.documents.reading import lines_of, names_in, pages_of, text_of
from tests.documents.samples import LINNET, a_line, a_logo, a_paid_invoice, an_invoice, one_at, seconds

STRIPES_SAMPLES = Path(__file__).parent.parent.parent.parent / "shared" / "data" / "stripe_sample_objects.json"


def made(invoice: dict, locale: str = "en", zone: str = "Europe/Berlin", **seller: object) -> bytes:
    return invoice_pdf(invoice, replace(LINNET, **seller), locale=locale, zone=zone)


def test_when_an_open_invoice_is_made_then_it_says_what_is_due_when_and_for_what():
    lines = lines_of(made(an_invoice()))

    assert lines[:3] == ["Linnet Software GmbH Invoice INV-1194", "Amount due", "€476.00Due on 12 November 2026"]
    assert "Team, 8 seats 8 €49.00 €392.00" in lines
    assert "Storage, 1 TB 1 €84.00 €84.00" in lines
    assert "13 Oct – 12 Nov 2026" in [line.replace("\u2009", " ") for line in lines]
    assert "Total €476.00" in lines
    assert "Page 1 of 1" in lines[-1]


def test_when_an_invoice_is_made_then_both_parties_and_the_facts_stand_on_it():
    lines = lines_of(made(an_invoice(receipt_number="2042-1180")))

    ours = ["From", "Linnet Software GmbH", "Torstraße 12", "10119 Berlin", "Germany", "help@linnet.example"]
    theirs = ["Billed to", "Aalto Tools Oy", "Kalevankatu 8", "00100 Helsinki", "Finland", "finn@example.com"]
    assert lines[3:10] == [*ours, "VAT number DE314159265"]
    assert lines[10:17] == [*theirs, "VAT number FI12345678"]
    assert lines[17:22] == [
        "Invoice number INV-1194",
        "Issued on 13 Oct 2026",
        "Due on 12 Nov 2026",
        "Receipt number 2042-1180",
        "Your reference PO 88-410",
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"due_date": None}, "€476.00Not paid yet"),
        ({"due_date": None, "next_payment_attempt": seconds(2026, 11, 3)}, "€476.00Will be charged on 3 November 2026"),
        ({"status": "draft", "number": None}, "€476.00Draft. This is not an invoice yet."),
        (
            {"status": "void", "status_transitions": {"voided_at": seconds(2026, 11, 4)}},
            "€476.00Void since 4 November 2026. Nothing is owed.",
        ),
        ({"status": "uncollectible"}, "€476.00Due on 12 November 2026"),
        ({"amount_paid": 10000, "amount_remaining": 37600}, "€376.00Due on 12 November 2026"),
    ],
)
def test_given_each_status_when_the_invoice_is_made_then_its_first_sentence_says_how_it_stands(changes, sentence):
    assert sentence in lines_of(made(an_invoice(**changes)))


def test_given_a_paid_invoice_when_it_is_made_then_its_tax_and_its_payment_add_up_to_nothing_due():
    lines = lines_of(made(a_paid_invoice()))

    assert "€476.00Paid on 3 November 2026" in lines
    assert "Pro, yearly 1 €400.00 19% €400.00" in lines
    sums = lines[lines.index("Subtotal €400.00") :][:6]
    assert sums == [
        "Subtotal €400.00",
        "Total excluding tax €400.00",
        "VAT 19% on €400.00 €76.00",
        "Total €476.00",
        "Paid −€476.00",
        "Amount due €0.00",
    ]


def test_given_a_void_invoice_when_it_is_made_then_it_names_nothing_that_is_due():
    assert "Amount due" not in text_of(made(an_invoice(status="void")))


def test_given_yen_when_the_invoice_is_made_then_no_amount_has_decimals():
    lines = [
        a_line(120000, "チームプラン", pricing={"unit_amount_decimal": "15000"}),
        a_line(-30000, "Unused time on Pro", **one_at("-30000")),
    ]
    figures = dict.fromkeys(("subtotal", "total", "amount_due", "amount_remaining"), 90000)

    text = text_of(made(an_invoice(lines=lines, currency="jpy", **figures)))

    assert "チームプラン 8 ¥15,000 ¥120,000" in text
    assert "Unused time on Pro 1 −¥30,000 −¥30,000" in text
    assert not re.search(r"¥[\d,]+\.", text)


def test_given_dinars_when_the_invoice_is_made_then_every_amount_has_three_decimals():
    figures = dict.fromkeys(("subtotal", "total", "amount_due", "amount_remaining"), 1234567)
    lines = [a_line(1234567, "Team", **one_at("1234567"))]

    text = text_of(made(an_invoice(lines=lines, currency="kwd", **figures)))

    assert re.findall(r"KWD\s([\d,.]+)", text) == ["1,234.567"] * 4


def test_given_a_credit_larger_than_the_invoice_when_it_is_made_then_the_sum_is_negative_with_a_true_minus():
    figures = {"subtotal": -500, "total": -500, "amount_remaining": 0, "amount_due": 0, "ending_balance": -500}
    lines = [a_line(-500, "Unused time on Pro after 13 Oct 2026", **one_at("-500"))]

    text = text_of(made(an_invoice(lines=lines, **figures)))

    assert "Unused time on Pro after 13 Oct 2026 1 −€5.00 −€5.00" in text
    assert "Total −€5.00\nAdded to your credit €5.00\nAmount due €0.00" in text


def sixty_lines() -> list[dict]:
    long = "storage, traffic and a description so long that it needs a second line to be told in full"
    return [
        a_line(1900 + n, f"Workspace {n:02d}, {long if n % 7 == 0 else 'storage'}", id=f"il_{n}") for n in range(60)
    ]


def test_given_sixty_lines_when_the_invoice_is_made_then_all_stand_in_order_under_a_head_on_every_page():
    pages = pages_of(made(a_paid_invoice(lines=sixty_lines())))

    assert 3 <= len(pages) <= 6
    assert re.findall(r"Workspace (\d\d)", "\n".join(pages)) == [f"{n:02d}" for n in range(60)]
    for number, page in enumerate(pages, start=1):
        assert "Description Quantity Unit price Amount" in page
        assert f"Page {number} of {len(pages)}" in page
        assert "Invoice INV-1194" in page


@pytest.mark.parametrize("count", range(1, 40))
def test_given_any_number_of_lines_when_the_invoice_is_made_then_its_sums_never_stand_alone(count):
    pages = pages_of(made(a_paid_invoice(lines=sixty_lines()[:count])))

    assert pages[-1].count("Workspace") >= min(count, 2)
    assert "Amount due €0.00" in pages[-1]
    assert "Subtotal" in pages[-1]


@pytest.mark.parametrize(
    "name",
    [
        "Ωλίβια Παπαδοπούλου & Σία",
        "Ёлка и Щука, ООО",
        "株式会社髙橋製作所",
        "هناء الخطيب",
        "مُحَمَّد بن سلمان",
        "हिन्दी नमस्ते",
    ],
)
def test_given_a_name_in_any_of_our_scripts_when_the_invoice_is_made_then_it_reads_back_as_written(name):
    pdf = made(an_invoice(customer_name=name, lines=[a_line(47600, name)]))

    said = [get_display(line) for line in lines_of(pdf)]
    assert get_display(name) in said
    assert "\ufffd" not in "".join(said)


def test_given_a_line_that_mixes_directions_when_it_is_made_then_each_word_and_number_reads_back_as_written():
    mixed = "شركة (123) للتجارة Ltd"

    pdf = made(an_invoice(customer_name=mixed))

    line = lines_of(pdf)[lines_of(pdf).index("Billed to") + 1]
    assert sorted(re.findall(r"\w+", line)) == sorted(re.findall(r"\w+", mixed))


def test_given_names_in_our_scripts_when_they_are_made_then_no_character_needs_an_empty_box():
    known = set().union(*(face.characters for face in faces(400)))

    names = "Ωλίβια Παπαδοπούλου Ёлка и Щука هناء الخطيب مُحَمَّد 株式会社髙橋製作所 €₺₹zł ßÆŁ"

    assert set(map(ord, names)) <= known


def test_when_the_same_invoice_is_made_twice_then_every_byte_is_the_same():
    invoice = a_paid_invoice(customer_name="هناء 株式会社 Ωλίβια")

    assert made(invoice, logo_png=a_logo()) == made(invoice, logo_png=a_logo())


def test_when_an_invoice_is_made_then_the_file_tells_its_title_language_author_and_date():
    reader = PdfReader(BytesIO(made(an_invoice(), locale="de")))

    assert reader.metadata.title == "Invoice INV-1194 – Linnet Software GmbH"
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


def test_given_only_the_first_page_of_its_lines_when_the_invoice_is_made_then_it_is_refused():
    invoice = an_invoice()
    invoice["lines"]["has_more"] = True

    with pytest.raises(ValueError, match="all of its lines"):
        made(invoice)


def test_when_a_latin_invoice_is_made_then_it_weighs_no_more_than_60_kilobytes():
    pdf = made(a_paid_invoice(lines=sixty_lines()), logo_png=a_logo())

    assert len(pdf) <= 60_000


def test_given_stripes_own_sample_when_it_is_made_then_its_figures_stand_on_it():
    if not STRIPES_SAMPLES.exists():
        pytest.skip("Stripe's sample objects are not beside this checkout")
    invoice = json.loads(STRIPES_SAMPLES.read_text())["resources"]["invoice"]

    text = text_of(made(invoice))

    assert "My First Invoice Item (created for API docs)" in text
    assert say_money(Money(invoice["total"], "usd"), "en") in text
    assert "Draft invoice" in text
