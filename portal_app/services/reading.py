"""How Stripe's JSON is read: absent, null and empty are the same, and an expanded object is as good as its id."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from portal_app.kit.clock import moment_of
from portal_app.kit.money import Money

Json = Mapping[str, Any]


def id_of(value: Any) -> str:
    """The id of a field that Stripe sends as an id, as the object itself, or as null."""
    if isinstance(value, Mapping):
        return str(value.get("id") or "")
    return value if isinstance(value, str) else ""


def part(value: Any, *names: str) -> Json:
    """The object at the end of a path; empty where anything on the way is missing or only an id."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def entries(value: Any) -> Sequence[Json]:
    """The objects of a list, whether Stripe wraps it as `{"object": "list"}` or not; ids alone are left out."""
    if isinstance(value, Mapping):
        value = value.get("data")
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def moment(value: Any) -> datetime | None:
    """Whole seconds as an aware moment."""
    return moment_of(value) if isinstance(value, int) and not isinstance(value, bool) else None


def number(value: Any) -> int:
    """A whole number, zero where there is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def text(value: Any) -> str:
    """A text, empty where there is none."""
    return value if isinstance(value, str) else ""


def decimal(value: Any) -> Decimal | None:
    """What Stripe sends as a decimal string or as a JSON number, exactly as it was written."""
    if value is None or isinstance(value, bool | Mapping):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def money(value: Any, currency: str) -> Money:
    """An amount of minor units, zero where there is none."""
    return Money(number(value), currency)


def ids_of(values: Any) -> Iterator[str]:
    """The ids of a list of ids or objects, without the empty ones."""
    if isinstance(values, list):
        yield from filter(None, map(id_of, values))
