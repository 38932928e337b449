import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.documents.seller import readable_on_paper


def contrast_with_white(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


@given(st.integers(0, 0xFFFFFF))
def test_given_any_colour_when_it_becomes_text_then_it_can_be_read_on_white(number):
    assert contrast_with_white(readable_on_paper(f"#{number:06x}")) >= 4.5


def test_given_a_dark_colour_when_it_becomes_text_then_it_stays_as_it_is():
    assert readable_on_paper("#00747e") == "#00747e"


@pytest.mark.parametrize("colour", ["", "#fff", "teal", "#ggg000", "#00747e00", "url(x)#", "# 1 2 3"])
def test_given_no_colour_when_it_becomes_text_then_it_is_ink(colour):
    assert readable_on_paper(colour) == "#151a20"
