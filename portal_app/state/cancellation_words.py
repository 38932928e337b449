"""Canceling in words: what it means, why one goes, and the receipt."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from portal_app.kit.i18n import N_
from portal_app.services.cancellation import FEEDBACK, Cancellation, Preview
from portal_app.services.invoices import InvoiceRow
from portal_app.state.cards import say_method
from portal_app.state.facts import Fact, told
from portal_app.state.speech import Speech
from portal_app.state.subscription_cards import contents_of, name_of

Step = Literal["effect", "reason", "confirm"]
_LABELS: Final[dict[str, str]] = {
    "too_expensive": N_("Too expensive for me"),
    "missing_features": N_("Something is missing"),
    "switched_service": N_("I am switching to another product"),
    "unused": N_("I do not use it often enough"),
    "customer_service": N_("The customer service was not good"),
    "too_complex": N_("It is too complicated"),
    "low_quality": N_("It did not work as expected"),
    "other": N_("Other"),
}
_MOST_FEATURES: Final = 6


@dataclass(frozen=True)
class Effect:
    """One consequence; `icon` is one of the kit's."""

    icon: str
    title: str
    text: str


@dataclass(frozen=True)
class Reason:
    """A reason to choose."""

    id: str
    label: str


def random_order() -> list[str]:
    """The reasons in an order of chance, so that none is chosen for standing first; Other comes last."""
    others = [one for one in FEEDBACK if one != "other"]
    return [*random.sample(others, len(others)), "other"]


def reasons_in(order: list[str], say: Speech) -> list[Reason]:
    """The reasons to choose from."""
    _ = say.words
    return [Reason(one, _(_LABELS[one])) for one in order]


def effects_of(found: Preview, say: Speech) -> list[Effect]:
    """What happens, line by line."""
    return [*_end(found, say), *_money(found, say), *_loss(found, say)]


def heading_of(found: Preview, step: str, say: Speech) -> str:
    """The title of a step."""
    _ = say.words
    plan = name_of(found.subscription, say)
    if step == "checking":
        return _("We are checking")
    if step == "reason":
        return _("Why are you leaving?")
    if step == "effect":
        return _("Cancel {plan}?", plan=plan)
    day = say.day(found.ends_at)
    return _("Cancel {plan} on {day}", plan=plan, day=day) if day else _("Cancel {plan} now", plan=plan)


def lead_of(found: Preview, step: str, say: Speech) -> str:
    """The sentence below the title."""
    _ = say.words
    if step == "checking":
        return checking(say)
    if step == "reason":
        return _("It helps us improve. You can skip this.")
    if step == "confirm":
        return ""
    return _("You keep everything until {day}.", day=say.day(found.ends_at)) if found.ends_at else _("It ends at once.")


def summary_of(found: Preview, feedback: str, say: Speech) -> list[Fact]:
    """What is confirmed in the last step."""
    _ = say.words
    one, name = found.subscription, name_of(found.subscription, say)
    contents = contents_of(one.items, say)
    reason = _(_LABELS[feedback]) if feedback in _LABELS else ""
    return told(
        Fact(_("Subscription"), contents or name),
        Fact(_("Last day"), say.last_day(found.ends_at) or _("Today")),
        Fact(_("To pay"), _still_to_pay(found.owed, say)),
        Fact(_("Reason"), reason),
        Fact(_("Confirmation goes to"), found.confirmation_to),
    )


def undo_note(found: Preview, say: Speech) -> str:
    """Until when it can be taken back."""
    _ = say.words
    return _("You can undo this until {day}.", day=say.day(found.ends_at)) if found.ends_at else ""


def receipt_heading(found: Cancellation, say: Speech) -> str:
    """The title of the receipt; never that it is canceled before Stripe said so."""
    _ = say.words
    plan = found.plan or _("Subscription")
    return _("{plan} is canceled", plan=plan) if found.ends_at else _("We are checking")


def receipt_lead(found: Cancellation, say: Speech) -> str:
    """What holds now."""
    _ = say.words
    day = say.day(found.ends_at)
    if not day:
        return checking(say)
    if found.can_undo:
        return _("It ends on {day}. You keep access until then, and nothing more is charged.", day=day)
    if found.owed:
        return _("It ended on {day}. No further attempt is made to charge you.", day=day)
    return _("It ended on {day}.", day=day)


def receipt_facts(found: Cancellation, say: Speech) -> list[Fact]:
    """The receipt."""
    _ = say.words
    return told(
        Fact(_("Cancellation number"), found.number),
        Fact(_("Received"), say.time(found.received_at) if found.received_at else ""),
        Fact(_("Mailed to"), found.mailed_to),
        Fact(_("Access until"), say.day(found.ends_at)),
        Fact(_("To pay"), _still_to_pay(found.owed, say)),
    )


def checking(say: Speech) -> str:
    """While nobody knows."""
    _ = say.words
    return _(
        "Our payment provider has not confirmed this yet. Nothing is done twice, and this page changes by itself as "
        "soon as we know."
    )


def _end(found: Preview, say: Speech) -> Iterator[Effect]:
    _ = say.words
    plan = name_of(found.subscription, say)
    if found.ends_at is None:
        yield Effect("calendar", _("It ends at once"), _("Access to {plan} stops today.", plan=plan))
        return
    title = _("{day} is the last day", day=say.last_day(found.ends_at))
    is_trial = found.subscription.state == "trialing"
    yield Effect(
        "calendar", title, _("Your free trial runs until then.") if is_trial else _("Everything works until then.")
    )


def _money(found: Preview, say: Speech) -> Iterator[Effect]:
    _ = say.words
    if found.spared and found.spared_at:
        text = _(
            "The payment of {amount} on {day} will not be taken.",
            amount=say.money(found.spared),
            day=say.day(found.spared_at),
        )
        yield Effect("card", _("No further charges"), text)
    elif found.owed and found.mode == "now":
        method = say_method(found.subscription.payment_method, say)
        text = _("We stop trying to charge {method}.", method=method) if method else _("We stop trying to charge you.")
        yield Effect("card", _("No further attempt is made"), text)
    else:
        yield Effect("card", _("No further charges"), _("Nothing more is charged for it."))
    if found.owed:
        numbers = say.join([row.number for row in found.owed])
        number = len(found.owed)
        text = _.n("Invoice {numbers} stays open.", "Invoices {numbers} stay open.", n=number, numbers=numbers)
        yield Effect("alert", _("{amount} stays to be paid", amount=_owed(found.owed, say)), text)


def _loss(found: Preview, say: Speech) -> Iterator[Effect]:
    _ = say.words
    one = found.subscription
    features = say.join([*one.features[:_MOST_FEATURES]])
    lost = features or contents_of(one.items, say) or name_of(one, say)
    yield Effect("ended", _("You lose"), lost)
    if one.scheduled_change:
        names = say.join(one.scheduled_change.names) or _("another plan")
        yield Effect("repeat", _("A change is dropped"), _("The change to {plan} does not happen.", plan=names))
    if found.invoice_count:
        kept = _.n(
            "{count} invoice stays in this portal.",
            "All {count} invoices stay in this portal.",
            n=found.invoice_count,
            count=say.number(found.invoice_count),
        )
        yield Effect("receipt", _("You keep"), kept)


def _still_to_pay(owed: tuple[InvoiceRow, ...], say: Speech) -> str:
    _ = say.words
    if not owed:
        return _("Nothing more")
    numbers = say.join([row.number for row in owed])
    return _("{amount}, invoice {numbers}", amount=_owed(owed, say), numbers=numbers)


def _owed(owed: tuple[InvoiceRow, ...], say: Speech) -> str:
    sums = {}
    for row in owed:
        currency = row.remaining.currency
        sums[currency] = sums[currency] + row.remaining if currency in sums else row.remaining
    return say.amounts(list(sums.values()))
