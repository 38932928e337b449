"""One invoice in words: how it stands, whom it is made out to, and what has happened to it."""

from collections.abc import Iterator
from dataclasses import dataclass

from portal_app.services.invoices import Attempt, Invoice
from portal_app.state.cards import say_method
from portal_app.state.declines import say_decline
from portal_app.state.facts import Fact, told
from portal_app.state.speech import Speech


@dataclass(frozen=True)
class Happening:
    """Something that happened to the invoice; `kind` and `icon` are the kit's."""

    text: str
    day: str
    icon: str
    kind: str = "plain"


def lead_of(found: Invoice, say: Speech) -> str:
    """How it stands, in one sentence."""
    _ = say.words
    row, sent = found.row, say.day(found.finalized_at or found.row.created_at)
    sentences = {
        "paid": _("Paid on {day}.", day=say.day(found.paid_at or found.row.created_at)),
        "void": _("It was canceled on {day}. Nothing is to be paid.", day=say.day(found.voided_at or row.created_at)),
        "written_off": _("We no longer ask for it."),
        "processing": _("Your payment is on its way. This can take a few days."),
        "confirm": _("Your bank asks you to confirm the payment. Nothing is paid until you do."),
    }
    if row.state in sentences:
        return sentences[row.state]
    due = say.day(row.due_at)
    if not due:
        return _("Issued on {day}.", day=sent)
    if row.state == "overdue":
        return _("Sent on {sent}, due since {day}.", sent=sent, day=due)
    return _("Sent on {sent}, due on {day}.", sent=sent, day=due)


def recipient_of(found: Invoice, say: Speech) -> list[Fact]:
    """Whom it is made out to."""
    _ = say.words
    to = found.recipient
    return told(
        Fact(_("Name"), to.name),
        Fact(_("Address"), ", ".join(say.address(to.address))),
        Fact(_("Tax number"), say.join(to.tax_ids)),
        Fact(_("Sent to"), to.email),
        *(Fact(label, text) for label, text in found.fields),
    )


def happenings_of(found: Invoice, say: Speech) -> Iterator[Happening]:
    """What has happened to it, the newest first."""
    _ = say.words
    moments = [
        (found.voided_at, Happening(_("Canceled"), say.day(found.voided_at), "ended")),
        (found.written_off_at, Happening(_("Written off"), say.day(found.written_off_at), "stop")),
        (found.finalized_at, Happening(_("Issued"), say.day(found.finalized_at), "receipt")),
        *((attempt.at, _attempt(attempt, say)) for attempt in found.attempts if attempt.state != "waiting"),
    ]
    if found.paid_at and not any(attempt.state == "succeeded" for attempt in found.attempts):
        moments.append((found.paid_at, Happening(_("Paid"), say.day(found.paid_at), "check")))
    # Of one moment, what is told later here happened later.
    known = [(at, happening) for at, happening in reversed(moments) if at]
    yield from (happening for _at, happening in sorted(known, key=lambda pair: pair[0], reverse=True))


def _attempt(attempt: Attempt, say: Speech) -> Happening:
    _ = say.words
    method, amount, day = say_method(attempt.payment_method, say), say.money(attempt.amount), say.day(attempt.at)
    if attempt.state == "succeeded":
        paid = (
            _("{amount} paid from {method}", amount=amount, method=method)
            if method
            else _("{amount} paid", amount=amount)
        )
        return Happening(paid, day, "check")
    if attempt.state == "failed":
        return Happening(say_decline(attempt.decline_code, attempt.payment_method, say), day, "alert", "bad")
    if attempt.state == "confirm":
        return Happening(_("Your bank asks you to confirm {amount}", amount=amount), day, "shield")
    if attempt.state == "canceled":
        return Happening(_("A payment of {amount} was called off", amount=amount), day, "ended")
    return Happening(_("{amount} is on its way", amount=amount), day, "clock")
