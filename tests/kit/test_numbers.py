from decimal import Decimal

import pytest

from portal_app.kit.numbers import say_number, say_percent


@pytest.mark.parametrize(
    ("value", "locale", "text"),
    [
        ("1", "en", "1"),
        ("1234.5", "en", "1,234.5"),
        ("1234.5", "de", "1.234,5"),
        ("0.000000000001", "en", "0.000000000001"),
    ],
)
def test_when_a_quantity_is_said_then_it_has_all_of_its_decimals_and_no_more(value, locale, text):
    assert say_number(Decimal(value), locale) == text


@pytest.mark.parametrize(
    ("value", "locale", "text"),
    [
        ("19", "en", "19%"),
        ("19.0", "de", "19\u00a0%"),
        ("19.25", "en", "19.25%"),
        ("0", "en", "0%"),
        ("8.875", "de", "8,875\u00a0%"),
    ],
)
def test_when_a_share_is_said_then_it_reads_as_people_write_it(value, locale, text):
    assert say_percent(Decimal(value), locale) == text
