"""Complete blank resources to start from, so that no handler can forget a property."""

from functools import cache
from typing import Any

from stripe._object_classes import get_object_class

from portal_app.sandbox.contract.annotations import shape_of_resource
from portal_app.sandbox.contract.kinds import (
    Choice,
    DecimalText,
    Either,
    Flag,
    Kind,
    Many,
    Null,
    Real,
    Shape,
    Text,
    Whole,
    is_mapping_of_shapes,
    options_of,
    shape_in,
)
from portal_app.sandbox.contract.presence import is_left_out


@cache
def shape_of(object_name: str) -> Shape:
    """The declared shape of a resource such as `subscription` or `test_helpers.test_clock`."""
    return shape_of_resource(get_object_class("V1", object_name))


@cache
def _blank(object_name: str) -> dict[str, Any]:
    return {
        name: _empty(known.kind) if known.is_required else None
        for name, known in shape_of(object_name).properties.items()
        if not is_left_out(object_name, name)
    }


def blank(object_name: str) -> dict[str, Any]:
    """A resource with every property Stripe sends: null where it may be, empty where it may not."""
    return _copied(_blank(object_name))


def _copied(value: Any) -> Any:
    # A blank holds plain values only, for which this is several times faster than `copy.deepcopy`.
    if isinstance(value, dict):
        return {name: _copied(item) for name, item in value.items()}
    return list(value) if isinstance(value, list) else value


def _empty(kind: Kind) -> Any:
    if isinstance(kind, Either):
        return None if Null() in kind.options else _empty(kind.options[0])
    if isinstance(kind, Choice):
        return kind.values[0]
    if isinstance(kind, Shape):
        return {name: _empty(k.kind) if k.is_required else None for name, k in kind.properties.items()}
    if isinstance(kind, Many):
        return []
    empties = {Text: "", DecimalText: "0", Whole: 0, Real: 0, Flag: False}
    return empties.get(type(kind), {})


def part(object_name: str, path: str, **values: Any) -> dict[str, Any]:
    """A complete nested hash of a resource: `part("invoice", "status_transitions", paid_at=1)`.

    What is given may be incomplete at any depth; the rest is filled in as in `blank`.
    """
    shape = shape_of(object_name)
    for name in path.split("."):
        nested = shape_in(shape.properties[name].kind)
        if nested is None:
            raise LookupError(f"{object_name}.{path} is not a hash")
        shape = nested
    return _completed(shape, values)


def _completed(shape: Shape, values: dict[str, Any]) -> dict[str, Any]:
    for name in values:
        if name not in shape.properties:
            raise LookupError(f"{shape.name} has no {name}")
    return {
        name: _completed_value(known.kind, values[name])
        if name in values
        else (_empty(known.kind) if known.is_required else None)
        for name, known in shape.properties.items()
        if name in values or not is_mapping_of_shapes(known.kind)
    }


def _completed_value(kind: Kind, value: Any) -> Any:
    shape = next((option for option in options_of(kind) if isinstance(option, Shape)), None)
    if isinstance(value, dict) and shape is not None and "object" not in shape.properties:
        return _completed(shape, value)
    return value
