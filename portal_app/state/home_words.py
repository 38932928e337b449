"""The first page in words: its greeting, its one amount, and the facts below."""

from dataclasses import dataclass

from portal_app.kit.money import Money
from portal_app.services.billing_details import BillingDetails
from portal_app.services.dashboard import Dashboard, NextPayment
from portal_app.state.cards import glyph_of, say_method
from portal_app.state.facts import Fact, told
from portal_app.state.speech import Speech
from portal_app.state.subscription_cards import name_of
from portal_app.state.sums import SumRow, sum_rows


@dataclass(frozen=True)
class Amount:
    """The one amount that the page is about, with the sentence below it and the sum behind it."""

    label: str = ""
    text: str = ""
    when: str = ""
    method: str = ""
    method_glyph: str = ""
    age: str = ""
    later: str = ""
    total_label: str = ""
    total: str = ""


def greeting_of(details: BillingDetails, say: Speech) -> str:
    """Hello, by the first name where the address shows that it is a person's."""
    _ = say.words
    first = details.name.split(" ")[0]
    name = first if first and first.lower() in details.email.partition("@")[0].lower() else details.name
    return _("Hello {name}", name=name) if name else _("Hello")


def lead_of(found: Dashboard, say: Speech) -> str:
    """The page's answer in one sentence."""
    _ = say.words
    if not found.open_invoices:
        return (
            _("Everything is paid. Nothing needs your attention.") if not found.attention else _("Everything is paid.")
        )
    number = sum(owed.invoices for owed in found.outstanding)
    return _.n("{n} payment is open.", "{n} payments are open.", n=number)


def is_overdue(found: Dashboard) -> bool:
    """Whether the open amount is what the page is about, rather than the next payment."""
    return any(invoice.state in ("overdue", "confirm") for invoice in found.open_invoices)


def amount_of(found: Dashboard, say: Speech) -> Amount:
    """The open amount while something is overdue, else the next payment; empty where there is neither."""
    if is_overdue(found):
        return _open_amount(found, say)
    return _next_payment(found, say) if found.payments else Amount()


def sum_of(found: Dashboard, say: Speech) -> list[SumRow]:
    """The lines behind the next payment."""
    return sum_rows(found.payments[0].sum, say) if found.payments and not is_overdue(found) else []


def facts_of(found: Dashboard, say: Speech) -> list[Fact]:
    """Open, credit and the last payment; what is zero is left out."""
    _ = say.words
    facts = []
    if found.outstanding and not is_overdue(found):
        number = sum(owed.invoices for owed in found.outstanding)
        open_ = _.n("{amount} in {n} invoice", "{amount} in {n} invoices", n=number, amount=_owed(found, say))
        facts.append(Fact(_("Open"), open_))
    if found.details.credit:
        facts.append(
            Fact(_("Credit"), _("{amount}, used for your next invoices", amount=say.money(found.details.credit)))
        )
    if found.details.debt:
        facts.append(
            Fact(_("From earlier"), _("{amount}, added to your next invoice", amount=say.money(found.details.debt)))
        )
    if paid := found.last_payment:
        day, method = say.day(paid.at), say_method(paid.payment_method, say)
        text = _("{amount} on {day} from {method}", amount=say.money(paid.amount), day=day, method=method)
        facts.append(Fact(_("Last payment"), text if method else f"{say.money(paid.amount)}, {day}"))
    return facts


def billing_facts(details: BillingDetails, say: Speech) -> list[Fact]:
    """Whom invoices are made out to."""
    _ = say.words
    address = ", ".join(say.address(details.address))
    numbers = say.join([tax_id.value for tax_id in details.tax_ids])
    return told(
        Fact(_("Name"), details.name),
        Fact(_("Address"), address),
        Fact(_("Tax number"), numbers),
        Fact(_("Invoices go to"), details.email),
    )


def _open_amount(found: Dashboard, say: Speech) -> Amount:
    _ = say.words
    oldest = next(invoice for invoice in found.open_invoices if invoice.state in ("overdue", "confirm"))
    number = sum(owed.invoices for owed in found.outstanding)
    since = say.day(oldest.due_at or oldest.created_at)
    one = _("Invoice {number}, open since {day}", number=oldest.number, day=since)
    if oldest.state == "overdue":
        one = _("Invoice {number}, due since {day}", number=oldest.number, day=since)
    many = _.n("in {n} invoice", "in {n} invoices, the oldest due since {day}", n=number, day=since)
    return Amount(_("Open amount"), _owed(found, say), one if number == 1 else many)


def _next_payment(found: Dashboard, say: Speech) -> Amount:
    _ = say.words
    coming, *later = found.payments
    day, method = say.day(coming.at), say_method(coming.payment_method, say)
    label = _("First payment after your free trial") if coming.subscription.state == "trialing" else _("Next payment")
    if coming.subscription.is_sent_as_invoice:
        label = _("Next invoice")
    return Amount(
        label=label,
        text=say.money(coming.amount),
        when=_("on {day} from", day=day) if method else _("on {day}", day=day),
        method=method,
        method_glyph=glyph_of(coming.payment_method),
        age=_("As of {time}. A newer figure is on its way.", time=say.time(coming.as_of)) if coming.as_of else "",
        later=" ".join(_then(payment, say) for payment in later[:2]),
        total_label=_("You pay on {day}", day=day),
        total=say.money(coming.amount),
    )


def _then(payment: NextPayment, say: Speech) -> str:
    _ = say.words
    plan, amount = name_of(payment.subscription, say), say.money(payment.amount)
    return _("Then {amount} on {day} for {plan}.", amount=amount, day=say.day(payment.at), plan=plan)


def _owed(found: Dashboard, say: Speech) -> str:
    amounts: list[Money] = [owed.amount for owed in found.outstanding]
    return say.amounts(amounts)
