"""Acts on Stripe that happen once: written down before the call, settled after it, asked again when nobody knows."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, Literal

from sqlalchemy import Row, insert, select, update

from portal_app.gateway.kinds import find_kind
from portal_app.gateway.port import Gateway, Json
from portal_app.kit.clock import now
from portal_app.kit.errors import GatewayError, NotFound, PortalError
from portal_app.models.journal import Operation
from portal_app.security.visitor import Visitor
from portal_app.services import jobs, sync
from portal_app.services.desk import Desk, open_desk

log = logging.getLogger(__name__)

State = Literal["planned", "sent", "done", "failed", "unknown"]
RECONCILE = "operation.reconcile"
METADATA_KEY = "portal_operation"
# The longest that a call with its retries and waits may still be on its way.
_IN_FLIGHT = timedelta(seconds=120)
# Stripe keeps an idempotency key for at least a day; the margin is for clocks.
_KEY_LIFETIME = timedelta(hours=23)
_SOON = timedelta(seconds=2)
_DOUBLE_CLICK = timedelta(seconds=10)
_OPEN = ("planned", "sent", "unknown")
_ACTOR = ("kind", "customer_id", "staff_id", "role", "locale", "zone", "request_id")
_operations = Operation.__table__


@dataclass(frozen=True)
class Plan:
    """An intent: this customer wants this done to that object. `parameters` must be JSON."""

    customer_id: str
    target_id: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """An operation as it was written down; `id` is the idempotency key."""

    id: str
    customer_id: str
    kind: str
    target_id: str
    parameters: Mapping[str, Any]
    state: State
    actor: Visitor
    created_at: datetime
    error_code: str
    error_text: str
    result: Json | None

    @property
    def metadata(self) -> dict[str, str]:
        """What the changed object carries, so that the operation is found again on it."""
        return {METADATA_KEY: self.id}

    @property
    def is_open(self) -> bool:
        """Whether the outcome is still to come: on its way, or being checked."""
        return self.state in _OPEN

    @property
    def is_done(self) -> bool:
        return self.state == "done"


@dataclass(frozen=True)
class OperationKind:
    """How one kind of act is carried out; the worker finds it by `name` to finish what others began.

    Attributes:
        call: makes the one call that changes something, with `asked.id` as idempotency key and `asked.metadata` on
            the object; returns the changed object.
        settle: what follows from it (answers kept, audit, mails), in the transaction that puts the object into the
            mirror; runs at most once; what it returns is kept as `asked.result`.
        look_up: the object if it shows that the call was carried out, else None; only reads.
        require: raises where it is not wanted (any more); in the transaction that writes the operation down, so
            that a second click which comes just after the first was settled does nothing.
    """

    name: str
    call: Callable[[Gateway, Asked], Json]
    settle: Callable[[Desk, Asked, Json], Json | None]
    look_up: Callable[[Gateway, Asked], Json | None]
    require: Callable[[Desk, Plan], None] = lambda _desk, _plan: None


def perform(desk: Desk, kind: OperationKind, plan: Plan) -> Asked:
    """Carry out `plan` once; tells how far it is.

    While one of the same customer and target is open, that one is returned and nothing new is asked; so is one of
    the same kind that was done a moment ago with nothing else since. What comes back open could not be confirmed:
    the worker goes on asking, and the visitor reads that we are checking.

    Raises:
        CardDeclined, Conflict, GatewayError, NotFound: it was refused, and nothing was changed.
        Whatever `kind.require` raises: nothing was asked.
    """
    asked, is_new = _write_down(desk, kind, plan)
    if not is_new:
        return asked
    _mark(desk, asked, "sent", sent_at=now())
    known_at = now()
    try:
        changed = kind.call(desk.gateway, asked)
    except PortalError as error:
        if isinstance(error, GatewayError) and error.is_unknown:
            return _leave_unknown(desk, asked, error)
        _fail(desk, asked, error)
        raise
    return _settle(desk, kind, asked, changed, known_at)


def reconcile(desk: Desk, kind: OperationKind, operation_id: str) -> Asked:
    """Find out what became of an operation and finish it, in the name of whoever asked for it.

    Raises:
        GatewayError: Stripe cannot tell yet; try again later.
    """
    asked = get(desk, operation_id)
    if not asked.is_open:
        return asked
    desk.close()  # Stripe may think for a while
    with open_desk(desk.gateway, asked.actor) as own:
        return _find_out(own, kind, asked)


def get(desk: Desk, operation_id: str) -> Asked:
    """How far an operation is.

    Raises:
        NotFound: there is none of this id.
    """
    row = desk.row(select(_operations).where(_operations.c.id == operation_id))
    if row is None:
        raise NotFound
    return _asked(row)


def list_open(desk: Desk, customer_id: str) -> list[Asked]:
    """What this customer has asked for and Stripe has not confirmed, oldest first."""
    statement = select(_operations).where(_operations.c.customer_id == customer_id, _operations.c.state.in_(_OPEN))
    return [_asked(row) for row in desk.rows(statement.order_by(_operations.c.created_at))]


def _find_out(desk: Desk, kind: OperationKind, asked: Asked) -> Asked:
    refusal: PortalError = GatewayError()
    known_at = now()
    if known_at - asked.created_at < _KEY_LIFETIME:
        try:
            # The same key: carried out now if it never was, the first answer again if it was.
            return _settle(desk, kind, asked, kind.call(desk.gateway, asked), known_at)
        except GatewayError as error:
            if not error.is_final:
                _leave_unknown(desk, asked, error)
                raise
            refusal = error
        except PortalError as error:
            refusal = error
    try:
        found = kind.look_up(desk.gateway, asked)
    except NotFound:
        found = None
    if found is not None:
        return _settle(desk, kind, asked, found, known_at)
    return _fail(desk, asked, refusal)


def _write_down(desk: Desk, kind: OperationKind, plan: Plan) -> tuple[Asked, bool]:
    """The operation of this plan, and whether it was written now."""
    values = {
        "id": f"op_{token_hex(16)}",
        "customer_id": plan.customer_id,
        "kind": kind.name,
        "target_id": plan.target_id,
        "parameters": dict(plan.parameters),
        "state": "planned",
        "actor": _as_text(desk.actor),
        "created_at": now(),
        "error_code": "",
        "error_text": "",
    }
    with desk.transaction() as connection:
        if just_done := _just_done(desk, kind, plan):
            return just_done, False
        if in_the_way := _find_open(desk, plan):
            return in_the_way, False
        kind.require(desk, plan)
        row = connection.execute(insert(_operations).values(**values).returning(_operations)).one()
        # Whatever happens to this process now, the worker will finish it.
        jobs.enqueue(desk, RECONCILE, row.id, {"operation_id": row.id}, now() + _IN_FLIGHT, tries=jobs.MANY)
        return _asked(row), True


def _just_done(desk: Desk, kind: OperationKind, plan: Plan) -> Asked | None:
    """The last thing done to the target, if it is this and only a moment ago: the second click of a double click."""
    is_this_target = (_operations.c.customer_id == plan.customer_id) & (_operations.c.target_id == plan.target_id)
    row = desk.row(select(_operations).where(is_this_target).order_by(_operations.c.created_at.desc()).limit(1))
    if row is None or row.state != "done" or now() - row.finished_at > _DOUBLE_CLICK:
        return None
    return _asked(row) if (row.kind, row.parameters) == (kind.name, dict(plan.parameters)) else None


def _find_open(desk: Desk, plan: Plan) -> Asked | None:
    """What is on its way for the target, of any kind: finished later, it would undo what came after it."""
    is_this_target = (_operations.c.customer_id == plan.customer_id) & (_operations.c.target_id == plan.target_id)
    row = desk.row(select(_operations).where(is_this_target, _operations.c.state.in_(_OPEN)))
    return _asked(row) if row else None


def _settle(desk: Desk, kind: OperationKind, asked: Asked, changed: Json, known_at: datetime) -> Asked:
    with desk.transaction():
        if not _mark(desk, asked, "done", finished_at=now(), error_code="", error_text=""):
            return get(desk, asked.id)
        if sync.apply(desk, changed, known_at).outcome == "older":
            # An event was applied meanwhile. What follows is told of the answer all the same.
            sync.apply(desk, changed, now())
        if known := find_kind(asked.target_id):
            # The answer may be old: overtaken by that event, or the first one again, long after it was given.
            sync.request_fetch(desk, known, asked.target_id)
        result = kind.settle(desk, asked, changed)
        desk.run(update(_operations).where(_operations.c.id == asked.id).values(result=result))
        sync.touch(desk, asked.customer_id)
        return get(desk, asked.id)


def _leave_unknown(desk: Desk, asked: Asked, error: GatewayError) -> Asked:
    with desk.transaction():
        if asked.state != "unknown" and _mark(desk, asked, "unknown", error_code=error.code, error_text=error.text):
            payload, soon = {"operation_id": asked.id}, now() + _SOON
            jobs.enqueue(desk, RECONCILE, asked.id, payload, soon, priority=jobs.URGENT, tries=jobs.MANY)
            sync.touch(desk, asked.customer_id)
        return get(desk, asked.id)


def _fail(desk: Desk, asked: Asked, error: PortalError) -> Asked:
    with desk.transaction():
        if _mark(desk, asked, "failed", finished_at=now(), error_code=error.code, error_text=error.text):
            log.warning("operation %s (%s) failed: %s", asked.id, asked.kind, error.code)
            # It was refused for what we did not know: look at the object again.
            if known := find_kind(asked.target_id):
                sync.request_fetch(desk, known, asked.target_id)
            sync.touch(desk, asked.customer_id)
        return get(desk, asked.id)


def _mark(desk: Desk, asked: Asked, state: State, **values: Any) -> bool:
    """Move an open operation on; false when somebody else has finished it."""
    is_this = (_operations.c.id == asked.id) & _operations.c.state.in_(_OPEN)
    with desk.transaction() as connection:
        return connection.execute(update(_operations).where(is_this).values(state=state, **values)).rowcount == 1


def _asked(row: Row[Any]) -> Asked:
    values = {name: row._mapping[name] for name in _ASKED if name != "actor"}
    return Asked(**values, actor=Visitor(**json.loads(row.actor)))


def _as_text(actor: Visitor) -> str:
    """Who asked, without an address or a session."""
    return json.dumps({name: getattr(actor, name) for name in _ACTOR})


_ASKED = tuple(field.name for field in fields(Asked))
