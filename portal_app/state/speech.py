"""Says amounts, days and names the way the visitor of this call reads them."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal

from portal_app.kit.addresses import address_lines
from portal_app.kit.clock import billing_now
from portal_app.kit.errors import PortalError
from portal_app.kit.i18n import Words, words_in
from portal_app.kit.money import Money, say_money, say_unit_amount
from portal_app.kit.numbers import say_number, say_percent
from portal_app.kit.words import say_day, say_month, say_near_day, say_period, say_short_day, say_time
from portal_app.security.visitor import visitor
from portal_app.services.billing_details import Address


class Speech:
    """One language and one zone; bound to a name, `say.words` is `_`."""

    def __init__(self, locale: str, zone: str) -> None:
        self.locale, self.zone = locale, zone

    @property
    def words(self) -> Words:
        """The texts of this language."""
        return words_in(self.locale)

    def money(self, amount: Money) -> str:
        """An amount: "€76.16"."""
        return say_money(amount, self.locale)

    def amounts(self, amounts: Sequence[Money]) -> str:
        """Amounts of several currencies, which never add up: "€76.16 and $10.00"."""
        return self.join([self.money(amount) for amount in amounts])

    def unit_amount(self, minor_units: Decimal, currency: str) -> str:
        """A price per unit, which may be a fraction of a coin."""
        return say_unit_amount(minor_units, currency, self.locale)

    def number(self, count: int) -> str:
        """A count: "1,200"."""
        return say_number(Decimal(count), self.locale)

    def percent(self, share: Decimal) -> str:
        """A share given in per cent: "19%"."""
        return say_percent(share, self.locale)

    def day(self, moment: datetime | None) -> str:
        """A day in a sentence: "3 December 2026"; nothing for no day."""
        return say_day(moment, self.locale, self.zone) if moment else ""

    def last_day(self, end: datetime | None) -> str:
        """The last day before an end; one that falls on midnight leaves the day before."""
        return self.day(end - timedelta(seconds=1)) if end else ""

    def short_day(self, moment: datetime | None) -> str:
        """A day in a table: "3 Dec 2026"."""
        return say_short_day(moment, self.locale, self.zone) if moment else ""

    def near_day(self, moment: datetime | None) -> str:
        """A day in a badge: "3 Dec"."""
        return say_near_day(moment, billing_now(), self.locale, self.zone) if moment else ""

    def month(self, moment: datetime) -> str:
        """A month: "October 2025"."""
        return say_month(moment, self.locale, self.zone)

    def time(self, moment: datetime) -> str:
        """A day with its time, and the zone that it is counted in: "21 November 2026, 14:32 (Europe/Berlin)"."""
        _ = self.words
        return _("{day}, {time} ({zone})", day=self.day(moment), time=self.clock(moment), zone=self.zone)

    def clock(self, moment: datetime) -> str:
        """The time of day: "14:32"."""
        return say_time(moment, self.locale, self.zone)

    def period(self, start: datetime | None, end: datetime | None) -> str:
        """The days that a period covers; nothing for a single moment."""
        return say_period(start, end, self.locale, self.zone) if start and end and end > start else ""

    def join(self, words: Sequence[str]) -> str:
        """Things one after the other: "Pro, Storage and Support"."""
        if len(words) < 2:
            return "".join(words)
        _ = self.words
        return _("{first} and {last}", first=", ".join(words[:-1]), last=words[-1])

    def address(self, address: Address) -> tuple[str, ...]:
        """The lines of an address, the country in words."""
        return address_lines(asdict(address), self.locale)

    def refusal(self, error: PortalError) -> str:
        """What a refusal says."""
        _ = self.words
        return _(error.text, **error.holes)


def speech() -> Speech:
    """How to speak to the visitor of this call."""
    somebody = visitor()
    return Speech(somebody.locale, somebody.zone)
