"""Where a long table turns the page, so that its sums never stand alone."""

from collections.abc import Sequence

# So many rows at least stand above the sums.
_COMPANY = 2


def paginate(heights: Sequence[float], first_room: float, room: float, tail: float) -> list[int]:
    """How many rows stand on each page; the tail fits below the last ones.

    A row higher than a page still gets a page of its own. The tail is alone only where no row fits beside it.
    """
    pages = _filled(heights, first_room, room)
    last = pages[-1]
    company = min(_COMPANY, len(heights))
    available = first_room if len(pages) == 1 else room
    if sum(heights[len(heights) - last :]) + tail > available:
        return _with_last_page(pages, heights, min(company, last), room - tail)
    if last < company:
        *before, previous = pages[:-1]
        moved = company - last
        if previous > moved and sum(heights[-company:]) + tail <= room:
            return [*before, previous - moved, company]
    return pages


def _filled(heights: Sequence[float], first_room: float, room: float) -> list[int]:
    pages, used, available = [0], 0.0, first_room
    for height in heights:
        if pages[-1] and used + height > available:
            pages.append(0)
            used, available = 0.0, room
        pages[-1] += 1
        used += height
    return pages


def _with_last_page(pages: list[int], heights: Sequence[float], most: int, room: float) -> list[int]:
    """The same with one page more, which takes over as many of the last rows as fit."""
    fitting = next((count for count in range(most, 0, -1) if sum(heights[-count:]) <= room), 0)
    return [*pages[:-1], pages[-1] - fitting, fitting]
