"""Compares what was really sent with what the SDK declares, strictly."""

from typing import Any

from portal_app.sandbox.contract.blanks import shape_of
from portal_app.sandbox.contract.kinds import (
    Anything,
    Choice,
    DecimalText,
    Either,
    Flag,
    Kind,
    Many,
    Mapping,
    Null,
    Real,
    Shape,
    Text,
    Whole,
)
from portal_app.sandbox.contract.presence import NULL_WHEN_ASKED, is_left_out
from portal_app.sandbox.contract.reading import DECIMAL
from portal_app.sandbox.contract.routes import route_for

DELETED = {"id", "object", "deleted"}
ERROR_TYPES = {"api_error", "card_error", "idempotency_error", "invalid_request_error"}
PLAIN = {Text: (str,), Whole: (int,), Real: (int, float), Flag: (bool,), Null: (type(None),)}


def deviations_of_answer(method: str, path: str, status: int, body: Any) -> list[str]:
    """Each way in which an answer differs from the operation's declared one; empty when there is none."""
    route = route_for(method, path)
    if route is None:
        return [f"{method} {path}: no such operation"]
    if status >= 400:
        return deviations_of_error(body)
    if isinstance(body, dict) and body.get("deleted") is True:
        return [f"$.{name}: not part of a deleted one" for name in sorted(set(body) - DELETED)]
    found: list[str] = []
    if route.answer is not None:
        _compare(route.answer, body, "$", found)
    return found


def deviations_of_error(body: Any) -> list[str]:
    """Each way in which a refusal differs from Stripe's."""
    if not isinstance(body, dict) or set(body) != {"error"} or not isinstance(body["error"], dict):
        return ["$: not an error hash"]
    if body["error"].get("type") not in ERROR_TYPES:
        return [f"$.error.type: {body['error'].get('type')!r}"]
    return []


def deviations_of_event(event: dict[str, Any]) -> list[str]:
    """Each way in which an event or the object it carries differs from the declared ones."""
    found: list[str] = []
    _compare(shape_of("event"), event, "$", found)
    carried = event["data"]["object"]
    if event["type"] == "invoice.upcoming":
        # An invoice that does not exist yet has no id: the one resource without.
        carried = carried | {"id": ""}
    _compare(shape_of(carried["object"]), carried, "$.data.object", found)
    return found


def _compare(kind: Kind, value: Any, path: str, found: list[str]) -> None:
    if isinstance(kind, Either):
        _compare_either(kind, value, path, found)
    elif isinstance(kind, Shape):
        _compare_shape(kind, value, path, found)
    elif isinstance(kind, Many):
        if not isinstance(value, list):
            found.append(f"{path}: {value!r} is no list")
            return
        for place, item in enumerate(value):
            _compare(kind.item, item, f"{path}[{place}]", found)
    elif isinstance(kind, Mapping):
        if not isinstance(value, dict):
            found.append(f"{path}: {value!r} is no hash")
            return
        for name, item in value.items():
            _compare(kind.value, item, f"{path}.{name}", found)
    elif not _is_plain(kind, value):
        found.append(f"{path}: {value!r} is not {kind}")


def _is_plain(kind: Kind, value: Any) -> bool:
    if isinstance(kind, Anything):
        return True
    if isinstance(kind, Choice):
        return value in kind.values
    if isinstance(kind, DecimalText):
        return isinstance(value, str) and DECIMAL.fullmatch(value) is not None
    if isinstance(value, bool):
        return isinstance(kind, Flag)
    return isinstance(value, PLAIN[type(kind)])


def _compare_shape(shape: Shape, value: Any, path: str, found: list[str]) -> None:
    if not isinstance(value, dict):
        found.append(f"{path}: {value!r} is no {shape.name}")
        return
    if value.get("deleted") is True:
        found += [f"{path}.{name}: not part of a deleted one" for name in sorted(set(value) - DELETED)]
        return
    resource = shape.object_name
    for name, known in shape.properties.items():
        if name in value:
            if value[name] is None and resource and _must_not_be_null(resource, name):
                found.append(f"{path}.{name}: null, where Stripe leaves it out")
            _compare(known.kind, value[name], f"{path}.{name}", found)
        elif known.is_required or (resource and not is_left_out(resource, name)):
            found.append(f"{path}.{name}: missing")
    found += [f"{path}.{name}: unknown" for name in sorted(set(value) - set(shape.properties))]


def _must_not_be_null(resource: str, name: str) -> bool:
    return is_left_out(resource, name) and (resource, name) not in NULL_WHEN_ASKED


def _compare_either(kind: Either, value: Any, path: str, found: list[str]) -> None:
    options: tuple[Kind, ...] = kind.options
    if isinstance(value, dict) and isinstance(value.get("object"), str):
        same = [o for o in options if isinstance(o, Shape) and o.object_name == value["object"]]
        options = tuple(same) or options
    nearest: list[str] | None = None
    has_nested = False
    for option in options:
        differences: list[str] = []
        _compare(option, value, path, differences)
        if not differences:
            return
        is_nested = isinstance(option, (Shape, Many, Mapping)) and isinstance(value, (dict, list))
        # A nested alternative says where the difference lies, a plain one only that there is one.
        if nearest is None or (is_nested and (not has_nested or len(differences) < len(nearest))):
            nearest, has_nested = differences, is_nested
    found += nearest or [f"{path}: {value!r} fits nothing"]
