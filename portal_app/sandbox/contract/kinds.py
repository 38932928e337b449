"""The few kinds of values that travel to and from Stripe."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property


class Kind:
    """What a value may be."""

    __slots__ = ()


@dataclass(frozen=True)
class Text(Kind):
    """Any string."""


@dataclass(frozen=True)
class DecimalText(Kind):
    """A decimal number written as a string, so that no digit is lost."""


@dataclass(frozen=True)
class Whole(Kind):
    """An integer: amounts in minor units, moments in seconds, counts."""


@dataclass(frozen=True)
class Real(Kind):
    """A number that may have decimals, such as a percentage."""


@dataclass(frozen=True)
class Flag(Kind):
    """True or false."""


@dataclass(frozen=True)
class Null(Kind):
    """Nothing, said out loud."""


@dataclass(frozen=True)
class Anything(Kind):
    """A value that the SDK does not describe."""


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few words."""

    values: tuple[object, ...]


@dataclass(frozen=True)
class Many(Kind):
    """A list of one kind."""

    item: Kind


@dataclass(frozen=True)
class Mapping(Kind):
    """Free keys, values of one kind: metadata and the like."""

    value: Kind


@dataclass(frozen=True)
class Either(Kind):
    """One of several kinds."""

    options: tuple[Kind, ...]


@dataclass(frozen=True)
class Property:
    """One named value of a shape; `is_required` means that the SDK knows it to be there and never null."""

    kind: Kind
    is_required: bool


@dataclass(eq=False)
class Shape(Kind):
    """A hash with known keys. Its properties are read when first asked for, since shapes name each other in circles."""

    name: str
    read: Callable[[], dict[str, Property]] = field(repr=False)

    @cached_property
    def properties(self) -> dict[str, Property]:
        """The known keys with their kinds."""
        return self.read()

    @cached_property
    def object_name(self) -> str | None:
        """The value of `object`, for resources."""
        known = self.properties.get("object")
        if known is None or not isinstance(known.kind, Choice):
            return None
        return str(known.kind.values[0])


def options_of(kind: Kind) -> tuple[Kind, ...]:
    """The alternatives of a kind; a plain kind is its own only one."""
    return kind.options if isinstance(kind, Either) else (kind,)


def shape_in(kind: Kind) -> Shape | None:
    """The shape among a kind's alternatives, looking through lists."""
    for option in options_of(kind):
        if isinstance(option, Shape):
            return option
        if isinstance(option, Many):
            return shape_in(option.item)
    return None


def is_mapping_of_shapes(kind: Kind) -> bool:
    """Whether a value is a dictionary of hashes, such as prices by currency. The SDK cannot read null in its place."""
    return any(isinstance(option, Mapping) and isinstance(option.value, Shape) for option in options_of(kind))
