"""Lists of invoices: by keyset, so that the last page of many costs what the first one does."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select

from portal_app.kit.errors import NotFound
from portal_app.kit.money import currencies_with
from portal_app.models import mirror
from portal_app.services import configuration
from portal_app.services.desk import Desk
from portal_app.services.invoices import rows
from portal_app.services.invoices.rows import InvoiceRow

PAGE = 25
# A count stops here: behind it a page says "more than".
COUNTED = 10_000
_EXPONENTS = (0, 2, 3)

Status = Literal["", "open", "paid", "closed"]
_STATUSES: dict[Status, tuple[str, ...]] = {
    "": ("open", "paid", "uncollectible", "void"),
    "open": ("open",),
    "paid": ("paid",),
    "closed": ("uncollectible", "void"),
}

_invoices = mirror.Invoice.__table__.c  # type: ignore[attr-defined]
_MINE = and_(_invoices.customer_id == bindparam("customer_id"), _invoices.is_deleted.is_(False))
_KEY = select(_invoices.created_at).where(_MINE, _invoices.id == bindparam("after"))
_KEY_AT, _KEY_ID = bindparam("key_at", type_=_invoices.created_at.type), bindparam("key_id")
# Older than the key, or as old with a smaller id: an invoice that comes meanwhile shifts nothing.
_BEHIND = and_(_invoices.created_at <= _KEY_AT, or_(_invoices.created_at < _KEY_AT, _invoices.id < _KEY_ID))
_FIRST, _LAST = (
    select(_invoices.created_at).where(_MINE, _invoices.status != "draft").order_by(way).limit(1)
    for way in (_invoices.created_at.asc(), _invoices.created_at.desc())
)


@dataclass(frozen=True)
class Filter:
    """What a customer looks for. A year is counted in `zone`; `text` is a part of the number, or an amount."""

    status: Status = ""
    year: int | None = None
    text: str = ""
    subscription_id: str = ""
    zone: str = "UTC"


@dataclass(frozen=True)
class Page:
    """Rows, newest first. `total` counts what the filter finds, up to `COUNTED`."""

    rows: tuple[InvoiceRow, ...]
    has_more: bool
    total: int
    is_counted: bool


def page(desk: Desk, customer_id: str, wanted: Filter | None = None, after: str = "", *, size: int = PAGE) -> Page:
    """The next invoices of this customer after the invoice `after`; drafts are not shown.

    Raises:
        NotAllowed: the merchant does not show invoices here.
        NotFound: `after` is no invoice of this customer.
    """
    configuration.require(desk, "invoice_history")
    listed, counted = _statements(wanted or Filter())
    values: dict[str, Any] = {"customer_id": customer_id, "size": size + 1}
    if after:
        created_at = desk.value(_KEY, {"customer_id": customer_id, "after": after})
        if created_at is None:
            raise NotFound
        listed, values = listed.where(_BEHIND), values | {"key_at": created_at, "key_id": after}
    found = rows.read(desk, customer_id, desk.rows(listed, values))
    total = desk.value(counted, {"customer_id": customer_id})
    return Page(tuple(found[:size]), len(found) > size, min(total, COUNTED), total <= COUNTED)


def latest(desk: Desk, customer_id: str, how_many: int = 3, subscription_id: str = "") -> list[InvoiceRow]:
    """The newest invoices, of one subscription if it is given."""
    listed, _counted = _statements(Filter(subscription_id=subscription_id))
    return rows.read(desk, customer_id, desk.rows(listed, {"customer_id": customer_id, "size": how_many}))


def count(desk: Desk, customer_id: str, subscription_id: str = "") -> int:
    """How many invoices there are, at most `COUNTED` + 1."""
    _listed, counted = _statements(Filter(subscription_id=subscription_id))
    return desk.value(counted, {"customer_id": customer_id})


def years(desk: Desk, customer_id: str, zone: str = "UTC") -> list[int]:
    """The calendar years that hold invoices, the newest first."""
    first, last = (desk.value(ask, {"customer_id": customer_id}) for ask in (_FIRST, _LAST))
    if first is None or last is None:
        return []
    there = _zone(zone)
    return list(range(last.astimezone(there).year, first.astimezone(there).year - 1, -1))


# Building a statement costs more than running it, and most visitors look through the same few filters.
@lru_cache(maxsize=256)
def _statements(wanted: Filter) -> tuple[Select[*tuple[Any, ...]], Select[*tuple[Any, ...]]]:
    """The list in order, and its bounded count."""
    conditions = _conditions(wanted)
    listed = select(*rows.COLUMNS).where(conditions).order_by(_invoices.created_at.desc(), _invoices.id.desc())
    found = select(_invoices.id).where(conditions).limit(COUNTED + 1).subquery()
    return listed.limit(bindparam("size")), select(func.count()).select_from(found)


def _conditions(wanted: Filter) -> ColumnElement[bool]:
    found = [_MINE, _invoices.status.in_(_STATUSES[wanted.status])]
    if wanted.year:
        there = _zone(wanted.zone)
        found.append(_invoices.created_at >= datetime(wanted.year, 1, 1, tzinfo=there))
        found.append(_invoices.created_at < datetime(wanted.year + 1, 1, 1, tzinfo=there))
    if wanted.subscription_id:
        found.append(_invoices.subscription_id == wanted.subscription_id)
    if text := wanted.text.strip():
        found.append(or_(func.lower(_invoices.number).contains(text.lower(), autoescape=True), *_amounts(text)))
    return and_(*found)


def _amounts(text: str) -> list[ColumnElement[bool]]:
    """Invoices over what the text may mean as an amount: "1.785" is one number here and another one there."""
    figure = re.sub(r"[^\d.,]", "", text)
    if not re.fullmatch(r"[^\d.,]*[\d.,\s]+[^\d.,]*", text) or not any(map(str.isdigit, figure)):
        return []
    readings = {re.sub(r"[.,]", "", figure)}
    if mark := re.search(r"[.,](?=\d{1,3}$)", figure):
        readings.add(re.sub(r"[.,]", "", figure[: mark.start()]) + "." + figure[mark.end() :])
    found = []
    for places in _EXPONENTS:
        totals = {total for reading in readings if (total := _minor_units(reading, places)) is not None}
        if totals:
            found.append(and_(_has_exponent(places), _invoices.total.in_(sorted(totals))))
    return found


def _minor_units(reading: str, places: int) -> int | None:
    try:
        scaled = Decimal(reading).scaleb(places)
    except InvalidOperation:
        return None
    # Longer figures than any amount do not fit into a database's integer.
    return int(scaled) if scaled == int(scaled) and scaled < 2**53 else None


def _has_exponent(places: int) -> ColumnElement[bool]:
    if places == 2:
        return _invoices.currency.not_in(sorted(currencies_with(0) | currencies_with(3)))
    return _invoices.currency.in_(sorted(currencies_with(places)))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
