"""Amounts as Stripe counts them, and the one place where they become words."""

import re
from copy import copy
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Self

from babel.numbers import NumberPattern, get_currency_symbol

from portal_app.kit.locales import number_locale

MINUS = "\u2212"
MONTHS_IN = {"month": 1, "year": 12}

# Source: https://docs.stripe.com/currencies#minor-units
_WITHOUT_DECIMALS = frozenset(
    {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"}
)
_WITH_THREE_DECIMALS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
# Sent times a hundred for history's sake, though a whole unit is the smallest there is.
_SHOWN_WHOLE = frozenset({"isk", "ugx"})

_LETTER_MEETS_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies were counted together: always a bug."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units with its currency in lower case, both as Stripe sends them."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise TypeError(f"an amount is an int of minor units, not {type(self.amount).__name__}")
        if not (len(self.currency) == 3 and self.currency.isascii() and self.currency.islower()):
            raise ValueError("a currency is three letters in lower case")

    def __add__(self, other: Self) -> "Money":
        return Money(self.amount + self._amount_of(other), self.currency)

    def __sub__(self, other: Self) -> "Money":
        return Money(self.amount - self._amount_of(other), self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.amount * times, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __abs__(self) -> "Money":
        return Money(abs(self.amount), self.currency)

    def __bool__(self) -> bool:
        return self.amount != 0

    def __lt__(self, other: Self) -> bool:
        return self.amount < self._amount_of(other)

    def __le__(self, other: Self) -> bool:
        return self.amount <= self._amount_of(other)

    def __gt__(self, other: Self) -> bool:
        return self.amount > self._amount_of(other)

    def __ge__(self, other: Self) -> bool:
        return self.amount >= self._amount_of(other)

    def _amount_of(self, other: Self) -> int:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not add up")
        return other.amount


def exponent(currency: str) -> int:
    """How many digits of an amount stand behind the decimal point.

    Source: https://docs.stripe.com/currencies
    """
    if currency in _WITHOUT_DECIMALS:
        return 0
    return 3 if currency in _WITH_THREE_DECIMALS else 2


def currencies_with(decimals: int) -> frozenset[str]:
    """The currencies of 0 or of 3 decimals; all others have two."""
    return {0: _WITHOUT_DECIMALS, 3: _WITH_THREE_DECIMALS}[decimals]


def in_major_units(money: Money) -> Decimal:
    """The amount in whole units, exactly: 1999 of `eur` is 19.99."""
    return _major(Decimal(money.amount), money.currency)


def say_money(money: Money, locale: str, *, signed: bool = False, unambiguous: bool = False) -> str:
    """The amount as the locale writes it, with a true minus and all of the currency's decimals.

    `signed` puts a plus before what is above zero; `unambiguous` writes US$ where $ could be several.
    """
    value = in_major_units(money)
    decimals = exponent(money.currency)
    if money.currency in _SHOWN_WHOLE and money.amount % 100 == 0:
        decimals = 0
    text = _say(value, money.currency, locale, decimals)
    if unambiguous:
        text = text.replace(_symbol(money.currency, locale), get_currency_symbol(money.currency.upper(), "en_001"))
    text = _LETTER_MEETS_DIGIT.sub("\u00a0", text)
    return f"+{text}" if signed and money.amount > 0 else text


def say_unit_amount(minor_units: Decimal, currency: str, locale: str) -> str:
    """A price per unit, which may be a fraction of the smallest coin: Stripe allows twelve decimals more."""
    value = _major(minor_units, currency).normalize()
    decimals = max(exponent(currency) if currency not in _SHOWN_WHOLE else 0, -int(value.as_tuple().exponent))
    return _LETTER_MEETS_DIGIT.sub("\u00a0", _say(value, currency, locale, decimals))


def per_month(money: Money, interval: str, interval_count: int) -> Money | None:
    """What a price comes to each month, half a coin rounded up; None where a month is not made of whole intervals."""
    months = MONTHS_IN.get(interval, 0) * interval_count
    if months < 1:
        return None
    smallest = 100 if money.currency in _SHOWN_WHOLE else 1
    each = Decimal(money.amount) / (months * smallest)
    return Money(int(each.quantize(Decimal(1), ROUND_HALF_UP)) * smallest, money.currency)


def _major(minor_units: Decimal, currency: str) -> Decimal:
    return minor_units.scaleb(-exponent(currency))


def _say(value: Decimal, currency: str, locale: str, decimals: int) -> str:
    text = _pattern(locale, decimals).apply(
        value, number_locale(locale), currency=currency.upper(), currency_digits=False
    )
    return text.replace("-", MINUS)


def _symbol(currency: str, locale: str) -> str:
    return get_currency_symbol(currency.upper(), number_locale(locale))


@lru_cache(maxsize=256)
def _pattern(locale: str, decimals: int) -> NumberPattern:
    pattern = copy(number_locale(locale).currency_formats["standard"])
    pattern.frac_prec = (decimals, decimals)
    return pattern
