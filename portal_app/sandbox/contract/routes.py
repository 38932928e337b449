"""The operations that the installed SDK knows, read off its service modules."""

import ast
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import stripe

from portal_app.sandbox.contract.annotations import kind_of, names_in, resolve
from portal_app.sandbox.contract.kinds import Kind, Shape, shape_in

REQUESTS = {"_request", "_request_search", "_request_list", "_request_stream"}


@dataclass(frozen=True, eq=False)
class Route:
    """One operation: where it lives, what it takes and what it answers."""

    method: str
    path: str
    module: str
    parameters_text: str | None
    answer_text: str | None

    @cached_property
    def parameters(self) -> Shape | None:
        """What it takes."""
        if self.parameters_text is None:
            return None
        names = names_in(self.module)
        return shape_in(kind_of(resolve(self.parameters_text, names), names))

    @cached_property
    def answer(self) -> Kind | None:
        """What it answers."""
        if self.answer_text is None:
            return None
        names = names_in(self.module)
        return kind_of(resolve(self.answer_text, names), names)


def pattern_of(path: str) -> re.Pattern[str]:
    """A pattern that matches a path template and captures its ids."""
    return re.compile("^" + re.sub(r"\{[^}]+\}", "([^/]+)", path) + "$")


@cache
def routes() -> dict[tuple[str, str], Route]:
    """Every operation below /v1, by method and by path with `{}` for each id."""
    root = Path(stripe.__file__).parent
    found: dict[tuple[str, str], Route] = {}
    for file in sorted(root.rglob("*_service.py")):
        source = file.read_text()
        if "/v1/" not in source:
            continue
        module = "stripe." + ".".join(file.relative_to(root).with_suffix("").parts)
        for service in ast.parse(source).body:
            if isinstance(service, ast.ClassDef):
                for route in _routes_of(service, module):
                    found[route.method, anonymous(route.path)] = route
    return found


def anonymous(path: str) -> str:
    """A path template without the names of its ids, which differ between the SDK and the reference."""
    return re.sub(r"\{[^}]+\}", "{}", path)


def _routes_of(service: ast.ClassDef, module: str) -> list[Route]:
    found = []
    for function in service.body:
        if not isinstance(function, ast.FunctionDef):
            continue
        method, path = _request_of(function)
        if method and path.startswith("/v1/"):
            takes = next((a.annotation for a in function.args.args if a.arg == "params"), None)
            found.append(
                Route(
                    method.upper(),
                    path,
                    module,
                    ast.unparse(takes) if takes else None,
                    ast.unparse(function.returns) if function.returns else None,
                )
            )
    return found


def _request_of(function: ast.FunctionDef) -> tuple[str, str]:
    for node in ast.walk(function):
        if not isinstance(node, ast.Call) or getattr(node.func, "attr", "") not in REQUESTS or len(node.args) < 2:
            continue
        method, path = node.args[0], node.args[1]
        if isinstance(path, ast.Call) and isinstance(path.func, ast.Attribute):
            path = path.func.value
        if isinstance(method, ast.Constant) and isinstance(path, ast.Constant):
            return str(method.value), str(path.value)
    return "", ""


@cache
def _patterns() -> list[tuple[str, re.Pattern[str], Route]]:
    # A literal segment (`/search`) wins over an id, so paths with fewer ids come first.
    ordered = sorted(routes().values(), key=lambda route: route.path.count("{"))
    return [(route.method, pattern_of(route.path), route) for route in ordered]


def route_for(method: str, path: str) -> Route | None:
    """The operation that a concrete request addresses."""
    for known_method, pattern, route in _patterns():
        if known_method == method and pattern.match(path):
            return route
    return None
