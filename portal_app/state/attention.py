"""What needs the customer, in words: what happened, whether money moved, what comes next, one way out."""

from collections.abc import Callable
from dataclasses import dataclass

from portal_app.services.dashboard import Attention, AttentionKind
from portal_app.services.invoices import InvoiceRow
from portal_app.state.cards import say_last_month, say_method
from portal_app.state.declines import say_decline
from portal_app.state.speech import Speech


@dataclass(frozen=True)
class Strip:
    """A thing to do now. `href` leaves the portal, `address` stays in it; one of them is given."""

    id: str
    title: str
    text: str
    kind: str
    label: str
    address: str = ""
    href: str = ""


def strip_of(item: Attention, say: Speech) -> Strip:
    """A thing to do in the visitor's words."""
    return _WRITERS[item.kind](item, say)


def _payment_failed(item: Attention, say: Speech) -> Strip:
    _ = say.words
    invoice = _invoice(item)
    failed = [attempt for attempt in invoice.attempts if attempt.state == "failed"]
    day = say.day(failed[-1].at if failed else invoice.created_at)
    title = _("Your payment of {amount} failed on {day}", amount=say.money(invoice.remaining), day=day)
    reason = say_decline(failed[-1].decline_code if failed else "", item.method, say)
    tries = _("We try again on {day}.", day=say.day(invoice.next_try_at)) if invoice.next_try_at else ""
    return _about_invoice(item, title, f"{reason} {tries}".strip(), "danger", say)


def _confirm(item: Attention, say: Speech) -> Strip:
    _ = say.words
    amount = say.money(_invoice(item).remaining)
    title = _("Your bank asks you to confirm {amount}", amount=amount)
    return _about_invoice(item, title, _("Nothing is paid until you confirm it."), "warning", say)


def _waiting(item: Attention, say: Speech) -> Strip:
    _ = say.words
    amount, plan = say.money(_invoice(item).remaining), item.subscription.name if item.subscription else ""
    title = _("{plan} starts with your first payment of {amount}", plan=plan, amount=amount)
    return _about_invoice(item, title, _("Nothing has been charged yet."), "warning", say)


def _overdue(item: Attention, say: Speech) -> Strip:
    _ = say.words
    invoice = _invoice(item)
    title = _("Invoice {number} is overdue", number=invoice.number)
    due = say.day(invoice.due_at or invoice.created_at)
    text = _("{amount} was due on {day}.", amount=say.money(invoice.remaining), day=due)
    return _about_invoice(item, title, text, "danger", say)


def _card(item: Attention, say: Speech) -> Strip:
    _ = say.words
    method = item.method
    name, month = say_method(method, say), say_last_month(method, say) if method else ""
    if item.kind == "card_expired":
        title, kind = _("{card} has expired", card=name), "danger"
        text = _("It was valid until the end of {month}. {next}", month=month, next=_coming(item, say))
    else:
        title, kind = _("{card} expires soon", card=name), "warning"
        text = _("It is valid until the end of {month}. {next}", month=month, next=_coming(item, say))
    return Strip(item.kind, title, text.strip(), kind, _("View payment methods"), address="/payment-methods")


def _coming(item: Attention, say: Speech) -> str:
    _ = say.words
    coming = item.subscription.next if item.subscription else None
    if coming is None or coming.at is None or coming.amount is None:
        return ""
    return _("The next payment is {amount} on {day}.", amount=say.money(coming.amount), day=say.day(coming.at))


def _about_invoice(item: Attention, title: str, text: str, kind: str, say: Speech) -> Strip:
    _ = say.words
    invoice = _invoice(item)
    if invoice.hosted_url.startswith("https://"):
        label = _("Confirm on our payment page") if item.kind == "confirm" else _pay_label(invoice, say)
        return Strip(invoice.id, title, text, kind, label, href=invoice.hosted_url)
    return Strip(invoice.id, title, text, kind, _("View invoice"), address=f"/invoices/{invoice.id}")


def _pay_label(invoice: InvoiceRow, say: Speech) -> str:
    _ = say.words
    return _("Pay {amount} on our payment page", amount=say.money(invoice.remaining))


def _invoice(item: Attention) -> InvoiceRow:
    if item.invoice is None:
        raise ValueError(f"{item.kind} is about an invoice")
    return item.invoice


_WRITERS: dict[AttentionKind, Callable[[Attention, Speech], Strip]] = {
    "payment_failed": _payment_failed,
    "confirm": _confirm,
    "waiting": _waiting,
    "overdue": _overdue,
    "card_expired": _card,
    "card_expires": _card,
}
