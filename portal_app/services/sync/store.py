"""Puts what Stripe says into the mirror: never older over newer, and open pages hear of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, Boolean, Column, Integer, Row, Table, select

from portal_app.gateway.port import Json
from portal_app.models import mirror
from portal_app.models.base import upsert
from portal_app.services import jobs
from portal_app.services.desk import Desk
from portal_app.services.sync.revisions import touch
from portal_app.services.sync.shapes import SHAPES, Refusal, Refused, row_of, shape_of

FETCH = "mirror.fetch"
_COMMON = ("id", "created_at", "synced_at", "version_at", "is_deleted", "data")
_customers = mirror.Customer.__table__
_invoices = mirror.Invoice.__table__
_tax_ids = mirror.TaxId.__table__
_payments = mirror.Payment.__table__


@dataclass(frozen=True)
class Applied:
    """What became of an object. `older` was overtaken; `refused` says why in `refusal`."""

    object_id: str
    outcome: Literal["changed", "unchanged", "older", "refused"]
    refusal: Refusal | None = None


@dataclass
class _Batch:
    """Rows to write, by table and id, and ids that are gone."""

    rows: dict[Table, dict[str, dict[str, Any]]] = field(default_factory=dict)
    gone: dict[Table, dict[str, Json]] = field(default_factory=dict)
    results: dict[str, Applied] = field(default_factory=dict)


def apply(
    desk: Desk, data: Json, known_at: datetime, version_at: datetime | None = None, *, told: set[str] | None = None
) -> Applied:
    """Put one object into the mirror, in the desk's transaction.

    `known_at` is a moment before it was asked for, or when its event is applied; `version_at` is the event's second.
    """
    return apply_all(desk, [data], known_at, version_at, told=told)[0]


def apply_all(
    desk: Desk,
    found: Sequence[Json],
    known_at: datetime,
    version_at: datetime | None = None,
    *,
    told: set[str] | None = None,
) -> list[Applied]:
    """Put objects into the mirror, in one transaction, and tell the open pages of the customers concerned.

    Given `told`, they are only added to it, for a caller who tells them all in the end.
    """
    batch = _Batch()
    for data in found:
        _take(batch, data)
    with desk.transaction():
        _take_lost_tax_ids(desk, batch, found)
        owners: set[str] = set()
        for table in {*batch.rows, *batch.gone}:
            owners |= _write(desk, batch, table, {"synced_at": known_at, "version_at": version_at})
        if told is None:
            tell(desk, owners)
        else:
            told |= owners
    return [batch.results[_key(data)] for data in found]


def bury(desk: Desk, kind: str, object_id: str, known_at: datetime) -> None:
    """Stripe has no such object any more: its row becomes a tombstone."""
    apply(desk, {"object": kind, "id": object_id, "deleted": True}, known_at)


def request_fetch(desk: Desk, kind: str, object_id: str, run_after: datetime | None = None) -> None:
    """Have the worker fetch an object, once however often it is asked for meanwhile."""
    payload = {"kind": kind, "object_id": object_id}
    jobs.enqueue(desk, FETCH, f"{FETCH}:{kind}:{object_id}", payload, run_after, tries=jobs.MANY)


def _key(data: Json) -> str:
    return f"{data.get('object')}:{data.get('id')}"


def _take(batch: _Batch, data: Json) -> None:
    """Sort an object and the rows inside it into the batch."""
    key, object_id = _key(data), str(data.get("id") or "")
    batch.results[key] = Applied(object_id, "unchanged")
    try:
        shape = shape_of(str(data.get("object")))
        if data.get("deleted"):
            batch.gone.setdefault(shape.table, {})[object_id] = data
            return
        batch.rows.setdefault(shape.table, {})[object_id] = row_of(data)
    except Refused as refused:
        if refused.refusal is Refusal.NO_CUSTOMER and data.get("object") == "payment_method":
            # Detached: nobody's any more, and never anybody's again.
            batch.gone.setdefault(SHAPES["payment_method"].table, {})[object_id] = {}
        batch.results[key] = Applied(object_id, "refused", refused.refusal)
        return
    for name in shape.children:
        for child in (data.get(name) or {}).get("data", ()):
            _take(batch, child)


def _take_lost_tax_ids(desk: Desk, batch: _Batch, found: Sequence[Json]) -> None:
    """A customer comes with all tax ids; one that is not among them has been removed."""
    complete = {
        data["id"]: _ids(data["tax_ids"]) for data in found if data.get("object") == "customer" and data.get("tax_ids")
    }
    if not complete:
        return
    statement = select(_tax_ids.c.id, _tax_ids.c.customer_id).where(
        _tax_ids.c.customer_id.in_(complete), ~_tax_ids.c.is_deleted
    )
    lost = [row.id for row in desk.rows(statement) if row.id not in complete[row.customer_id]]
    batch.gone.setdefault(_tax_ids, {}).update({tax_id: {} for tax_id in lost})


def _ids(listed: Json) -> set[str]:
    return {entry["id"] for entry in listed["data"]}


def _write(desk: Desk, batch: _Batch, table: Table, moments: Mapping[str, Any]) -> set[str]:
    """Write what is not older than the rows that are there; returns the customers who can see a difference."""
    wanted, gone = batch.rows.get(table, {}), batch.gone.get(table, {})
    existing = {row.id: row for row in desk.rows(select(table).where(table.c.id.in_([*wanted, *gone])))}
    writes: list[dict[str, Any]] = []
    seen_by: list[tuple[str, Mapping[str, Any]]] = []
    for row in [*wanted.values(), *_tombstones(table, gone, existing, moments["synced_at"])]:
        old = existing.get(row["id"])
        if old is not None and old.synced_at > moments["synced_at"]:
            _note(batch, row, "older")
            continue
        writes.append({**row, **moments})
        if old is None or old.is_deleted != row["is_deleted"] or old.data != row["data"]:
            _note(batch, row, "changed")
            seen_by += [(table.name, row), *([(table.name, old._mapping)] if old is not None else [])]
    if writes:
        with desk.transaction() as connection:
            upsert(connection, table, writes, kept=("revision",))
    return _owners(desk, seen_by)


def _note(batch: _Batch, row: Mapping[str, Any], outcome: Literal["changed", "older"]) -> None:
    batch.results[_key(row["data"])] = Applied(row["id"], outcome)


def _tombstones(
    table: Table, gone: Mapping[str, Json], existing: Mapping[str, Row[Any]], known_at: datetime
) -> Iterable[dict[str, Any]]:
    for object_id, data in gone.items():
        if old := existing.get(object_id):
            yield {**old._mapping, "is_deleted": True}
        elif data:
            # Nobody has seen it, but an event of its life may still be on its way.
            yield {**_blank(table), "id": object_id, "created_at": known_at, "is_deleted": True, "data": data}


def _blank(table: Table) -> dict[str, Any]:
    """A row without content: every column that is not common to all rows, empty."""
    own = [column for column in table.c if column.name not in _COMMON]
    return {column.name: None if column.nullable else _empty(column) for column in own}


def _empty(column: Column[Any]) -> Any:
    if isinstance(column.type, JSON):
        return []
    return 0 if isinstance(column.type, Integer | Boolean) else ""


def _owners(desk: Desk, seen_by: Iterable[tuple[str, Mapping[str, Any]]]) -> set[str]:
    """The customers on whose pages these rows show."""
    owners: set[str] = set()
    invoices: set[str] = set()
    payments: set[str] = set()
    for table_name, row in seen_by:
        if table_name == "customer":
            owners.add(row["id"])
        elif "customer_id" in row:
            owners.add(row["customer_id"])
        elif table_name == "invoice_payment":
            invoices.add(row["invoice_id"])
        elif table_name == "refund":
            payments.add(row["payment_id"])
    for table, ids in ((_invoices, invoices), (_payments, payments)):
        if ids:
            owners |= {row.customer_id for row in desk.rows(select(table.c.customer_id).where(table.c.id.in_(ids)))}
    return owners - {""}


def tell(desk: Desk, owners: set[str]) -> None:
    """Have these customers' pages look again, and fetch whoever of them nobody has heard of."""
    if not owners:
        return
    touch(desk, *owners)
    known = {row.id for row in desk.rows(select(_customers.c.id).where(_customers.c.id.in_(owners)))}
    for missing in owners - known:
        request_fetch(desk, "customer", missing)
