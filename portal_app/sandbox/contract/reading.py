"""Reads a request's parameters: typed where they fit, refused in Stripe's words where they do not."""

import re
from typing import Any
from urllib.parse import parse_qsl

from portal_app.sandbox.contract.kinds import (
    Anything,
    Choice,
    DecimalText,
    Either,
    Flag,
    Kind,
    Many,
    Mapping,
    Real,
    Shape,
    Text,
    Whole,
)
from portal_app.sandbox.errors import StripeError, refused_parameter

DECIMAL = re.compile(r"-?\d+(\.\d+)?")
KEY_PART = re.compile(r"[^\[\]]+|(?<=\[)(?=\])")


def decode_form(text: str) -> dict[str, Any]:
    """`a[b][0][c]=v` as nested hashes; whether a hash is a list is decided by the parameter's kind."""
    root: dict[str, Any] = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        *path, last = KEY_PART.findall(key) or [key]
        level = root
        for part in path:
            deeper = level.setdefault(part or str(len(level)), {})
            if not isinstance(deeper, dict):
                raise refused_parameter(f"Invalid hash: {part}", key)
            level = deeper
        level[last or str(len(level))] = value
    return root


def read_parameters(shape: Shape | None, given: dict[str, Any]) -> dict[str, Any]:
    """The parameters with their types, or the first refusal."""
    if shape is None:
        for name in given:
            raise _unknown(name)
        return {}
    return _read_shape(shape, given, "")


def _read_shape(shape: Shape, given: dict[str, Any], path: str) -> dict[str, Any]:
    for name in given:
        if name not in shape.properties:
            raise _unknown(_below(path, name))
    for name, known in shape.properties.items():
        if known.is_required and given.get(name) is None:
            where = _below(path, name)
            raise refused_parameter(f"Missing required param: {where}.", where, "parameter_missing")
    return {
        name: read_value(shape.properties[name].kind, value, _below(path, name))
        for name, value in given.items()
        if value is not None
    }


def read_value(kind: Kind, value: Any, path: str) -> Any:
    """One value as its kind wants it."""
    if isinstance(kind, Either):
        return _read_either(kind, value, path)
    if isinstance(kind, Shape):
        if not isinstance(value, dict):
            raise _ill_typed("hash", value, path)
        return _read_shape(kind, value, path)
    if isinstance(kind, Many):
        return [read_value(kind.item, item, f"{path}[{place}]") for place, item in enumerate(_items(value, path))]
    if isinstance(kind, Mapping):
        if not isinstance(value, dict):
            raise _ill_typed("hash", value, path)
        return {str(name): read_value(kind.value, item, _below(path, name)) for name, item in value.items()}
    if isinstance(value, (dict, list)) and not isinstance(kind, Anything):
        raise _ill_typed("string", "", path)
    return _read_plain(kind, value, path)


def _items(value: Any, path: str) -> list[Any]:
    if isinstance(value, list):
        return value
    if not isinstance(value, dict) or not all(key.isdigit() for key in value):
        raise _ill_typed("array", value, path)
    return [value[key] for key in sorted(value, key=int)]


def _read_plain(kind: Kind, value: Any, path: str) -> Any:
    if isinstance(kind, Choice):
        if value not in kind.values:
            words = ", ".join(str(word) for word in kind.values if word != "")
            raise refused_parameter(f"Invalid {path}: must be one of {words}", path)
        return value
    if isinstance(kind, (Whole, Real, Flag)) and value == "":
        raise refused_parameter(
            f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a parameter; "
            f"however '{path}' cannot be unset. You should remove '{path}' from your request or supply a non-empty "
            "value.",
            path,
            "parameter_invalid_empty",
        )
    if isinstance(kind, Whole):
        return _read_whole(value, path)
    if isinstance(kind, Flag):
        if value not in (True, False, "true", "false"):
            raise _ill_typed("boolean", value, path)
        return value in (True, "true")
    if isinstance(kind, (Real, DecimalText)):
        if not DECIMAL.fullmatch(str(value)):
            raise _ill_typed("decimal", value, path)
        return float(value) if isinstance(kind, Real) else str(value)
    if isinstance(kind, Text):
        return str(value)
    return value


def _read_whole(value: Any, path: str) -> int:
    if isinstance(value, bool) or not re.fullmatch(r"-?\d+", str(value)):
        raise refused_parameter(f"Invalid integer: {value}", path, "parameter_invalid_integer")
    return int(value)


def _read_either(kind: Either, value: Any, path: str) -> Any:
    """The first alternative that fits; words before types, so that `now` is not taken for a bad integer."""
    if isinstance(value, str):
        for option in kind.options:
            if isinstance(option, Choice) and value in option.values:
                return value
    is_nested = isinstance(value, (dict, list))
    fitting = [option for option in kind.options if isinstance(option, (Shape, Many, Mapping)) == is_nested]
    refusal: StripeError | None = None
    # Text swallows everything, so it is asked last.
    for option in sorted(fitting, key=lambda option: isinstance(option, Text)):
        try:
            return read_value(option, value, path)
        except StripeError as error:
            refusal = refusal or error
    raise refusal or _ill_typed("hash" if not is_nested else "string", value, path)


def _below(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _unknown(path: str) -> StripeError:
    return refused_parameter(f"Received unknown parameter: {path}", path, "parameter_unknown")


def _ill_typed(wanted: str, value: Any, path: str) -> StripeError:
    if wanted in ("hash", "array"):
        return refused_parameter(f"Invalid {wanted}", path)
    return refused_parameter(f"Invalid {wanted}: {value}", path)
