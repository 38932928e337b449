"""The table of operations: which function carries out which request."""

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import Any

import portal_app.sandbox.operations as nouns
from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.contract.reading import read_parameters
from portal_app.sandbox.contract.routes import Route, anonymous, pattern_of, routes
from portal_app.sandbox.errors import StripeError, refused_parameter
from portal_app.sandbox.registry import Work, registered
from portal_app.sandbox.rendering import expand_path, render

GONE = "payment_method_types_no_longer_supported"


@dataclass(frozen=True, eq=False)
class Operation:
    """One row of the table."""

    route: Route
    work: Work


@cache
def operations() -> dict[tuple[str, str], Operation]:
    """Every operation that the sandbox can carry out, by method and anonymous path."""
    for module in pkgutil.iter_modules(nouns.__path__):
        importlib.import_module(f"{nouns.__name__}.{module.name}")
    known = routes()
    return {
        (method, anonymous(path)): Operation(known[method, anonymous(path)], work)
        for (method, path), work in registered().items()
    }


@cache
def _patterns() -> list[tuple[str, Any, Operation]]:
    ordered = sorted(operations().items(), key=lambda item: item[0][1].count("{}"))
    return [(method, pattern_of(operation.route.path), operation) for (method, _), operation in ordered]


def find_operation(method: str, path: str) -> tuple[Operation, tuple[str, ...]]:
    """The operation that a request addresses, and the ids in its path.

    Raises:
        StripeError: Stripe's 404 for an unknown address.
    """
    for known, pattern, operation in _patterns():
        match = pattern.match(path) if known == method else None
        if match:
            return operation, match.groups()
    raise StripeError(
        404,
        "invalid_request_error",
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at "
        "https://support.stripe.com/.",
    )


def perform(account: Account, method: str, path: str, given: Object) -> Object:
    """Carry out one request, all or nothing, and answer as Stripe would."""
    operation, ids = find_operation(method, path)
    params = read(operation, given)
    expand = account.expand = params.pop("expand", [])
    refusal: StripeError | None = None
    with account.transaction():
        try:
            answer = operation.work(account, params, *ids)
        except StripeError as error:
            if not error.keeps_work:
                raise
            refusal = error
        else:
            if method != "GET":
                account.count(f"{method} {operation.route.path}", answer.get("id", path))
            return shown(account, answer, expand)
    raise refusal


def read(operation: Operation, given: Object) -> Object:
    """The request's parameters with their types."""
    if "payment_method_types" in given and "_intents" in operation.route.path:
        raise refused_parameter(
            "The parameter `payment_method_types` is no longer supported. Use `automatic_payment_methods`, "
            "`allowed_payment_method_types` or `excluded_payment_method_types` instead.",
            "payment_method_types",
            GONE,
        )
    return read_parameters(operation.route.parameters, given)


def shown(account: Account, answer: Object, expand: list[str]) -> Object:
    """An operation's result as it goes over the wire."""
    if answer.get("object") in ("list", "search_result"):
        for path in expand:
            expand_path(account, answer, path)
        return answer
    return render(account, answer, expand)
