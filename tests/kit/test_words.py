from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.kit.words import day_of, say_day, say_month, say_period, say_relative_days, say_short_day, say_time

MOMENTS = st.datetimes(datetime(2001, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))
ZONES = st.sampled_from(sorted(available_timezones()))
LATE = datetime(2026, 12, 2, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("say", "locale", "zone", "text"),
    [
        (say_day, "en", "UTC", "2 December 2026"),
        (say_day, "en", "Europe/Berlin", "3 December 2026"),
        (say_day, "en", "America/New_York", "2 December 2026"),
        (say_day, "de", "Europe/Berlin", "3. Dezember 2026"),
        (say_day, "en-US", "Europe/Berlin", "December 3, 2026"),
        (say_day, "ja", "Asia/Tokyo", "2026年12月3日"),
        (say_short_day, "en", "Europe/Berlin", "3 Dec 2026"),
        (say_short_day, "de", "Europe/Berlin", "3. Dez. 2026"),
        (say_month, "en", "UTC", "December 2026"),
        (say_month, "de", "UTC", "Dezember 2026"),
        (say_time, "en", "UTC", "23:30"),
        (say_time, "de", "Europe/Berlin", "00:30"),
        (say_time, "en-US", "UTC", "11:30\u202fPM"),
    ],
)
def test_when_a_moment_is_said_then_it_is_the_day_of_the_visitors_zone(say, locale, zone, text):
    assert say(LATE, locale, zone) == text


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "Europe", "\x00", "a" * 9000]
)
def test_given_a_zone_that_does_not_exist_when_a_time_is_said_then_it_is_utc(zone):
    assert say_time(LATE, "en", zone) == "23:30"


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (at(2026, 11, 1), at(2026, 12, 1), "1–30 Nov 2026"),
        (at(2026, 10, 13, 9), at(2026, 11, 13, 9), "13 Oct – 12 Nov 2026"),
        (at(2026, 12, 13), at(2027, 1, 13), "13 Dec 2026 – 12 Jan 2027"),
        (at(2026, 11, 3, 9), at(2026, 11, 4, 9), "3 Nov 2026"),
        (at(2026, 11, 3, 9), at(2026, 11, 3, 10), "3 Nov 2026"),
        (at(2026, 11, 3, 9), at(2026, 11, 3, 9), "3 Nov 2026"),
        (at(2027, 1, 1), at(2028, 1, 1), "1 Jan – 31 Dec 2027"),
    ],
)
def test_when_a_period_is_said_then_the_day_the_next_one_starts_is_left_out(start, end, text):
    assert say_period(start, end, "en", "UTC").replace("\u2009", " ") == text


def test_when_a_period_is_said_in_german_then_it_follows_german_order():
    assert say_period(at(2026, 11, 1), at(2026, 12, 1), "de", "UTC") == "1.–30. Nov. 2026"


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=800)), ZONES, st.sampled_from(["en", "de", "ja", "ar"]))
def test_when_any_period_is_said_then_it_names_its_first_and_last_year(start, length, zone, locale):
    text = say_period(start, start + length, locale, zone)

    last = max(day_of(start, zone), day_of(start + length, zone) - timedelta(days=1))
    assert str(last.year) in text
    assert str(day_of(start, zone).year) in text


@pytest.mark.parametrize(
    ("days", "text"),
    [(0, "today"), (1, "tomorrow"), (-1, "yesterday"), (2, "in 2 days"), (30, "in 30 days"), (-2, "2 days ago")],
)
def test_when_days_are_counted_then_they_are_calendar_days(days, text):
    today = at(2026, 3, 28, 23, 59)

    said = say_relative_days(today + timedelta(days=days), today, "en", "UTC")

    assert said == text


def test_given_a_zone_past_midnight_when_days_are_counted_then_its_own_midnight_counts():
    morning = at(2026, 12, 3, 8)

    assert say_relative_days(morning, LATE, "en", "UTC") == "tomorrow"
    assert say_relative_days(morning, LATE, "en", "Europe/Berlin") == "today"


@given(MOMENTS, ZONES)
def test_when_a_day_is_taken_then_it_is_the_zones_own(moment, zone):
    assert day_of(moment, zone) == moment.astimezone(ZoneInfo(zone)).date()


@pytest.mark.parametrize("say", [say_day, say_short_day, say_month, say_time])
def test_given_a_moment_without_a_zone_when_it_is_said_then_it_is_refused(say):
    with pytest.raises(ValueError):
        say(datetime(2026, 12, 3), "en", "UTC")
