"""Stripe's objects as an English page says them: what a story expects to read on screen."""

from datetime import UTC, datetime

from stripe import Invoice, PaymentMethod

from portal_app.kit.money import Money, say_money
from portal_app.kit.words import say_day, say_near_day, say_short_day

LOCALE, ZONE = "en", "UTC"


def money(amount: int, currency: str) -> str:
    """An amount in minor units."""
    return say_money(Money(amount, currency), LOCALE)


def day(seconds: int) -> str:
    """A moment of Stripe's as a day in a sentence."""
    return say_day(_moment(seconds), LOCALE, ZONE)


def short_day(seconds: int) -> str:
    """A moment of Stripe's as a day in a list."""
    return say_short_day(_moment(seconds), LOCALE, ZONE)


def near_day(seconds: int) -> str:
    """A moment of Stripe's as a day in a badge."""
    return say_near_day(_moment(seconds), datetime.now(UTC), LOCALE, ZONE)


def card(method: PaymentMethod) -> str:
    """A card by its brand and its last digits."""
    return f"{method.card.brand.capitalize()} ending {method.card.last4}"


def amount_due(invoice: Invoice) -> str:
    """What is to be paid for an invoice or a preview of one."""
    return money(invoice.amount_due, invoice.currency)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
