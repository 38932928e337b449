"""Ending a subscription and taking it back: what it would mean, the deed itself, and its receipt."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from sqlalchemy import bindparam, select

from portal_app.kit.errors import Conflict, InvalidInput, NotAllowed
from portal_app.kit.i18n import N_
from portal_app.kit.money import Money
from portal_app.models.portal import CancellationResponse
from portal_app.services import billing_details, cancellation_acts, configuration, invoices, operations, subscriptions
from portal_app.services.cancellation_acts import CANCEL, UNDO, AlreadyDone, Mode
from portal_app.services.desk import Desk
from portal_app.services.invoices import InvoiceRow
from portal_app.services.operations import Plan
from portal_app.services.subscriptions import Subscription

Feedback = Literal[
    "too_expensive",
    "missing_features",
    "switched_service",
    "unused",
    "customer_service",
    "too_complex",
    "low_quality",
    "other",
]
FEEDBACK: Final[tuple[Feedback, ...]] = get_args(Feedback)
LONGEST_COMMENT: Final = 1_000
# Nothing paid for is left to use: the period was never paid, or does not run.
_AT_ONCE: Final = frozenset({"past_due", "unpaid", "incomplete", "paused"})

_response = CancellationResponse.__table__.c  # type: ignore[attr-defined]
_RESPONSE = (
    select(_response.number, _response.created_at, _response.ends_at, _response.feedback, _response.comment)
    .where(
        _response.customer_id == bindparam("customer_id"),
        _response.subscription_id == bindparam("subscription_id"),
        _response.undone_at.is_(None),
    )
    .order_by(_response.created_at.desc())
    .limit(1)
)


@dataclass(frozen=True)
class Preview:
    """What canceling now would mean. `spared` is the charge that will not come; `owed` stays to be paid."""

    subscription: Subscription
    mode: Mode
    ends_at: datetime | None
    spared: Money | None
    spared_at: datetime | None
    owed: tuple[InvoiceRow, ...]
    invoice_count: int
    confirmation_to: str
    drops_change: bool
    is_checking: bool


@dataclass(frozen=True)
class Cancellation:
    """How far a cancellation is. While `is_checking`, Stripe has not confirmed it and nothing else is known."""

    is_checking: bool
    plan: str = ""
    ends_at: datetime | None = None
    number: str = ""
    received_at: datetime | None = None
    mailed_to: str = ""
    can_undo: bool = False
    owed: tuple[InvoiceRow, ...] = ()


def look(desk: Desk, customer_id: str, subscription_id: str) -> Preview | Cancellation:
    """What canceling would mean, or how far it is where it has been asked for already.

    Raises:
        NotFound, NotAllowed: as `preview`.
    """
    try:
        return preview(desk, customer_id, subscription_id)
    except Conflict:
        return status(desk, customer_id, subscription_id)


def preview(desk: Desk, customer_id: str, subscription_id: str) -> Preview:
    """Tell what canceling would mean, without doing it; from the mirror alone.

    Raises:
        NotFound: the subscription is not this customer's.
        NotAllowed: the merchant has switched canceling off, or this one cannot be canceled here; the sentence says why.
        Conflict: it is canceled already, or over.
    """
    found = _cancelable(desk, customer_id, subscription_id)
    mode = mode_of(found)
    spares = found.upcoming if found.state in ("active", "trialing") else None
    return Preview(
        subscription=found,
        mode=mode,
        ends_at=_end_of(found) if mode == "period_end" else None,
        spared=spares.amount_due if spares else None,
        spared_at=spares.due_at if spares else None,
        owed=tuple(invoices.open_for(desk, customer_id, subscription_id)),
        invoice_count=invoices.count(desk, customer_id),
        confirmation_to=billing_details.get(desk, customer_id).email,
        drops_change=found.scheduled_change is not None,
        is_checking=is_checking(desk, customer_id, subscription_id),
    )


def confirm(  # noqa: PLR0913
    desk: Desk,
    customer_id: str,
    subscription_id: str,
    feedback: str = "",
    comment: str = "",
    *,
    seen: Mode | None = None,
) -> Cancellation:
    """Cancel at Stripe, once however often it is asked; then receipt, audit entry and mail.

    `seen` is the mode that the customer was told of; another one is not carried out.

    Raises:
        InvalidInput: `feedback` is none of Stripe's words, or the comment is too long.
        NotFound, NotAllowed: as `preview`.
        Conflict: it is over, or would end at another time than the customer was told.
        GatewayError: Stripe refused, and nothing was changed.
    """
    answers = {"feedback": _clean_feedback(feedback), "comment": _clean_comment(comment)}
    found = subscriptions.get(desk, customer_id, subscription_id)
    _require_allowed(desk, found)
    mode = mode_of(found)
    if seen not in (None, mode) and found.state != "canceling":
        raise Conflict
    plan = Plan(customer_id, subscription_id, {**answers, "mode": mode})
    try:
        asked = operations.perform(desk, CANCEL, plan)
    except AlreadyDone:
        _require_running(subscriptions.get(desk, customer_id, subscription_id))
        return status(desk, customer_id, subscription_id)
    if asked.is_open:
        return Cancellation(is_checking=True, plan=found.name)
    return status(desk, customer_id, subscription_id)


def undo(desk: Desk, customer_id: str, subscription_id: str) -> Cancellation:
    """Let a subscription that was to end go on, once however often it is asked.

    Works whatever the merchant's switch says: going on is never refused.

    Raises:
        NotFound: the subscription is not this customer's.
        Conflict: it has ended, or its end was not set in a way that a customer may take back.
        GatewayError: Stripe refused, and nothing was changed.
    """
    found = subscriptions.get(desk, customer_id, subscription_id)
    if found.is_over or (found.state == "canceling" and not found.can_undo):
        raise Conflict(N_("This can no longer be undone."))
    try:
        asked = operations.perform(desk, UNDO, Plan(customer_id, subscription_id, {}))
    except AlreadyDone:
        return status(desk, customer_id, subscription_id)
    return Cancellation(is_checking=asked.is_open, plan=found.name)


def status(desk: Desk, customer_id: str, subscription_id: str) -> Cancellation:
    """How far the cancellation of this subscription is; an empty one when none was asked for.

    Raises:
        NotFound: the subscription is not this customer's.
    """
    found = subscriptions.get(desk, customer_id, subscription_id)
    if found.state != "canceling" and not found.is_over:
        return Cancellation(is_checking(desk, customer_id, subscription_id), found.name)
    row = desk.row(_RESPONSE, {"customer_id": customer_id, "subscription_id": subscription_id})
    return Cancellation(
        is_checking=is_checking(desk, customer_id, subscription_id),
        plan=found.name,
        ends_at=found.ended_at or found.cancel_at,
        number=row.number if row else "",
        received_at=row.created_at if row else None,
        mailed_to=billing_details.get(desk, customer_id).email if row else "",
        can_undo=found.can_undo,
        owed=tuple(invoices.open_for(desk, customer_id, subscription_id)),
    )


def mode_of(subscription: Subscription) -> Mode:
    """Whether it ends with what is paid for, or at once because nothing paid for is left."""
    return "now" if subscription.state in _AT_ONCE else "period_end"


def refusal(configuration_: configuration.Configuration, subscription: Subscription) -> str:
    """Why a customer may not cancel this here, as a catalogue key; empty where he may."""
    if not configuration_.features.subscription_cancel:
        return N_("Canceling is not offered here. Write to us, and we take care of it.")
    if subscription.payment_plan:
        return N_("This is a payment plan: its instalments pay for what you bought, so it cannot be canceled here.")
    if subscription.schedule_id:
        return N_("A change is scheduled for this subscription. Write to us, and we cancel it for you.")
    return ""


def _cancelable(desk: Desk, customer_id: str, subscription_id: str) -> Subscription:
    found = subscriptions.get(desk, customer_id, subscription_id)
    if found.state == "canceling":
        raise Conflict(N_("This subscription is canceled already."))
    _require_running(found)
    _require_allowed(desk, found)
    return found


def _require_allowed(desk: Desk, found: Subscription) -> None:
    if reason := refusal(configuration.current(desk), found):
        raise NotAllowed(reason)


def _require_running(found: Subscription) -> None:
    if found.is_over:
        raise Conflict(N_("This subscription has ended already."))


def _end_of(found: Subscription) -> datetime | None:
    return found.trial_ends_at or found.current_period_end


def is_checking(desk: Desk, customer_id: str, subscription_id: str) -> bool:
    """Whether Stripe has not confirmed yet what was asked for this subscription."""
    kinds = (CANCEL.name, UNDO.name)
    return any(
        asked.target_id == subscription_id and asked.kind in kinds for asked in operations.list_open(desk, customer_id)
    )


def _clean_feedback(feedback: str) -> str:
    if feedback and feedback not in FEEDBACK:
        raise InvalidInput(N_("Choose one of the reasons, or none."), field="feedback")
    return feedback


def _clean_comment(comment: str) -> str:
    text = cancellation_acts.without_control_characters(comment).strip()
    if len(text) > LONGEST_COMMENT:
        raise InvalidInput(N_("This is too long: {limit} characters fit."), field="comment", limit=LONGEST_COMMENT)
    return text
