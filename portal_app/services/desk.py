"""What a service works with: the database, the gateway and who acts."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, CursorResult, Executable, Row

from portal_app.gateway.port import Gateway
from portal_app.gateway.stripe_gateway import open_gateway
from portal_app.models import base
from portal_app.security.visitor import Visitor, visitor

P = ParamSpec("P")
T = TypeVar("T")


class Desk:
    """One visit's tools. Reads share one connection; writes happen inside `transaction`.

    A service that acts on Stripe uses two transactions, with the call between them (`services.operations`),
    so that no lock is held while Stripe thinks.
    """

    def __init__(self, gateway: Gateway | None = None, actor: Visitor | None = None) -> None:
        self._given_gateway = gateway
        self.actor = actor or visitor()
        self._stack = ExitStack()
        self._reading: Connection | None = None
        self._writing: Connection | None = None
        self._after_commit: list[Callable[[], None]] = []

    @cached_property
    def gateway(self) -> Gateway:
        """The door to Stripe, opened when first used: most visits never do."""
        return self._given_gateway or open_gateway()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Everything inside is committed together at the end, or not at all; a nested one joins the outer."""
        if self._writing is not None:
            yield self._writing
            return
        self._stop_reading()
        self._after_commit.clear()
        with base.writing() as connection:
            self._writing = connection
            try:
                yield connection
            finally:
                self._writing = None
        for tell in self._after_commit:
            tell()

    def after_commit(self, tell: Callable[[], None]) -> None:
        """Have `tell` called when the open transaction is committed, and not at all when it is not."""
        if self._writing is None:
            raise RuntimeError("there is no transaction to wait for")
        self._after_commit.append(tell)

    def rows(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """The rows of a select, seen from inside the open transaction if there is one."""
        return self._connection().execute(statement, parameters or {}).all()

    def row(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Row[Any] | None:
        """The first row, or None."""
        return self._connection().execute(statement, parameters or {}).first()

    def value(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None."""
        return self._connection().execute(statement, parameters or {}).scalar()

    def run(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """A statement that changes something; only inside `transaction`."""
        if self._writing is None:
            raise RuntimeError("changes belong into `with desk.transaction():`")
        return self._writing.execute(statement, parameters)

    def close(self) -> None:
        """Give the connection back."""
        self._stop_reading()

    def _connection(self) -> Connection:
        if self._writing is not None:
            return self._writing
        if self._reading is None:
            self._reading = self._stack.enter_context(base.reading())
        return self._reading

    def _stop_reading(self) -> None:
        self._reading = None
        self._stack.close()


@contextmanager
def open_desk(gateway: Gateway | None = None, actor: Visitor | None = None) -> Iterator[Desk]:
    """A desk for a block of work outside of `ask`: the worker, the command line, tests."""
    desk = Desk(gateway, actor)
    try:
        yield desk
    finally:
        desk.close()


async def ask(service: Callable[Concatenate[Desk, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `service(desk, …)` in a worker thread: a slow query or a slow gateway stops nobody else."""

    def work() -> T:
        with open_desk() as desk:
            return service(desk, *args, **kwargs)

    return await asyncio.to_thread(work)
