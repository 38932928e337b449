"""`@policy` says who may call a handler; the handler's signature says with what. Whatever says neither stays shut."""

import functools
import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from portal_app.security.sessions import LiveSession

Audience = Literal["public", "choosing", "customer", "fresh", "staff", "staff_write"]
Verdict = Literal["allowed", "no_session", "still_choosing", "not_fresh", "not_allowed"]
F = TypeVar("F", bound=Callable[..., Any])

LONGEST_TEXT = 2_000
LONGEST_LIST = 100
_LARGEST_NUMBER = 2**53 - 1  # what a browser can count
_WRITING_ROLES = frozenset({"owner", "admin"})
_MARK = "__portal_policy__"


@dataclass(frozen=True)
class Policy:
    """Who may call a handler, and whether calling it is something a person does."""

    audience: Audience
    is_activity: bool

    @property
    def is_for_staff(self) -> bool:
        """Whether its visitors sign in at the merchant's door."""
        return self.audience in ("staff", "staff_write")


def policy(audience: Audience, *, is_activity: bool | None = None) -> Callable[[F], F]:
    """Stand below `@rx.event`: marks the handler, wraps nothing.

    `public`: anybody. `choosing`: who proved an address, also before choosing an account. `customer`. `fresh`: a
    customer who proved the address within 15 minutes. `staff`: the merchant's team, any role. `staff_write`: the
    roles that may change settings.

    What a person does prolongs the session. A handler named `load` is what a page does by itself, so it does not;
    `is_activity` says otherwise.
    """

    def mark(handler: F) -> F:
        counts = handler.__name__ != "load" if is_activity is None else is_activity
        setattr(handler, _MARK, Policy(audience, counts))
        return handler

    return mark


def policy_of(handler: Callable[..., Any]) -> Policy | None:
    """The policy a handler was marked with."""
    return getattr(handler, _MARK, None)


def may_write(role: str) -> bool:
    """Whether a member of staff in this role may change settings, not only look."""
    return role in _WRITING_ROLES


def judge(audience: Audience, session: LiveSession | None) -> Verdict:
    """Whether `session` may pass, and if not, why."""
    if audience == "public":
        return "allowed"
    if audience in ("staff", "staff_write"):
        if session is None or session.kind != "staff":
            return "no_session"
        return "allowed" if audience == "staff" or may_write(session.role) else "not_allowed"
    if session is None or session.kind == "staff":
        return "no_session"
    if session.kind == "choosing":
        return "allowed" if audience == "choosing" else "still_choosing"
    return "not_fresh" if audience == "fresh" and not session.is_fresh else "allowed"


@functools.cache
def payload_model(handler: Callable[..., Any]) -> type[BaseModel]:
    """A strict model of a handler's arguments: nothing coerced, nothing extra, nothing endless.

    A plain `str` holds at most 2,000 characters and a plain `list` at most 100 items; `Annotated[str,
    Field(max_length=…)]` says otherwise.

    Raises:
        TypeError: a parameter says too little about itself to be checked.
    """
    hints = inspect.get_annotations(handler, eval_str=True)
    fields: dict[str, Any] = {}
    for name, parameter in list(inspect.signature(handler).parameters.items())[1:]:
        where = f"{handler.__qualname__}({name})"
        if name not in hints or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise TypeError(f"{where} must be one annotated parameter")
        default = ... if parameter.default is parameter.empty else parameter.default
        fields[name] = (_bounded(hints[name], where), default)
    strict = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    return create_model(handler.__name__, __config__=strict, **fields)


def _no_nul(text: str) -> str:
    # PostgreSQL refuses it, and nobody types it.
    if "\x00" in text:
        raise ValueError("NUL")
    return text


def _bounded(hint: Any, where: str, *, is_sized: bool = False) -> Any:
    """`hint` with the bounds that it does not set itself."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        inner, *metadata = parts
        has_length = any(_sets_length(one) for one in metadata)
        return functools.reduce(
            lambda made, one: Annotated[made, one], metadata, _bounded(inner, where, is_sized=has_length)
        )
    longest_text, longest_list = (None, None) if is_sized else (LONGEST_TEXT, LONGEST_LIST)
    bounded: Any = None
    if hint is str:
        bounded = Annotated[str, Field(max_length=longest_text), AfterValidator(_no_nul)]
    elif hint is int:
        bounded = Annotated[int, Field(ge=-_LARGEST_NUMBER, le=_LARGEST_NUMBER)]
    elif hint in (bool, type(None)) or origin is Literal:
        bounded = hint
    elif origin is list:
        bounded = Annotated[list[_bounded(parts[0], where)], Field(max_length=longest_list)]
    elif origin is dict and parts[0] is str:
        named = Annotated[str, Field(max_length=100), AfterValidator(_no_nul)]
        bounded = Annotated[dict[named, _bounded(parts[1], where)], Field(max_length=longest_list)]
    elif origin in (Union, types.UnionType):
        bounded = functools.reduce(lambda made, one: made | one, (_bounded(one, where) for one in parts))
    if bounded is None:
        raise TypeError(f"{where}: {hint!r} is no argument that a browser may send")
    return bounded


def _sets_length(metadata: Any) -> bool:
    if getattr(metadata, "max_length", None) is not None:
        return True
    return any(getattr(one, "max_length", None) is not None for one in getattr(metadata, "metadata", ()))
