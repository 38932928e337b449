import unicodedata
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal_app.documents.invoice import invoice_pdf
from portal_app.documents.typesetting import LONGEST_TEXT, break_lines, clean, set_line
from tests.documents.reading import lines_of, text_of
from tests.documents.samples import LINNET, a_line, an_invoice

ANY_TEXT = st.text(st.characters(), max_size=120)
DIRECTIONS = "\u202e\u202d\u2066\u2069\u200f\u200e\u061c"
NEVER_SEEN = "\u200d\u200c\ufeff\x00\x1b\r\n\t\ud800\ufffe\u2028"
NASTY = st.text(st.sampled_from(DIRECTIONS + NEVER_SEEN + "😀👩اب(ע[٣1-%€a \u0301字ﷺ"), max_size=80)
TEXTS = ANY_TEXT | NASTY


@settings(max_examples=60)
@given(TEXTS, TEXTS, TEXTS)
@example("", "", "")
@example("a" * 5000, "字" * 5000, "ا" * 5000)
@example("W" * 199 + "\n" * 50, " " * 400, "\u0301" * 400)
def test_given_any_names_and_texts_when_the_invoice_is_made_then_it_is_made(name, description, footer):
    invoice = an_invoice(
        number=name,
        customer_name=name,
        customer_address={"line1": footer, "city": name, "country": description[:2]},
        customer_tax_ids=[{"type": "eu_vat", "value": name}],
        custom_fields=[{"name": name, "value": description}],
        lines=[a_line(100, description)],
        footer=footer,
    )

    pdf = invoice_pdf(invoice, replace(LINNET, name=name, email=footer), locale="en", zone="UTC")

    assert "€476.00" in text_of(pdf)


@given(TEXTS)
def test_given_any_text_when_it_is_set_then_every_character_is_drawn_or_stands_with_one_that_is(text):
    cleaned = clean(text).replace("\n", " ")

    drawn = "".join(glyph.text for run in set_line(cleaned, 400).runs for glyph in run.glyphs)

    marks = "\u200e\u200f\u061c"
    assert sorted(drawn) == sorted(character for character in cleaned if character not in marks)


@given(TEXTS, st.integers(3000, 30000))
def test_given_any_text_when_it_is_broken_then_no_line_is_wider_than_its_column(text, width):
    lines = break_lines(clean(text), 400, width)

    assert all(line.width <= width or line.steps <= 1 for line in lines)


@given(ANY_TEXT, st.integers(3000, 30000))
def test_given_any_text_when_it_is_broken_then_nothing_but_white_space_is_lost(text, width):
    cleaned = clean(text)

    drawn = "".join(
        glyph.text for line in break_lines(cleaned, 400, width) for run in line.runs for glyph in run.glyphs
    )

    def solid(some: str) -> list[str]:
        return sorted(character for character in some if character not in " \n\u200e\u200f\u061c")

    assert solid(drawn) == solid(cleaned)


@given(TEXTS)
def test_given_any_text_when_it_is_cleaned_then_nothing_is_left_that_controls_or_turns_its_neighbours(text):
    cleaned = clean(text)

    assert not [c for c in cleaned if unicodedata.category(c) in ("Cc", "Cs") and c != "\n"]
    assert not set(cleaned) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert clean(cleaned) == cleaned


def test_given_a_name_of_ten_megabytes_when_the_invoice_is_made_then_it_is_cut_and_the_file_stays_small():
    pdf = invoice_pdf(an_invoice(customer_name="Ada " * 2_500_000), LINNET, locale="en", zone="UTC")

    assert len(pdf) < 60_000
    assert "Ada Ada…" in text_of(pdf).replace("\n", " ")
    assert len(clean("Ada " * 2_500_000)) <= LONGEST_TEXT


@pytest.mark.parametrize("name", ["Ada 😀", "👩‍👩‍👧 & Co", "ꙮ"])
def test_given_a_character_without_a_shape_when_it_is_made_then_it_still_reads_back(name):
    pdf = invoice_pdf(an_invoice(customer_name=name), LINNET, locale="en", zone="UTC")

    assert name in lines_of(pdf)


def test_given_an_order_reversal_in_a_name_when_it_is_made_then_the_address_stays_in_order():
    pdf = invoice_pdf(an_invoice(customer_name="Ada \u202e20 €\u202c Ltd"), LINNET, locale="en", zone="UTC")

    assert "Ada 20 € Ltd" in lines_of(pdf)


def test_given_a_japanese_sentence_when_it_is_broken_then_no_line_begins_with_a_full_stop():
    text = "請求書をお送りいたします。ご確認ください。" * 4

    for width in range(4000, 12000, 500):
        firsts = [line.runs[0].glyphs[0].text for line in break_lines(text, 400, width)]
        assert not set(firsts) & set("。、ょッ")
