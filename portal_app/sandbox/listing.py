"""Lists: newest first, in pages, filtered; and a simple search."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import Any

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.errors import invalid, no_such, refused_parameter
from portal_app.sandbox.rendering import envelope, render
from portal_app.sandbox.store import Query

Keep = Callable[[Object], bool]
CONDITION = re.compile(r"""(-?)([\w.]+(?:\[["'][^"']+["']\])?)\s*([:~<>]=?)\s*(?:["']([^"']*)["']|(\S+))""")


def page_size(params: Object) -> int:
    """How many are wanted: 1 to 100, 10 by default."""
    limit = params.get("limit", 10)
    if limit > 100:
        raise refused_parameter(f"This value must be less than or equal to 100 (it currently is '{limit}').", "limit")
    if limit < 1:
        raise refused_parameter(f"This value must be greater than or equal to 1 (it currently is '{limit}').", "limit")
    return limit


def list_page(account: Account, query: Query, params: Object, url: str) -> Object:
    """One page of a list, as it goes over the wire."""
    limit = page_size(params)
    query = _within(query, params.get("created"))
    after, before = params.get("starting_after"), params.get("ending_before")
    if after and before:
        raise refused_parameter("You cannot parameterize both starting_after and ending_before.", "ending_before")
    if after:
        query = replace(query, after=_cursor(account, query, after, "starting_after"))
    elif before:
        query = replace(query, before=_cursor(account, query, before, "ending_before"), is_oldest_first=True)
    exact = _exactly(params.get("created"))
    found = list(islice((t for t in account.select(query) if exact(t)), limit + 1))
    has_more, found = len(found) > limit, found[:limit]
    if before:
        found.reverse()
    return envelope([render(account, thing) for thing in found], url, has_more)


def _cursor(account: Account, query: Query, object_id: str, param: str) -> tuple[int, int]:
    place = account.store.place(account.name, object_id)
    thing = account.find(object_id)
    if place is None or thing is None or thing["object"] != query.kind:
        raise no_such(query.kind.replace("_", " "), object_id, param, status=400)
    return place


def _within(query: Query, created: int | Object | None) -> Query:
    if not isinstance(created, dict):
        return query
    since = max((int(created[k]) + (k == "gt") for k in ("gt", "gte") if k in created), default=None)
    until = min((int(created[k]) - (k == "lt") for k in ("lt", "lte") if k in created), default=None)
    return replace(query, since=since, until=until)


def _exactly(created: int | Object | None) -> Keep:
    if isinstance(created, int):
        return lambda thing: thing["created"] == created
    return lambda _: True


def page_of(account: Account, things: list[Object], params: Object, url: str) -> Object:
    """One page of a short list that is at hand already, in the order given."""
    limit = page_size(params)
    ids = [thing["id"] for thing in things]
    after, before = params.get("starting_after"), params.get("ending_before")
    for cursor, param in ((after, "starting_after"), (before, "ending_before")):
        if cursor and cursor not in ids:
            raise no_such("object", cursor, param, status=400)
    if before:
        rest = things[: ids.index(before)]
        return envelope([render(account, t) for t in rest[-limit:]], url, len(rest) > limit)
    rest = things[ids.index(after) + 1 :] if after else things
    return envelope([render(account, t) for t in rest[:limit]], url, len(rest) > limit)


def matches(params: Object, *names: str) -> Keep:
    """Keeps what agrees with each given parameter of the same name."""
    wanted = {name: params[name] for name in names if name in params}
    return lambda thing: all(thing.get(name) == value for name, value in wanted.items())


def search_page(account: Account, kind: str, params: Object) -> Object:
    """What a query finds. Unlike the real search, it finds a new object at once.

    Understands `field:"value"`, `field~"part"`, `metadata["key"]:"value"`, comparisons, `-` and either AND or OR.
    """
    conditions = CONDITION.findall(params["query"])
    if not conditions:
        raise invalid(
            'We were unable to parse your search query. Try using the format `metadata["key"]:"value"`.', "query"
        )
    combine = any if re.search(r"\bOR\b", params["query"]) else all
    limit = page_size(params)
    start = int(params.get("page") or 0)
    found = [
        thing for thing in account.select(Query(kind)) if combine(_holds(thing, condition) for condition in conditions)
    ]
    has_more = len(found) > start + limit
    return {
        "object": "search_result",
        "url": f"/v1/{kind}s/search",
        "has_more": has_more,
        "next_page": str(start + limit) if has_more else None,
        "data": [render(account, thing) for thing in found[start : start + limit]],
    }


def _holds(thing: Object, condition: tuple[str, str, str, str, str]) -> bool:
    minus, field, sign, quoted, bare = condition
    wanted = (quoted or bare).lower()
    value = _value(thing, field)
    if value is None:
        holds = wanted == "null"
    elif sign == ":":
        holds = str(value).lower() == wanted
    elif sign == "~":
        holds = wanted in str(value).lower()
    else:
        left, right = float(value), float(wanted)
        holds = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[sign]
    return holds != (minus == "-")


def _value(thing: Object, field: str) -> Any:
    named = re.fullmatch(r"""metadata\[["'](.+)["']\]""", field)
    if named:
        return (thing.get("metadata") or {}).get(named[1])
    return thing.get(field)
