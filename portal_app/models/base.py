"""The database: one engine a process, short reads, and writes that take their lock at once."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, ClassVar

from sqlalchemy import Connection, Engine, Executable, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from portal_app.environment import environment

# Any number will do, as long as nothing else in this database takes the same.
_TAKE_TURN = text("select pg_advisory_xact_lock(7076116)")
INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_lock = threading.Lock()
_engines: dict[str, Engine] = {}


class Record(SQLModel):
    """What every table's class is; says to type checkers what SQLModel makes at run time."""

    __tablename__: ClassVar[str]  # type: ignore[assignment]
    __table__: ClassVar[Table]


def engine() -> Engine:
    """The engine of the configured database, made on first use and never before a server has forked."""
    url = environment().database_url
    with _lock:
        if url not in _engines:
            _engines[url] = make_engine(url)
        return _engines[url]


def make_engine(url: str) -> Engine:
    """An engine with the product's settings for SQLite or PostgreSQL; its errors never quote what people typed."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=8, max_overflow=24, pool_pre_ping=True, hide_parameters=True)
    arguments = {"timeout": 10, "check_same_thread": False}
    made = create_engine(url, connect_args=arguments, pool_size=8, max_overflow=24, hide_parameters=True)

    @event.listens_for(made, "connect")
    def _set_up(connection, _record) -> None:
        connection.isolation_level = None  # SQLAlchemy's `begin` event below says BEGIN itself
        for pragma in (
            "journal_mode=wal",
            "synchronous=full",  # an answered webhook and a planned operation survive a power cut
            "busy_timeout=10000",
            "foreign_keys=on",
            "cache_size=-8000",
        ):
            connection.execute(f"pragma {pragma}")

    @event.listens_for(made, "begin")
    def _begin(connection: Connection) -> None:
        # A read that later writes cannot wait for the lock: SQLite refuses the upgrade at once.
        is_writing = connection.get_execution_options().get("portal_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")

    return made


def dispose() -> None:
    """Close every connection; for the end of a process and between tests."""
    with _lock:
        for made in _engines.values():
            made.dispose()
        _engines.clear()


@contextmanager
def reading() -> Iterator[Connection]:
    """A connection for selects; nothing it does is kept."""
    with engine().connect() as connection:
        yield connection


@contextmanager
def writing() -> Iterator[Connection]:
    """One transaction that holds the write lock from its first statement; committed at the end, or not at all.

    Writers take turns on both databases: what one of them numbers (revisions, audit entries) is committed in the
    order of its numbers, and a reader that has seen one number misses none below it.
    """
    with engine().connect().execution_options(portal_writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(_TAKE_TURN)
        yield connection


@contextmanager
def appending() -> Iterator[Connection]:
    """A transaction beside the writers where the database can do that: for rows that need no order among others."""
    with engine().connect().execution_options(portal_writes=True) as connection, connection.begin():
        yield connection


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], kept: tuple[str, ...] = ()) -> None:
    """Write rows by their primary key, new or not; all of them name the same columns, `kept` stay as they are."""
    if rows:
        connection.execute(_upsert(connection.dialect.name, table, tuple(rows[0]), kept), list(rows))


@cache
def _upsert(dialect: str, table: Table, names: tuple[str, ...], kept: tuple[str, ...]) -> Executable:
    # Made once: putting such a statement together costs more than carrying it out.
    new = INSERT[dialect](table)
    keys = [column.name for column in table.primary_key]
    changes = {name: new.excluded[name] for name in names if name not in (*keys, *kept)}
    return new.on_conflict_do_update(index_elements=keys, set_=changes)


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that knows `on_conflict_…` in the words of this connection's database."""
    return INSERT[connection.dialect.name](table)
