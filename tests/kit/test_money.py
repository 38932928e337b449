import re
from decimal import Decimal

import pytest
from babel.numbers import list_currencies
from hypothesis import given
from hypothesis import strategies as st

from portal_app.kit.money import (
    CurrencyMismatch,
    Money,
    exponent,
    in_major_units,
    per_month,
    say_money,
    say_unit_amount,
)

CURRENCIES = sorted(code.lower() for code in list_currencies())
LOCALES = ["en", "de", "en-US", "fr", "sv", "ja", "ar", "de-CH", "he", "pt-BR", "hi", "xx-unknown"]
AMOUNTS = st.one_of(st.integers(-(2**63), 2**63), st.sampled_from([0, 1, -1, 99, -99, 100, 2**53, -(2**53), 2**53 + 1]))
MONIES = st.builds(Money, AMOUNTS, st.sampled_from(CURRENCIES))


@given(MONIES, st.sampled_from(LOCALES))
def test_when_any_amount_is_said_then_its_digits_are_the_amount(money, locale):
    digits = re.sub(r"\D", "", say_money(money, locale))

    shown_whole = money.currency in ("isk", "ugx") and money.amount % 100 == 0
    assert int(digits) * (100 if shown_whole else 1) == abs(money.amount)


@given(MONIES, st.sampled_from(LOCALES))
def test_when_any_amount_is_said_then_only_what_is_negative_carries_a_true_minus(money, locale):
    text = say_money(money, locale)

    assert "-" not in text
    assert text.count("\u2212") == (money.amount < 0)


@given(MONIES, MONIES)
def test_when_two_amounts_are_added_then_only_the_same_currency_adds_up(one, other):
    if one.currency != other.currency:
        for deed in (Money.__add__, Money.__sub__, Money.__lt__, Money.__le__, Money.__gt__, Money.__ge__):
            with pytest.raises(CurrencyMismatch):
                deed(one, other)
        return

    assert one + other - other == one
    assert (one < other) == (one.amount < other.amount)


@given(MONIES)
def test_when_an_amount_is_turned_into_whole_units_then_no_digit_is_lost(money):
    assert int(in_major_units(money).scaleb(exponent(money.currency))) == money.amount


@given(MONIES)
def test_when_an_amount_is_negated_then_it_cancels_out(money):
    assert not money + -money
    assert abs(-money) == abs(money)
    assert bool(money) == (money.amount != 0)
    assert money * 3 == money + money + money


@pytest.mark.parametrize(
    ("money", "locale", "text"),
    [
        (Money(1999, "eur"), "en", "€19.99"),
        (Money(-2320, "eur"), "en", "−€23.20"),
        (Money(123450, "eur"), "de", "1.234,50\u00a0€"),
        (Money(0, "eur"), "en", "€0.00"),
        (Money(1200, "jpy"), "en", "¥1,200"),
        (Money(1234567, "kwd"), "en", "KWD\u00a01,234.567"),
        (Money(1200, "chf"), "en", "CHF\u00a012.00"),
        (Money(12000, "isk"), "en", "ISK\u00a0120"),
        (Money(12050, "isk"), "en", "ISK\u00a0120.50"),
        (Money(500, "ugx"), "de", "5\u00a0UGX"),
        (Money(105050, "rsd"), "en", "RSD\u00a01,050.50"),
        (Money(2**53, "usd"), "en", "$90,071,992,547,409.92"),
    ],
)
def test_when_an_amount_is_said_then_it_reads_as_people_write_it(money, locale, text):
    assert say_money(money, locale) == text


def test_when_asked_for_a_sign_then_what_is_above_zero_carries_a_plus():
    signed = [say_money(Money(amount, "eur"), "en", signed=True) for amount in (500, 0, -500)]

    assert signed == ["+€5.00", "€0.00", "−€5.00"]


def test_when_a_dollar_could_be_several_then_its_country_is_named_on_request():
    plain = say_money(Money(500, "usd"), "en")
    named = [say_money(Money(-500, currency), "en", unambiguous=True) for currency in ("usd", "cad", "eur")]

    assert plain == "$5.00"
    assert named == ["−US$5.00", "−CA$5.00", "−€5.00"]


@pytest.mark.parametrize(
    ("minor_units", "currency", "text"),
    [
        ("4900", "eur", "€49.00"),
        ("0.25", "usd", "$0.0025"),
        ("500", "jpy", "¥500"),
        ("0.5", "jpy", "¥0.5"),
        ("120000", "isk", "ISK\u00a01,200"),
        ("1500", "kwd", "KWD\u00a01.500"),
        ("0.000000000001", "usd", "$0.00000000000001"),
        ("-12.5", "eur", "−€0.125"),
    ],
)
def test_when_a_unit_costs_less_than_a_coin_then_no_digit_is_dropped(minor_units, currency, text):
    assert say_unit_amount(Decimal(minor_units), currency, "en") == text


@pytest.mark.parametrize(
    ("yearly", "interval", "count", "monthly"),
    [
        (Money(10000, "eur"), "year", 1, Money(833, "eur")),
        (Money(10006, "eur"), "year", 1, Money(834, "eur")),
        (Money(12030, "eur"), "year", 2, Money(501, "eur")),
        (Money(3000, "eur"), "month", 3, Money(1000, "eur")),
        (Money(1450, "jpy"), "year", 1, Money(121, "jpy")),
        (Money(1234500, "isk"), "year", 1, Money(102900, "isk")),
        (Money(0, "eur"), "year", 1, Money(0, "eur")),
        (Money(1000, "eur"), "week", 1, None),
        (Money(1000, "eur"), "day", 30, None),
        (Money(1000, "eur"), "year", 0, None),
    ],
)
def test_when_a_plan_is_yearly_then_its_month_is_rounded_half_up(yearly, interval, count, monthly):
    assert per_month(yearly, interval, count) == monthly


@given(st.integers(0, 2**53), st.sampled_from(CURRENCIES), st.integers(1, 3))
def test_when_the_months_are_put_together_then_they_miss_the_year_by_rounding_only(amount, currency, years):
    yearly = Money(amount, currency)

    monthly = per_month(yearly, "year", years)

    smallest = 100 if currency in ("isk", "ugx") else 1
    assert abs((monthly * (12 * years) - yearly).amount) <= 6 * years * smallest
    assert monthly.amount % smallest == 0


@pytest.mark.parametrize("currency", ["EUR", "", "eu", "euro", "€€€"])
def test_when_a_currency_is_not_stripes_spelling_then_it_is_refused(currency):
    with pytest.raises(ValueError):
        Money(100, currency)


@pytest.mark.parametrize("amount", [19.99, "1999", None, True, Decimal(1999)])
def test_when_an_amount_is_not_an_int_then_it_is_refused(amount):
    with pytest.raises(TypeError):
        Money(amount, "eur")
