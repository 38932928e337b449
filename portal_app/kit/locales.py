"""Turns a locale's name into Babel's, for numbers and for dates."""

from functools import lru_cache

from babel import Locale
from babel.core import UnknownLocaleError


@lru_cache(maxsize=64)
def number_locale(tag: str) -> Locale:
    """Babel's locale for amounts; one that Babel does not know is English."""
    name = tag.replace("-", "_")
    for candidate in (name, name.split("_")[0]):
        try:
            return Locale.parse(candidate)
        except (ValueError, UnknownLocaleError):
            continue
    return Locale.parse("en")


@lru_cache(maxsize=64)
def date_locale(tag: str) -> Locale:
    """Babel's locale for dates; English without a region writes the day first ("3 December 2026").

    Plain `en` is American to Babel. The portal's English is read all over the world, where the day
    comes first; `en-US` still gets its own order.
    """
    locale = number_locale(tag)
    return Locale.parse("en_GB") if str(locale) == "en" else locale
