"""Turns the SDK's type annotations into kinds."""

import ast
import datetime
import decimal
import importlib
import inspect
import types
import typing
from functools import cache
from typing import Any

import typing_extensions
from stripe._list_object import ListObject
from stripe._request_options import RequestOptions
from stripe._search_result_object import SearchResultObject
from stripe._stripe_object import StripeObject, UntypedStripeObject

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
    Property,
    Real,
    Shape,
    Text,
    Whole,
    options_of,
)

PLAIN: dict[object, Kind] = {
    str: Text(),
    bool: Flag(),
    int: Whole(),
    float: Real(),
    decimal.Decimal: DecimalText(),
    datetime.datetime: Text(),
    type(None): Null(),
    dict: Mapping(Anything()),
    StripeObject: Mapping(Anything()),
    UntypedStripeObject: Mapping(Anything()),
}
UNIONS = (typing.Union, types.UnionType)
LISTS = (list, typing.Sequence, typing.get_origin(typing.Sequence[int]))
MAPPINGS = (dict, UntypedStripeObject)
ENVELOPES = {ListObject: "list", SearchResultObject: "search_result"}
# Keys that steer the SDK's own request and never reach the wire as parameters.
OPTIONS = frozenset(RequestOptions.__annotations__)

Names = dict[str, Any]


@cache
def names_in(module_name: str) -> Names:
    """A module's names, including those it imports for type checkers only."""
    module = importlib.import_module(module_name)
    names = dict(vars(module)) | {"UntypedStripeObject": UntypedStripeObject}
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            names |= _imported(node.body)
    return names


def _imported(body: list[ast.stmt]) -> Names:
    names: Names = {}
    for node in body:
        if isinstance(node, ast.ImportFrom) and node.module:
            module = importlib.import_module(node.module)
            names |= {alias.asname or alias.name: getattr(module, alias.name) for alias in node.names}
    return names


def resolve(annotation: Any, names: Names) -> Any:
    """The annotation itself where it was given as text."""
    if isinstance(annotation, typing.ForwardRef):
        annotation = annotation.__forward_arg__
    while isinstance(annotation, str):
        # The text comes from the installed SDK's source, nowhere else.
        annotation = eval(annotation, dict(names))  # noqa: S307
    return annotation


def property_of(annotation: Any, names: Names) -> Property:
    """A property: optional in the SDK's sense means nullable, left out, or both."""
    annotation = resolve(annotation, names)
    if typing.get_origin(annotation) is typing_extensions.NotRequired:
        return Property(kind_of(annotation.__args__[0], names), is_required=False)
    kind = kind_of(annotation, names)
    is_nullable = isinstance(kind, Either) and Null() in kind.options
    return Property(kind, is_required=not is_nullable)


def kind_of(annotation: Any, names: Names) -> Kind:
    """The kind that an annotation stands for."""
    annotation = resolve(annotation, names)
    try:
        plain = PLAIN.get(annotation)
    except TypeError:
        plain = None
    if plain is not None:
        return plain
    if isinstance(annotation, type) and issubclass(annotation, StripeObject) and typing.get_origin(annotation) is None:
        return shape_of_resource(annotation)
    if typing_extensions.is_typeddict(annotation):
        return shape_of_parameters(annotation)
    return _kind_of_generic(annotation, names)


def _kind_of_generic(annotation: Any, names: Names) -> Kind:
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin is typing.Literal or origin is typing_extensions.Literal:
        return Choice(tuple(arguments))
    if origin in UNIONS:
        return _kind_of_union(arguments, names)
    if origin in ENVELOPES:
        return _envelope(ENVELOPES[origin], arguments[0], names)
    if origin in LISTS:
        return Many(kind_of(arguments[0], names))
    if origin in MAPPINGS:
        return Mapping(Anything() if arguments[-1] is Any else kind_of(arguments[-1], names))
    return Anything()


def _kind_of_union(arguments: tuple[Any, ...], names: Names) -> Kind:
    kinds: list[Kind] = []
    for argument in arguments:
        for kind in options_of(kind_of(argument, names)):
            if kind not in kinds:
                kinds.append(kind)
    words = [kind for kind in kinds if isinstance(kind, Choice)]
    if words and Text() in kinds:
        # The SDK opens every enumeration by `| str`. Stripe itself refuses unknown words,
        # save where the only word is the empty one: that marks a text that can be cleared.
        values = tuple(dict.fromkeys(value for choice in words for value in choice.values))
        kinds = [kind for kind in kinds if not isinstance(kind, Choice)]
        if values != ("",):
            kinds[kinds.index(Text())] = Choice(values)
    return kinds[0] if len(kinds) == 1 else Either(tuple(kinds))


def _envelope(name: str, item: Any, names: Names) -> Shape:
    def read() -> dict[str, Property]:
        properties = {
            "object": Property(Choice((name,)), is_required=True),
            "data": Property(Many(kind_of(item, names)), is_required=True),
            "has_more": Property(Flag(), is_required=True),
            "url": Property(Text(), is_required=True),
        }
        if name == "search_result":
            properties["next_page"] = Property(Either((Text(), Null())), is_required=False)
        return properties

    return Shape(name, read)


@cache
def shape_of_resource(resource: type[StripeObject]) -> Shape:
    """The shape of a resource class or of one of its nested classes."""

    def read() -> dict[str, Property]:
        properties: dict[str, Property] = {}
        renamed = getattr(resource, "_field_remappings", None) or {}
        for base in reversed(resource.__mro__):
            if base is StripeObject or not issubclass(base, StripeObject):
                continue
            names = names_in(base.__module__) | {k: v for k, v in vars(base).items() if isinstance(v, type)}
            for name, annotation in inspect.get_annotations(base).items():
                if name.startswith("_") or name == "OBJECT_NAME" or "ClassVar" in str(annotation):
                    continue
                properties[renamed.get(name, name)] = property_of(annotation, names)
        return properties

    return Shape(resource.__qualname__, read)


@cache
def shape_of_parameters(parameters: Any) -> Shape:
    """The shape of a request's parameters or of one of their nested hashes."""

    def read() -> dict[str, Property]:
        names = names_in(parameters.__module__)
        return {
            name: property_of(annotation, names)
            for name, annotation in inspect.get_annotations(parameters).items()
            if name not in OPTIONS
        }

    return Shape(parameters.__qualname__, read)
