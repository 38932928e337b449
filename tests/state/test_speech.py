"""How moments are said to a visitor."""

from datetime import UTC, datetime

import pytest

from portal_app.state.speech import Speech


@pytest.mark.parametrize(
    ("end", "zone", "said"),
    [
        (datetime(2026, 12, 4, 10, 14, tzinfo=UTC), "UTC", "4 December 2026"),
        (datetime(2026, 12, 4, tzinfo=UTC), "UTC", "3 December 2026"),
        (datetime(2026, 12, 3, 23, tzinfo=UTC), "Europe/Berlin", "3 December 2026"),
        (datetime(2026, 12, 4, tzinfo=UTC), "Europe/Berlin", "4 December 2026"),
    ],
)
def test_when_something_ends_at_midnight_then_its_last_day_is_the_one_before(end, zone, said):
    speech = Speech("en", zone)

    last = speech.last_day(end)

    assert last == said
