"""One line of the table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """What was measured, what it was measured against, and whether it keeps its budget."""

    name: str
    ours: str
    beside: str
    ratio: str
    budget: str
    is_kept: bool

    @property
    def verdict(self) -> str:
        return "kept" if self.is_kept else "MISSED"


def ratio_figure(name: str, ours: float, beside: float, at_most: float, unit: str) -> Figure:
    """A ratio that must not exceed `at_most`."""
    ratio = ours / beside if beside else float("inf")
    return Figure(name, f"{ours:.0f} {unit}", f"{beside:.0f} {unit}", f"{ratio:.2f}", f"≤ {at_most}", ratio <= at_most)


def limit_figure(name: str, ours: float, at_most: float, unit: str) -> Figure:
    """An absolute size with a limit."""
    return Figure(name, f"{ours:.1f} {unit}", "", "", f"≤ {at_most} {unit}", ours <= at_most)
