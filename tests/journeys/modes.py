"""How a page is looked at: its width and its scheme; all four ways, or one of them for each page in turn."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from tests.journeys.browser import DESKTOP, PHONE
from tests.journeys.places import Place


@dataclass(frozen=True)
class Mode:
    """A screen's width and what its owner prefers."""

    width: int
    scheme: str

    def __str__(self) -> str:
        return f"{self.width}-{self.scheme}"


IS_DEEP = os.environ.get("PORTAL_DEEP") == "1"
MODES = tuple(Mode(width, scheme) for width in (PHONE, DESKTOP) for scheme in ("light", "dark"))


def looks(places: Sequence[Place]) -> list[tuple[Place, Mode]]:
    """Every place in every mode where there is time; else every place once, and every mode equally often."""
    if IS_DEEP:
        return [(place, mode) for place in places for mode in MODES]
    return [(place, MODES[number % len(MODES)]) for number, place in enumerate(places)]
