"""Days, spans and times of day in words: long in sentences, short in tables."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_interval, format_skeleton, format_time

from portal_app.kit.i18n import words_in
from portal_app.kit.locales import date_locale

_SHORT_DAY = "yMMMd"
_MONTH = "yMMMM"
_NEAR_DAY = "MMMd"
# As long as no other day of the same name is nearer.
_NEAR_DAYS = 180


def say_day(moment: datetime, locale: str, zone: str) -> str:
    """The day of a moment for a sentence: "3 December 2026"."""
    return format_date(day_of(moment, zone), "long", locale=date_locale(locale))


def say_short_day(moment: datetime, locale: str, zone: str) -> str:
    """The day of a moment for a table: "3 Dec 2026"."""
    return format_skeleton(_SHORT_DAY, day_of(moment, zone), locale=date_locale(locale))


def say_near_day(moment: datetime, today: datetime, locale: str, zone: str) -> str:
    """The day of a moment for a badge: "3 Dec", with its year where that is not the one everybody thinks of."""
    day = day_of(moment, zone)
    skeleton = _NEAR_DAY if abs((day - day_of(today, zone)).days) <= _NEAR_DAYS else _SHORT_DAY
    return format_skeleton(skeleton, day, locale=date_locale(locale))


def say_month(moment: datetime, locale: str, zone: str) -> str:
    """The month of a moment: "December 2026"."""
    return format_skeleton(_MONTH, day_of(moment, zone), locale=date_locale(locale))


def say_time(moment: datetime, locale: str, zone: str) -> str:
    """The time of day: "14:05"."""
    return format_time(_there(moment, zone).timetz(), "short", locale=date_locale(locale))


def say_period(start: datetime, end: datetime, locale: str, zone: str) -> str:
    """The days that a period covers: "1–30 Nov 2026".

    Stripe's `end` is the moment at which the next period starts, so that day is no longer part of this one.
    """
    first = day_of(start, zone)
    last = max(first, day_of(end, zone) - timedelta(days=1))
    if first == last:
        return format_skeleton(_SHORT_DAY, first, locale=date_locale(locale))
    return format_interval(first, last, _SHORT_DAY, locale=date_locale(locale))


def say_relative_days(moment: datetime, today: datetime, locale: str, zone: str) -> str:
    """How many calendar days lie between `today` and a moment: "in 5 days", "today", "2 days ago"."""
    _ = words_in(locale)
    days = (day_of(moment, zone) - day_of(today, zone)).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    if days == -1:
        return _("yesterday")
    if days > 0:
        return _.n("in {n} day", "in {n} days", n=days)
    return _.n("{n} day ago", "{n} days ago", n=-days)


def day_of(moment: datetime, zone: str) -> date:
    """The calendar day that a moment falls on, there."""
    return _there(moment, zone).date()


def _there(moment: datetime, zone: str) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone could be any day")
    return moment.astimezone(_zone(zone))


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo:
    # A browser names its zone: it may be empty, misspelt, a folder or a path.
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC
