"""A page's state under test: loaded and acted upon as the guard would, without a browser."""

import asyncio
import inspect
from typing import Any, Generic, TypeVar

import reflex as rx
from reflex.istate.data import ReflexURL, URLData

from portal_app.security.visitor import Visitor, acting_as

S = TypeVar("S", bound=rx.State)


class Tab(Generic[S]):
    """One visitor's open page; `state` is what its components read."""

    def __init__(self, state: type[S], visitor: Visitor, path: str = "/") -> None:
        self.visitor = visitor
        self.root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
        self.state: S = asyncio.run(self.root.get_state(state))
        self.go(path)

    def go(self, path: str) -> None:
        """Open another address in the same tab."""
        self.root.rx_router_url = URLData.from_url(ReflexURL(f"http://localhost:3000{path}"))

    def does(self, deed: str, *arguments: Any) -> None:
        """Call a handler as the visitor, to its end."""
        handler = type(self.state).event_handlers[deed].fn
        with acting_as(self.visitor):
            asyncio.run(_to_its_end(handler(self.state, *arguments)))


async def _to_its_end(called: Any) -> None:
    if inspect.isasyncgen(called):
        async for _update in called:
            pass
    elif inspect.isawaitable(called):
        await called
