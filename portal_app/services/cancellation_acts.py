"""How canceling and undoing are carried out at Stripe, and what follows from each in our own books."""

from datetime import datetime
from secrets import token_hex
from typing import Final, Literal

from sqlalchemy import func, insert, select, update

from portal_app.environment import environment
from portal_app.gateway.port import Gateway, Json
from portal_app.kit.clock import billing_now
from portal_app.kit.errors import Conflict
from portal_app.models.portal import CancellationResponse
from portal_app.services import audit, billing_details, mails, subscriptions
from portal_app.services.desk import Desk
from portal_app.services.operations import METADATA_KEY, Asked, OperationKind, Plan
from portal_app.services.reading import part
from portal_app.services.subscriptions import Subscription

Mode = Literal["period_end", "now"]

_responses = CancellationResponse.__table__  # type: ignore[attr-defined]
_DIGITS: Final = 4
_PAID_FOR: Final = frozenset({"active", "trialing"})


class AlreadyDone(Exception):
    """What was asked for is so already: somebody else, or the first of two clicks, has done it."""


def without_control_characters(text: str) -> str:
    """What may be stored and shown again; a line break is a letter's, the rest is nobody's."""
    return "".join(letter for letter in text if letter == "\n" or letter.isprintable())


def _cancel(gateway: Gateway, asked: Asked) -> Json:
    answers = {name: value for name in ("feedback", "comment") if (value := asked.parameters.get(name))}
    if asked.parameters["mode"] == "now":
        if gateway.retrieve("subscription", asked.target_id).get("status") in _PAID_FOR:
            # Paid a moment ago, and the mirror has not heard: what was paid for must not end at once.
            raise Conflict
        # Without an invoice and without proration: nothing new is charged, nothing paid is taken back.
        return gateway.cancel_subscription(
            asked.target_id, idempotency_key=asked.id, cancellation_details=answers or None
        )
    return gateway.update_subscription(
        asked.target_id,
        idempotency_key=asked.id,
        cancel_at_period_end=True,
        cancellation_details=answers or None,
        metadata=asked.metadata,
    )


def _settle_cancel(desk: Desk, asked: Asked, changed: Json) -> Json:
    found = subscriptions.get(desk, asked.customer_id, asked.target_id)
    ends_at = found.ended_at or found.cancel_at or billing_now()
    received_at = billing_now()
    number = _next_number(desk, received_at)
    desk.run(
        insert(_responses).values(
            id=f"cr_{token_hex(12)}",
            customer_id=asked.customer_id,
            subscription_id=asked.target_id,
            operation_id=asked.id,
            number=number,
            feedback=asked.parameters.get("feedback", ""),
            comment=asked.parameters.get("comment", ""),
            created_at=received_at,
            ends_at=ends_at,
        )
    )
    audit.record(
        desk,
        "subscription.canceled" if found.is_over else "subscription.cancellation_scheduled",
        asked.target_id,
        before={"cancel_at": None},
        after={"cancel_at": ends_at.isoformat(), "number": number, "feedback": asked.parameters.get("feedback", "")},
        customer_id=asked.customer_id,
    )
    _mail_confirmation(desk, asked, found, number)
    return {"number": number, "ends_at": ends_at.isoformat()}


def _mail_confirmation(desk: Desk, asked: Asked, found: Subscription, number: str) -> None:
    context = {
        "plan": found.name,
        "number": number,
        "received_at": billing_now(),
        "access_until": found.ended_at or found.cancel_at or billing_now(),
        "undo_url": _address(found) if found.can_undo else "",
        "zone": asked.actor.zone,
    }
    _mail(desk, asked, "cancellation_confirmed", context)


def _undo(gateway: Gateway, asked: Asked) -> Json:
    return gateway.update_subscription(
        asked.target_id, idempotency_key=asked.id, cancel_at_period_end=False, metadata=asked.metadata
    )


def _settle_undo(desk: Desk, asked: Asked, changed: Json) -> Json:
    found = subscriptions.get(desk, asked.customer_id, asked.target_id)
    is_this = (_responses.c.subscription_id == asked.target_id) & _responses.c.undone_at.is_(None)
    row = desk.row(select(_responses.c.ends_at).where(is_this).order_by(_responses.c.created_at.desc()))
    desk.run(update(_responses).where(is_this).values(undone_at=billing_now()))
    audit.record(
        desk,
        "subscription.cancellation_undone",
        asked.target_id,
        before={"cancel_at": row.ends_at.isoformat() if row and row.ends_at else None},
        after={"cancel_at": None},
        customer_id=asked.customer_id,
    )
    context = {
        "plan": found.name,
        "url": _address(found),
        "continues_at": found.trial_ends_at or found.current_period_end,
        "zone": asked.actor.zone,
    }
    _mail(desk, asked, "cancellation_undone", context)
    return {}


def _look_up_cancel(gateway: Gateway, asked: Asked) -> Json | None:
    found = gateway.retrieve("subscription", asked.target_id)
    if asked.parameters["mode"] == "now":
        # Canceling at once leaves no mark of ours; that it is over is what was wanted.
        return found if found.get("status") in ("canceled", "incomplete_expired") else None
    return found if _is_marked(found, asked) and found.get("cancel_at_period_end") else None


def _look_up_undo(gateway: Gateway, asked: Asked) -> Json | None:
    found = gateway.retrieve("subscription", asked.target_id)
    return found if _is_marked(found, asked) and not found.get("cancel_at_period_end") else None


def _is_marked(found: Json, asked: Asked) -> bool:
    return part(found, "metadata").get(METADATA_KEY) == asked.id


def _mail(desk: Desk, asked: Asked, kind: str, context: dict[str, object]) -> None:
    recipient = billing_details.get(desk, asked.customer_id).email
    if recipient:
        mails.queue(desk, kind, recipient, context, locale=asked.actor.locale, customer_id=asked.customer_id)


def _address(found: Subscription) -> str:
    return environment().url(f"/subscriptions/{found.id}")


def _next_number(desk: Desk, moment: datetime) -> str:
    """The next of the year: C-2026-0001. Writers take turns, so two cannot be given the same."""
    prefix = f"C-{moment.year}-"
    number = _responses.c.number
    # By length first: C-2026-10000 comes after C-2026-9999.
    newest = select(number).where(number.startswith(prefix)).order_by(func.length(number).desc(), number.desc())
    last = desk.value(newest.limit(1))
    return f"{prefix}{int(last.removeprefix(prefix)) + 1 if last else 1:0{_DIGITS}d}"


def _require_running(desk: Desk, plan: Plan) -> None:
    if subscriptions.get(desk, plan.customer_id, plan.target_id).state in ("canceling", "ended", "expired"):
        raise AlreadyDone


def _require_canceling(desk: Desk, plan: Plan) -> None:
    if subscriptions.get(desk, plan.customer_id, plan.target_id).state != "canceling":
        raise AlreadyDone


CANCEL: Final = OperationKind("subscription.cancel", _cancel, _settle_cancel, _look_up_cancel, _require_running)
UNDO: Final = OperationKind("subscription.undo_cancel", _undo, _settle_undo, _look_up_undo, _require_canceling)
KINDS: Final = (CANCEL, UNDO)
