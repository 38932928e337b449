"""A subscription in words: what it is called, what it costs, how it stands and what comes next."""

from dataclasses import dataclass

from portal_app.kit.clock import billing_now
from portal_app.kit.i18n import N_
from portal_app.services.subscriptions import Interval, Item, State, Subscription
from portal_app.state.cards import glyph_of, say_expiry, say_method
from portal_app.state.speech import Speech
from portal_app.state.sums import tax_on_top

# Word, look and icon of each state; the end date of what ends stands in its word.
_BADGES: dict[State, tuple[str, str, str]] = {
    "active": (N_("Active"), "good", ""),
    "trialing": (N_("Free trial, ends {day}"), "info", ""),
    "canceling": (N_("Canceling, ends {day}"), "wait", "calendar"),
    "collection_paused": (N_("Paused"), "off", "pause"),
    "paused": (N_("Paused"), "off", "pause"),
    "past_due": (N_("Payment failed"), "bad", ""),
    "unpaid": (N_("On hold"), "bad", "lock"),
    "incomplete": (N_("Waiting for payment"), "wait", ""),
    "ended": (N_("Ended"), "off", "ended"),
    "expired": (N_("Expired"), "off", "ended"),
}
_INTERVALS = {
    "day": (N_("{amount} a day"), N_("{amount} every {n} days")),
    "week": (N_("{amount} a week"), N_("{amount} every {n} weeks")),
    "month": (N_("{amount} a month"), N_("{amount} every {n} months")),
    "year": (N_("{amount} a year"), N_("{amount} every {n} years")),
}


@dataclass(frozen=True)
class Track:
    """A span with an end, in words; empty where there is none."""

    start: str = ""
    start_on: str = ""
    end: str = ""
    end_on: str = ""


@dataclass(frozen=True)
class SubscriptionCard:
    """A subscription as a page shows it. `price` is before tax and discounts, as `price_note` says."""

    id: str = ""
    name: str = ""
    address: str = ""
    badge: str = ""
    badge_kind: str = ""
    badge_icon: str = ""
    price: str = ""
    price_note: str = ""
    contents: str = ""
    next_event: str = ""
    next_short: str = ""
    since: str = ""
    method: str = ""
    method_glyph: str = ""
    method_text: str = ""
    method_note: str = ""
    is_method_told: bool = False
    change: str = ""
    is_over: bool = False
    can_undo: bool = False
    has_track: bool = False
    track: Track = Track()
    keep_label: str = ""
    manage_label: str = ""


def card_of(found: Subscription, say: Speech) -> SubscriptionCard:
    """A subscription in the visitor's words."""
    _ = say.words
    word, kind, icon = _BADGES[found.state]
    track = track_of(found, say)
    name, coming = name_of(found, say), next_event(found, say)
    method, note = say_method(found.payment_method, say), method_note(found, say)
    return SubscriptionCard(
        id=found.id,
        name=name,
        address=f"/subscriptions/{found.id}",
        badge=_(word, day=say.near_day(found.trial_ends_at or found.cancel_at)),
        badge_kind=kind,
        badge_icon=icon,
        price=price_of(found, say),
        price_note=price_note(found, say),
        contents=contents_of(found.items, say),
        next_event=coming,
        next_short=next_short(found, say) or coming,
        since="" if found.is_over else _("Member since {month}.", month=say.month(found.started_at)),
        method=method,
        method_text=f"{method}, {note}" if note else method,
        method_glyph=glyph_of(found.payment_method),
        method_note=note,
        is_method_told=method in coming and not note,
        change=change_of(found, say),
        is_over=found.is_over,
        can_undo=found.can_undo,
        has_track=track is not None,
        track=track or Track(),
        keep_label=_("Keep {plan}", plan=name),
        manage_label=_("Manage {plan}", plan=name),
    )


def name_of(found: Subscription, say: Speech) -> str:
    """What the plan is called."""
    _ = say.words
    return found.name or _("Subscription")


def price_of(found: Subscription, say: Speech) -> str:
    """What is paid how often: "€64.00 a month"; nothing where usage or tiers decide."""
    if found.price is None or found.interval is None:
        return ""
    return say_interval(say.money(found.price), found.interval, say)


def price_note(found: Subscription, say: Speech) -> str:
    """What the price leaves out: "CHF 24.17 a month, plus VAT, less 20%"."""
    _ = say.words
    tax = tax_on_top(found.upcoming.sum if found.upcoming else None, say)
    return ", ".join(filter(None, (_per_month(found, say), _("plus {tax}", tax=tax) if tax else "", _less(found, say))))


def sum_note(found: Subscription, say: Speech) -> str:
    """The same beside a sum, which tells the tax itself."""
    return ", ".join(filter(None, (_per_month(found, say), _less(found, say))))


def _per_month(found: Subscription, say: Speech) -> str:
    _ = say.words
    return _("{amount} a month", amount=say.money(found.price_per_month)) if found.price_per_month else ""


def _less(found: Subscription, say: Speech) -> str:
    _ = say.words
    notes = []
    for discount in found.discounts:
        coupon, until = discount.coupon, say.day(discount.ends_at)
        amount = say.money(coupon.amount_off) if coupon.amount_off else ""
        share = say.percent(coupon.percent_off) if coupon.percent_off else amount
        notes.append(_("less {share} until {day}", share=share, day=until) if until else _("less {share}", share=share))
    return ", ".join(notes)


def say_interval(amount: str, interval: Interval, say: Speech) -> str:
    """An amount with how often it is paid."""
    _ = say.words
    once, several = _INTERVALS[interval.unit]
    return _(once, amount=amount) if interval.count == 1 else _(several, amount=amount, n=interval.count)


def contents_of(items: tuple[Item, ...], say: Speech) -> str:
    """What it consists of, where the name alone does not say it: "2 × Pro and Storage 100 GB"."""
    if len(items) == 1 and (items[0].quantity or 1) == 1:
        return ""
    return say.join([say_item(item, say) for item in items])


def say_item(item: Item, say: Speech) -> str:
    """One position: "2 × Pro"."""
    _ = say.words
    name = item.name or _("Item")
    return _("{quantity} × {name}", quantity=item.quantity, name=name) if (item.quantity or 1) > 1 else name


def method_note(found: Subscription, say: Speech) -> str:
    """What is the matter with the card: expired, or soon."""
    _ = say.words
    method, today = found.payment_method, billing_now()
    if method is None or found.is_over:
        return ""
    if method.is_expired(today):
        return _("expired {month}", month=say_expiry(method))
    return _("expires {month}", month=say_expiry(method)) if method.expires_soon(today) else ""


def change_of(found: Subscription, say: Speech) -> str:
    """The change that is scheduled; nothing where none is."""
    _ = say.words
    if not found.scheduled_change:
        return ""
    names = say.join(found.scheduled_change.names) or _("another plan")
    return _("Changes to {plan} on {day}.", plan=names, day=say.day(found.scheduled_change.at))


def track_of(found: Subscription, say: Speech) -> Track | None:
    """From today to the end of what ends, from the pause to its end."""
    _ = say.words
    today = say.day(billing_now())
    if found.state == "canceling" and found.cancel_at:
        return Track(_("Today"), today, _("Access ends"), say.day(found.cancel_at))
    if found.state == "collection_paused" and found.resumes_at:
        return Track(_("Today"), today, _("Payments go on"), say.day(found.resumes_at))
    return None


def next_short(found: Subscription, say: Speech) -> str:
    """What happens next beside an amount that is told already; nothing where it is not a payment."""
    _ = say.words
    if found.next.kind == "renews" and not found.payment_plan and not found.is_sent_as_invoice:
        return _("Renews on {day}.", day=say.day(found.next.at))
    return ""


def next_event(found: Subscription, say: Speech) -> str:
    """One sentence about what happens next by itself."""
    _ = say.words
    coming, day = found.next, say.day(found.next.at)
    if coming.kind in ("renews", "first_charge"):
        return _payment(found, day, say)
    if coming.kind == "ends":
        return _("Ends on {day}. You keep access until then, and nothing more is charged.", day=day)
    if coming.kind == "retries":
        return _("The last payment failed. We try again on {day}.", day=day) if day else _("The last payment failed.")
    if coming.kind == "resumes":
        return _("Payments are paused until {day}.", day=day) if day else _("Payments are paused.")
    if coming.kind == "expires":
        return _("It starts with your first payment, until {time}.", time=say.time(coming.at) if coming.at else "")
    return _at_rest(found, say)


def _payment(found: Subscription, day: str, say: Speech) -> str:
    _ = say.words
    amount = say.money(found.next.amount) if found.next.amount else ""
    method = say_method(found.payment_method, say)
    if found.state == "trialing":
        sentence = _("Your free trial ends on {day}.", day=day)
        charge = _("Then {amount} is charged.", amount=amount)
        with_method = _("Then {amount} is charged to {method}.", amount=amount, method=method)
        return f"{sentence} {with_method if method else charge}" if amount else sentence
    if found.payment_plan:
        return _instalment(found, day, amount, say)
    if found.is_sent_as_invoice:
        return (
            _("The next invoice comes on {day}: {amount}.", day=day, amount=amount)
            if amount
            else _("The next invoice comes on {day}.", day=day)
        )
    if amount and method:
        return _("Renews on {day} for {amount} from {method}.", day=day, amount=amount, method=method)
    return _("Renews on {day} for {amount}.", day=day, amount=amount) if amount else _("Renews on {day}.", day=day)


def _instalment(found: Subscription, day: str, amount: str, say: Speech) -> str:
    _ = say.words
    plan = found.payment_plan
    coming = (
        _("Next instalment on {day}: {amount}.", day=day, amount=amount)
        if amount
        else _("Next instalment on {day}.", day=day)
    )
    if plan is None or plan.paid is None or plan.instalments is None:
        return coming
    paid = _("{paid} of {total} instalments are paid.", paid=plan.paid, total=plan.instalments)
    return f"{paid} {coming}"


def _at_rest(found: Subscription, say: Speech) -> str:
    _ = say.words
    if found.state == "ended":
        return _("Ended on {day}.", day=say.day(found.ended_at or found.cancel_at))
    if found.state == "expired":
        return _("The first payment was never made, so it did not start.")
    if found.state == "unpaid":
        return _("On hold until the open invoices are paid.")
    if found.state == "paused":
        return (
            _("Paused since {day}. Nothing is charged.", day=say.day(found.paused_at))
            if found.paused_at
            else _("Paused. Nothing is charged.")
        )
    return ""
