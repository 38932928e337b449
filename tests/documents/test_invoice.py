import json
import re
from pathlib import Path

import pytest
from bidi.algorithm import get_display

from portal_app.documents.faces import faces
from portal_app.kit.money import Money, say_money
from tests.documents.reading import lines_of, pages_of, text_of
from tests.documents.samples import a_line, a_paid_invoice, an_invoice, made, one_at, seconds, sixty_lines

STRIPES_SAMPLES = Path(__file__).parent.parent.parent.parent / "shared" / "data" / "stripe_sample_objects.json"


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


def test_given_only_the_first_page_of_its_lines_when_the_invoice_is_made_then_it_is_refused():
    invoice = an_invoice()
    invoice["lines"]["has_more"] = True

    with pytest.raises(ValueError, match="all of its lines"):
        made(invoice)


def test_given_stripes_own_sample_when_it_is_made_then_its_figures_stand_on_it():
    if not STRIPES_SAMPLES.exists():
        pytest.skip("Stripe's sample objects are not beside this checkout")
    invoice = json.loads(STRIPES_SAMPLES.read_text())["resources"]["invoice"]

    text = text_of(made(invoice))

    assert "My First Invoice Item (created for API docs)" in text
    assert say_money(Money(invoice["total"], "usd"), "en") in text
    assert "Draft invoice" in text
