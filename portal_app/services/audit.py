"""The log of who did what: each entry has a seal made with a key outside the database, over the seal before it."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Row, insert, select

from portal_app.environment import environment
from portal_app.kit.clock import now
from portal_app.models.base import upsert
from portal_app.models.journal import AUDIT_ACTIONS, AuditEntry, Fact
from portal_app.services.desk import Desk

_entries = AuditEntry.__table__
_facts = Fact.__table__
_HEAD = "audit.head"
_BATCH = 1_000
_sealed = [column for column in _entries.c if column.name != "hash"]


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: how many entries, and a line for each that is not as it was written."""

    count: int
    problems: tuple[str, ...]

    @property
    def is_intact(self) -> bool:
        return not self.problems


def record(  # noqa: PLR0913
    desk: Desk,
    action: str,
    target_id: str = "",
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    customer_id: str = "",
) -> None:
    """Add an entry in the desk's transaction; the actor is the desk's.

    Raises:
        ValueError: `action` is none of `AUDIT_ACTIONS`.
    """
    if action not in AUDIT_ACTIONS:
        raise ValueError(f"{action} is not listed in AUDIT_ACTIONS")
    actor = desk.actor
    with desk.transaction() as connection:
        last = connection.execute(
            select(_entries.c.number, _entries.c.hash).order_by(_entries.c.number.desc()).limit(1)
        ).first()
        entry = {
            "number": last.number + 1 if last else 1,
            "at": now(),
            "actor_kind": actor.kind,
            "actor_id": actor.actor_id,
            "customer_id": customer_id,
            "action": action,
            "target_id": target_id,
            "before": dict(before) if before is not None else None,
            "after": dict(after) if after is not None else None,
            "request_id": actor.request_id,
            "previous_hash": last.hash if last else "",
        }
        seal = _seal(entry)
        connection.execute(insert(_entries).values(**entry, hash=seal))
        head = f"{entry['number']} {_seal({'head': entry['number'], 'hash': seal})}"
        upsert(connection, _facts, [{"name": _HEAD, "value": head, "changed_at": entry["at"]}])


def verify(desk: Desk) -> Verdict:
    """Read the whole log and compare every seal; an entry changed, removed, added or cut off the end is a problem."""
    problems: list[str] = []
    number, previous = 0, ""
    while rows := desk.rows(
        select(_entries).where(_entries.c.number > number).order_by(_entries.c.number).limit(_BATCH)
    ):
        for row in rows:
            problems += _problems(row, number, previous)
            number, previous = row.number, row.hash
    head = desk.value(select(_facts.c.value).where(_facts.c.name == _HEAD))
    expected = f"{number} {_seal({'head': number, 'hash': previous})}" if number else None
    if head != expected:
        problems.append(f"The log ends at entry {number}, which is not the last one written.")
    return Verdict(number, tuple(problems))


def _problems(row: Row[Any], number: int, previous: str) -> list[str]:
    found = []
    if row.number != number + 1:
        found.append(f"Entries between {number} and {row.number} are missing.")
    if row.previous_hash != previous:
        found.append(f"Entry {row.number} does not follow the one before it.")
    if not hmac.compare_digest(row.hash, _seal({column.name: row._mapping[column] for column in _sealed})):
        found.append(f"Entry {row.number} is not as it was written.")
    return found


def _seal(entry: Mapping[str, Any]) -> str:
    canonical = json.dumps(entry, sort_keys=True, separators=(",", ":"), default=_as_text)
    return hmac.new(_key(environment().secret_key.get_secret_value()), canonical.encode(), hashlib.sha256).hexdigest()


def _as_text(value: Any) -> str:
    return value.isoformat()


@cache
def _key(secret_key: str) -> bytes:
    """A key of its own, so that no other use of the secret can make a seal."""
    return hmac.new(secret_key.encode(), b"portal audit log", hashlib.sha256).digest()
