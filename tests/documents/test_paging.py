import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.documents.paging import paginate

HEIGHTS = st.lists(st.floats(10, 90), max_size=80)
FIRST_ROOM, ROOM = 300.0, 600.0


@pytest.mark.parametrize(
    ("heights", "tail", "pages"),
    [
        ([], 50, [0]),
        ([40], 50, [1]),
        ([40] * 6, 50, [6]),
        ([40] * 7, 50, [5, 2]),
        ([40] * 8, 50, [6, 2]),
        ([40] * 7 + [40] * 15, 50, [7, 13, 2]),
        ([40], 280, [0, 1]),
        ([40] * 2, 280, [0, 2]),
        ([40] * 3, 580, [3, 0]),
        ([700, 40], 50, [1, 1]),
    ],
)
def test_when_rows_are_paged_then_the_sums_keep_company(heights, tail, pages):
    assert paginate(heights, FIRST_ROOM, ROOM, tail) == pages


@given(HEIGHTS, st.floats(20, 400))
def test_given_any_rows_when_they_are_paged_then_none_is_lost_and_none_overflows(heights, tail):
    pages = paginate(heights, FIRST_ROOM, ROOM, tail)

    assert sum(pages) == len(heights)
    first = 0
    for number, count in enumerate(pages):
        rows, first = heights[first : first + count], first + count
        below = tail if number == len(pages) - 1 else 0
        assert sum(rows) + below <= (ROOM if number else FIRST_ROOM) or not rows


@given(HEIGHTS, st.floats(20, 400))
def test_given_any_rows_when_they_are_paged_then_two_of_them_stand_above_the_sums(heights, tail):
    pages = paginate(heights, FIRST_ROOM, ROOM, tail)

    assert pages[-1] >= min(2, len(heights)) or pages[-2] == 1
