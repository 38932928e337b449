"""Facts as rows: a label and what it says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fact:
    """One line of a list of facts."""

    label: str
    text: str


def told(*facts: Fact) -> list[Fact]:
    """The facts that say something."""
    return [fact for fact in facts if fact.text]
