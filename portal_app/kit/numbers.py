"""Quantities and shares in words, all of their decimals."""

from copy import copy
from decimal import Decimal
from functools import lru_cache

from babel.numbers import NumberPattern

from portal_app.kit.locales import number_locale

_MOST_DECIMALS = 12


def say_number(value: Decimal, locale: str) -> str:
    """A quantity as the locale writes it: "1,234.5"."""
    return _pattern(locale, "decimal").apply(value, number_locale(locale))


def say_percent(value: Decimal, locale: str) -> str:
    """A share given in per cent: 19 becomes "19%"."""
    return _pattern(locale, "percent").apply(value.scaleb(-2), number_locale(locale))


@lru_cache(maxsize=64)
def _pattern(locale: str, kind: str) -> NumberPattern:
    known = number_locale(locale)
    pattern = copy({"decimal": known.decimal_formats, "percent": known.percent_formats}[kind][None])
    pattern.frac_prec = (0, _MOST_DECIMALS)
    return pattern
