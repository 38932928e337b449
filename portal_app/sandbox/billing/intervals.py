"""Billing periods on the calendar, with the day of the anchor kept over short months."""

import calendar
from datetime import UTC, datetime

from portal_app.sandbox.account import Object

DAY = 86_400
FIXED = {"day": DAY, "week": 7 * DAY}
LONGEST = FIXED | {"month": 31 * DAY, "year": 366 * DAY}


def add_interval(moment: int, interval: str, count: int) -> int:
    """A moment `count` intervals later; the 31st becomes the last day where a month is shorter."""
    if interval in FIXED:
        return moment + count * FIXED[interval]
    start = datetime.fromtimestamp(moment, UTC)
    months = start.month - 1 + count * (12 if interval == "year" else 1)
    year, month = start.year + months // 12, months % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp())


def boundary_after(anchor: int, recurring: Object, moment: int) -> int:
    """The first end of a period after a moment, counted from the anchor so that Jan 31 leads to Feb 28 and Mar 31."""
    interval, every = recurring["interval"], recurring["interval_count"]
    steps = (moment - anchor) // (LONGEST[interval] * every) - 1
    while add_interval(anchor, interval, steps * every) <= moment:
        steps += 1
    return add_interval(anchor, interval, steps * every)


def period_before(anchor: int, recurring: Object, end: int) -> int:
    """The start of the period that ends at a boundary."""
    interval, every = recurring["interval"], recurring["interval_count"]
    steps = (end - anchor) // (LONGEST[interval] * every) - 1
    start = add_interval(anchor, interval, steps * every)
    while (following := add_interval(anchor, interval, (steps + 1) * every)) < end:
        start, steps = following, steps + 1
    return start


def same_interval(one: Object, other: Object) -> bool:
    """Whether two prices bill equally often."""
    keys = ("interval", "interval_count")
    return all(one["recurring"][key] == other["recurring"][key] for key in keys)
