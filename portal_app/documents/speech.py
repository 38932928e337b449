"""Says the amounts, days and shares of one document in its language."""

from dataclasses import dataclass
from decimal import Decimal

from portal_app.kit.clock import moment_of
from portal_app.kit.i18n import Words, words_in
from portal_app.kit.money import Money, say_money, say_unit_amount
from portal_app.kit.numbers import say_number, say_percent
from portal_app.kit.words import say_day, say_period, say_short_day


@dataclass(frozen=True, slots=True)
class Speech:
    """One language, one zone and one currency; moments are Stripe's whole seconds."""

    locale: str
    zone: str
    currency: str

    @property
    def words(self) -> Words:
        """The texts of this language."""
        return words_in(self.locale)

    def money(self, amount: int) -> str:
        """An amount in minor units."""
        return say_money(Money(amount, self.currency), self.locale)

    def unit_amount(self, minor_units: str | Decimal) -> str:
        """A price per unit, which may be a fraction of a coin."""
        return say_unit_amount(Decimal(str(minor_units)), self.currency, self.locale)

    def number(self, value: str | int | Decimal) -> str:
        """A quantity."""
        return say_number(Decimal(str(value)), self.locale)

    def percent(self, value: str | Decimal) -> str:
        """A share given in per cent."""
        return say_percent(Decimal(str(value)), self.locale)

    def day(self, seconds: int) -> str:
        """A day for a sentence."""
        return say_day(moment_of(seconds), self.locale, self.zone)

    def short_day(self, seconds: int) -> str:
        """A day for a table."""
        return say_short_day(moment_of(seconds), self.locale, self.zone)

    def period(self, start: int, end: int) -> str:
        """The days between two moments, the last one not included; nothing for a single moment."""
        return say_period(moment_of(start), moment_of(end), self.locale, self.zone) if end > start else ""
