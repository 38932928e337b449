"""Fills and repairs the mirror from Stripe's lists; takes up where it stopped and never overwrites newer rows."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import delete, select

from portal_app.gateway.port import Json, Kind
from portal_app.kit.clock import now
from portal_app.kit.errors import GatewayError, InvalidInput
from portal_app.kit.i18n import N_
from portal_app.models import mirror
from portal_app.models.base import upsert
from portal_app.models.journal import Fact
from portal_app.security.visitor import SYSTEM
from portal_app.services import jobs
from portal_app.services.desk import Desk, open_desk
from portal_app.services.sync.revisions import raise_revision, wish_for_preview
from portal_app.services.sync.store import apply_all

Told = Callable[[str, int], None]
REPAIR = "mirror.repair"
# What others refer to comes first, so that a page opened meanwhile finds names and people.
KINDS: tuple[Kind, ...] = (
    "product",
    "price",
    "coupon",
    "promotion_code",
    "customer",
    "payment_method",
    "subscription",
    "subscription_schedule",
    "invoice",
    "payment_intent",
    "charge",
    "refund",
    "credit_note",
)
# Stripe's list holds them only for one customer at a time.
_BY_CUSTOMER = "payment_method"
_CUSTOMERS_AT_ONCE = 100
_CALLS_AT_ONCE = 4
_PREVIEWS_A_SECOND = 20
# Of what only ever grows, a night reads what is young enough to change still.
_GROWING = ("invoice", "payment_intent", "charge", "refund", "credit_note")
_NIGHTLY = timedelta(days=40)
_CURSOR = "backfill.cursor"
_customers = mirror.Customer.__table__
_methods = mirror.PaymentMethod.__table__
_subscriptions = mirror.Subscription.__table__
_facts = Fact.__table__


@dataclass
class _Progress:
    """How far a run has come; kept in the database with each page."""

    since: str = ""
    kind: str = KINDS[0]
    after: str = ""
    counts: dict[str, int] = field(default_factory=dict)


def run(told: Told, since: str = "") -> None:
    """Read every object that Stripe has, or those created since a day (`2026-11-01`), into the mirror.

    `told` hears of each page: the kind and how many of it were read so far, those of an interrupted run included.

    Raises:
        GatewayError: Stripe refuses the key, or did not answer for long; a second run goes on from there.
        InvalidInput: `since` is no day.
    """
    created_since = _seconds(since)
    with open_desk(actor=SYSTEM) as desk:
        progress = _resume(desk, since)
        for kind, count in progress.counts.items():
            told(kind, count)
        for kind in KINDS[KINDS.index(progress.kind) :]:
            if kind != progress.kind:
                progress.kind, progress.after = kind, ""
            told(kind, progress.counts.get(kind, 0))
            _read_kind(desk, progress, created_since, told)
        with desk.transaction():
            desk.run(delete(_facts).where(_facts.c.name == _CURSOR))
        _ask_for_previews(desk)


def repair(desk: Desk, payload: Json) -> None:
    """The nightly job: read again what may have changed, in case an event never came."""
    lately = int((now() - _NIGHTLY).timestamp())
    for kind in KINDS:
        if kind == _BY_CUSTOMER:
            continue
        known_at = now()
        for page in desk.gateway.pages(kind, created_since=lately if kind in _GROWING else None):
            apply_all(desk, page, known_at)
            known_at = now()


def _read_kind(desk: Desk, progress: _Progress, created_since: int | None, told: Told) -> None:
    read = _pages_by_customer if progress.kind == _BY_CUSTOMER else _pages
    try:
        _read_pages(desk, progress, read(desk, progress, created_since), told)
    except GatewayError as error:
        if not (error.is_final and progress.after):
            raise
        # The object at which the last run stopped may be gone: then this kind is read from its beginning.
        progress.after, progress.counts[progress.kind] = "", 0
        _read_pages(desk, progress, read(desk, progress, created_since), told)


Page = tuple[Sequence[Json], datetime, str]


def _read_pages(desk: Desk, progress: _Progress, pages: Iterator[Page], told: Told) -> None:
    for found, known_at, after in pages:
        progress.after = after
        progress.counts[progress.kind] = progress.counts.get(progress.kind, 0) + len(found)
        with desk.transaction():
            told_customers: set[str] = set()
            apply_all(desk, found, known_at, told=told_customers)
            raise_revision(desk, told_customers)
            _keep(desk, progress)
        told(progress.kind, progress.counts[progress.kind])


def _pages(desk: Desk, progress: _Progress, created_since: int | None) -> Iterator[Page]:
    known_at = now()
    kind: Kind = progress.kind  # type: ignore[assignment]
    for page in desk.gateway.pages(kind, created_since=created_since, starting_after=progress.after):
        yield page, known_at, page[-1]["id"]
        known_at = now()


def _pages_by_customer(desk: Desk, progress: _Progress, created_since: int | None) -> Iterator[Page]:
    """Every customer's payment methods, and which of those we know are no longer among them."""
    created_at = datetime.fromtimestamp(created_since or 0, UTC)
    wanted = select(_customers.c.id).where(~_customers.c.is_deleted, _customers.c.created_at >= created_at)
    after = progress.after
    with ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="backfill") as pool:
        while True:
            chunk = wanted.where(_customers.c.id > after).order_by(_customers.c.id).limit(_CUSTOMERS_AT_ONCE)
            ids = [row.id for row in desk.rows(chunk)]
            if not ids:
                return
            desk.close()  # Stripe may think for a while
            known_at, after = now(), ids[-1]
            found = [one for listed in pool.map(lambda owner: _listed(desk, owner), ids) for one in listed]
            yield [*found, *_lost(desk, ids, {one["id"] for one in found})], known_at, after


def _listed(desk: Desk, customer_id: str) -> list[Json]:
    return [one for page in desk.gateway.pages(_BY_CUSTOMER, customer_id=customer_id) for one in page]


def _lost(desk: Desk, customer_ids: Sequence[str], found: set[str]) -> list[Json]:
    known = select(_methods.c.id).where(_methods.c.customer_id.in_(customer_ids), ~_methods.c.is_deleted)
    gone = {"object": _BY_CUSTOMER, "deleted": True}
    return [{**gone, "id": row.id} for row in desk.rows(known) if row.id not in found]


def _ask_for_previews(desk: Desk) -> None:
    """Have the worker ask for every upcoming invoice, at a pace that leaves Stripe's limit to the living."""
    after, count = "", 0
    live = select(_subscriptions.c.customer_id).where(_subscriptions.c.ended_at.is_(None)).distinct()
    while True:
        chunk = live.where(_subscriptions.c.customer_id > after).order_by(_subscriptions.c.customer_id).limit(500)
        ids = [row.customer_id for row in desk.rows(chunk)]
        if not ids:
            return
        after = ids[-1]
        with desk.transaction():
            paces = [now() + timedelta(seconds=(count + number) / _PREVIEWS_A_SECOND) for number in range(len(ids))]
            wishes = [wish_for_preview(one, at, jobs.BULK) for one, at in zip(ids, paces, strict=True)]
            jobs.enqueue_all(desk, wishes)
            count += len(ids)


def _seconds(since: str) -> int | None:
    if not since:
        return None
    try:
        day = date.fromisoformat(since)
    except ValueError:
        raise InvalidInput(N_("Write the day as 2026-11-01."), field="since") from None
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _resume(desk: Desk, since: str) -> _Progress:
    kept = desk.value(select(_facts.c.value).where(_facts.c.name == _CURSOR))
    progress = _Progress(**json.loads(kept)) if kept else _Progress(since)
    return progress if progress.since == since else _Progress(since)


def _keep(desk: Desk, progress: _Progress) -> None:
    with desk.transaction() as connection:
        upsert(connection, _facts, [{"name": _CURSOR, "value": json.dumps(asdict(progress)), "changed_at": now()}])
