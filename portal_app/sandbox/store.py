"""Keeps every account's objects in SQLite, in memory or in a file."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMA = """
create table if not exists objects (
    seq integer primary key autoincrement,
    account text not null,
    id text not null,
    kind text not null,
    created integer not null,
    customer text,
    ref text,
    clock text not null,
    due_at integer,
    due_rank integer,
    body text not null,
    unique (account, id)
);
create index if not exists by_kind on objects (account, kind, created, seq);
create index if not exists by_customer on objects (account, kind, customer, created, seq);
create index if not exists by_ref on objects (account, kind, ref, created, seq);
create index if not exists by_due on objects (account, clock, due_at, due_rank, seq) where due_at is not null;
create table if not exists accounts (name text primary key, state text not null);
create table if not exists replies (
    account text not null, key text not null, fingerprint text not null, status integer not null,
    body text not null, request_id text not null, created integer not null, primary key (account, key)
) without rowid;
create table if not exists effects (
    account text not null, kind text not null, subject text not null, count integer not null,
    primary key (account, kind, subject)
) without rowid;
create table if not exists deliveries (
    id integer primary key autoincrement, account text not null, event text not null, endpoint text not null,
    attempts integer not null default 0, next_at real, is_done integer not null default 0, last_status integer
);
create index if not exists waiting on deliveries (next_at) where next_at is not null;
create index if not exists of_event on deliveries (account, event);
"""
# Objects are trees made by us: no need to look for circles in them.
encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
TABLES = ("objects", "replies", "effects", "deliveries")


@dataclass(frozen=True)
class Row:
    """What an object is found by."""

    kind: str
    created: int
    customer: str | None
    ref: str | None
    clock: str
    due_at: int | None
    due_rank: int | None


@dataclass(frozen=True)
class Query:
    """Which objects, in which order; `after` and `before` are keyset cursors of (created, seq).

    `keep` is for what no column knows; the account applies it.
    """

    kind: str
    customer: str | None = None
    ref: str | None = None
    since: int | None = None
    until: int | None = None
    after: tuple[int, int] | None = None
    before: tuple[int, int] | None = None
    is_oldest_first: bool = False
    keep: Callable[[dict[str, Any]], bool] | None = None


class Store:
    """One SQLite database; used from one thread only."""

    def __init__(self, path: Path | None) -> None:
        self.db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        self.db.execute("pragma journal_mode = wal")
        # A sandbox may lose its last moment in a power cut; it is rebuilt from its shop.
        self.db.execute("pragma synchronous = off")
        self.db.executescript(SCHEMA)
        self._depth = 0

    def close(self) -> None:
        """Write what is left and let go of the file."""
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; may be nested."""
        self._depth += 1
        name = f"level_{self._depth}"
        self.db.execute(f"savepoint {name}")
        try:
            yield
        except BaseException:
            self.db.execute(f"rollback to {name}")
            raise
        finally:
            self.db.execute(f"release {name}")
            self._depth -= 1

    def save(self, account: str, object_id: str, row: Row, body: dict[str, Any]) -> None:
        """Insert an object, or replace it without losing its place in time."""
        self.db.execute(
            "insert into objects (account, id, kind, created, customer, ref, clock, due_at, due_rank, body) "
            "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (account, id) do update set "
            "created = excluded.created, customer = excluded.customer, ref = excluded.ref, clock = excluded.clock, "
            "due_at = excluded.due_at, due_rank = excluded.due_rank, body = excluded.body",
            (
                account,
                object_id,
                row.kind,
                row.created,
                row.customer,
                row.ref,
                row.clock,
                row.due_at,
                row.due_rank,
                encode(body),
            ),
        )

    def load(self, account: str, object_id: str) -> dict[str, Any] | None:
        """The stored object."""
        found = self.db.execute("select body from objects where account = ? and id = ?", (account, object_id))
        row = found.fetchone()
        return json.loads(row[0]) if row else None

    def remove(self, account: str, object_id: str) -> None:
        """Forget an object."""
        self.db.execute("delete from objects where account = ? and id = ?", (account, object_id))

    def place(self, account: str, object_id: str) -> tuple[int, int] | None:
        """An object's (created, seq), the cursor of lists."""
        found = self.db.execute("select created, seq from objects where account = ? and id = ?", (account, object_id))
        return found.fetchone()

    def select(self, account: str, query: Query) -> Iterator[tuple[str, str]]:
        """(id, body) of the matching objects, newest first unless told otherwise."""
        where = ["account = ?", "kind = ?"]
        values: list[Any] = [account, query.kind]
        conditions: list[tuple[str, Any]] = [
            ("customer = ?", query.customer),
            ("ref = ?", query.ref),
            ("created >= ?", query.since),
            ("created <= ?", query.until),
        ]
        for condition, value in conditions:
            if value is not None:
                where.append(condition)
                values.append(value)
        for sign, cursor in (("<", query.after), (">", query.before)):
            if cursor is not None:
                where.append(f"(created, seq) {sign} (?, ?)")
                values += cursor
        order = "asc" if query.is_oldest_first else "desc"
        clause = " and ".join(where)
        # Conditions are our own constants; values are bound.
        yield from self.db.execute(
            f"select id, body from objects where {clause} order by created {order}, seq {order}",  # noqa: S608
            values,
        )

    def due(self, account: str, clock: str, until: int) -> tuple[str, int] | None:
        """The id and moment of what comes next on a clock, up to and including a moment."""
        found = self.db.execute(
            "select id, due_at from objects where account = ? and clock = ? and due_at <= ? "
            "order by due_at, due_rank, seq limit 1",
            (account, clock, until),
        )
        return found.fetchone()

    def load_state(self, account: str) -> dict[str, Any] | None:
        """An account's own state: clock, counters, settings."""
        row = self.db.execute("select state from accounts where name = ?", (account,)).fetchone()
        return json.loads(row[0]) if row else None

    def save_state(self, account: str, state: dict[str, Any]) -> None:
        """Keep an account's own state."""
        self.db.execute("insert or replace into accounts values (?, ?)", (account, json.dumps(state)))

    def account_names(self) -> list[str]:
        """Every account that was ever used."""
        return [name for (name,) in self.db.execute("select name from accounts")]

    def count_effect(self, account: str, kind: str, subject: str) -> None:
        """One more real effect of a kind on an object."""
        self.db.execute(
            "insert into effects values (?, ?, ?, 1) "
            "on conflict (account, kind, subject) do update set count = count + 1",
            (account, kind, subject),
        )

    def effects(self, account: str) -> dict[str, dict[str, int]]:
        """How often each kind of effect happened, by object."""
        found: dict[str, dict[str, int]] = {}
        for kind, subject, count in self.db.execute(
            "select kind, subject, count from effects where account = ?", (account,)
        ):
            found.setdefault(kind, {})[subject] = count
        return found

    def queue_delivery(self, account: str, event_id: str, endpoint_id: str) -> None:
        """Have an event delivered to an endpoint as soon as possible."""
        self.db.execute(
            "insert into deliveries (account, event, endpoint, next_at) values (?, ?, ?, 0)",
            (account, event_id, endpoint_id),
        )

    def waiting_deliveries(self, moment: float) -> list[tuple[int, str, str, str, int]]:
        """(id, account, event, endpoint, attempts) of what should be delivered by a moment, oldest first."""
        return self.db.execute(
            "select id, account, event, endpoint, attempts from deliveries where next_at <= ? order by id", (moment,)
        ).fetchall()

    def next_delivery_at(self) -> float | None:
        """When the next delivery is wanted."""
        return self.db.execute("select min(next_at) from deliveries where next_at is not null").fetchone()[0]

    def note_delivery(self, delivery_id: int, status: int | None, next_at: float | None, is_done: bool) -> None:
        """Note how an attempt went, and when the next one comes, if one does."""
        self.db.execute(
            "update deliveries set attempts = attempts + 1, last_status = ?, next_at = ?, is_done = ? where id = ?",
            (status, next_at, is_done, delivery_id),
        )

    def drop_deliveries(self, account: str, endpoint_id: str) -> None:
        """Forget what still waits for an endpoint."""
        self.db.execute(
            "delete from deliveries where account = ? and endpoint = ? and is_done = 0", (account, endpoint_id)
        )

    def count_deliveries(self, account: str) -> dict[str, int]:
        """How many deliveries wait, were confirmed, and were given up."""
        waiting, done, failed = self.db.execute(
            "select coalesce(sum(next_at is not null), 0), coalesce(sum(is_done), 0), "
            "coalesce(sum(next_at is null and not is_done), 0) from deliveries where account = ?",
            (account,),
        ).fetchone()
        return {"pending": waiting, "delivered": done, "failed": failed}

    def undelivered_events(self, account: str) -> set[str]:
        """The events that some endpoint has not confirmed."""
        found = self.db.execute("select event from deliveries where account = ? and is_done = 0", (account,))
        return {event for (event,) in found}

    def reply(self, account: str, key: str) -> tuple[str, int, str, str] | None:
        """(fingerprint, status, body, request id) of what was answered under an idempotency key."""
        return self.db.execute(
            "select fingerprint, status, body, request_id from replies where account = ? and key = ?", (account, key)
        ).fetchone()

    def keep_reply(self, account: str, key: str, reply: tuple[str, int, str, str]) -> None:
        """Remember an answer under its idempotency key."""
        self.db.execute(
            "insert or replace into replies values (?, ?, ?, ?, ?, ?, strftime('%s', 'now'))", (account, key, *reply)
        )

    def wipe(self, account: str) -> None:
        """Forget everything of an account."""
        for table in TABLES:
            self.db.execute(f"delete from {table} where account = ?", (account,))  # noqa: S608
        self.db.execute("delete from accounts where name = ?", (account,))
