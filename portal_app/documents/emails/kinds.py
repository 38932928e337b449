"""Every kind of mail that the portal sends: what each needs to know and what it says."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from portal_app.documents.emails.letter import Brand, Button, Code, Facts, Letter, Paragraph
from portal_app.kit.i18n import Words
from portal_app.kit.words import say_day, say_time

Context = TypeVar("Context")


@dataclass(frozen=True)
class Kind:
    """One kind of mail. `context` is the dataclass that it is written from.

    Attributes:
        is_secret: its body lets somebody in, so it is not kept longer than it takes to send it.
    """

    name: str
    context: type
    write: Callable[..., Letter]
    is_secret: bool = False


@dataclass(frozen=True)
class SignInLink:
    """A known address asked. `url` is the link with its token, `code` six digits."""

    url: str
    code: str
    minutes: int


@dataclass(frozen=True)
class SignInUnknown:
    """An address asked that owns nothing here. `url` is where to try another one."""

    email: str
    url: str


@dataclass(frozen=True)
class CancellationConfirmed:
    """A subscription will end, or has ended. `undo_url` is empty where nothing can be undone."""

    plan: str
    number: str
    received_at: datetime
    access_until: datetime
    undo_url: str = ""
    zone: str = "UTC"


@dataclass(frozen=True)
class CancellationUndone:
    """A subscription goes on. `continues_at` is when its current period ends and the next one starts."""

    plan: str
    url: str
    continues_at: datetime | None = None
    zone: str = "UTC"


def sign_in_link(_: Words, brand: Brand, known: SignInLink) -> Letter:
    """A link and a code to the customer's account."""
    return Letter(
        subject=_("Sign in to {business}", business=brand.name),
        preheader=_.n("Works for {n} minute, once.", "Works for {n} minutes, once.", n=known.minutes),
        heading=_("Sign in to your account"),
        blocks=(
            Paragraph(_("You asked to see your subscriptions and invoices at {business}.", business=brand.name)),
            Button(_("Sign in"), known.url),
            Code(_("Or type this code where you asked:"), known.code),
            Paragraph(_validity(_, known.minutes), is_quiet=True),
            Paragraph(_not_you(_), is_quiet=True),
        ),
        reason=_("You get this mail because somebody entered your address at {business}.", business=brand.name),
    )


def sign_in_unknown(_: Words, brand: Brand, asked: SignInUnknown) -> Letter:
    """What helps somebody who used another address when buying."""
    return Letter(
        subject=_("Your sign-in at {business}", business=brand.name),
        preheader=_("We found no purchases with this address."),
        heading=_("No purchases with this address"),
        blocks=(
            Paragraph(
                _("You asked to sign in with {email}. We found no purchases with this address.", email=asked.email)
            ),
            Paragraph(_("Try the address that your receipts go to: it may be an older one, or the one at work.")),
            Button(_("Try another address"), asked.url),
            *_help(_, brand),
            Paragraph(_not_you(_), is_quiet=True),
        ),
        reason=_("You get this mail because somebody entered your address at {business}.", business=brand.name),
    )


def staff_sign_in(_: Words, brand: Brand, known: SignInLink) -> Letter:
    """A link and a code for a member of the merchant's team."""
    return Letter(
        subject=_("Sign in to the team area of {business}", business=brand.name),
        preheader=_.n("Works for {n} minute, once.", "Works for {n} minutes, once.", n=known.minutes),
        heading=_("Sign in to the team area"),
        blocks=(
            Button(_("Sign in"), known.url),
            Code(_("Or type this code where you asked:"), known.code),
            Paragraph(_validity(_, known.minutes), is_quiet=True),
            Paragraph(
                _("If you did not ask for it, tell the portal's owner: somebody knows your address."), is_quiet=True
            ),
        ),
        reason=_("You get this mail because you belong to the team of {business}.", business=brand.name),
    )


def staff_sign_in_unknown(_: Words, brand: Brand, asked: SignInUnknown) -> Letter:
    """What helps somebody who is not, or no longer, in the team."""
    return Letter(
        subject=_("Your sign-in at {business}", business=brand.name),
        preheader=_("This address does not belong to the team."),
        heading=_("This address does not belong to the team"),
        blocks=(
            Paragraph(_("Somebody asked to sign in to the team area with {email}.", email=asked.email)),
            Paragraph(_("Ask the portal's owner to invite you, or use the address that was invited.")),
            Button(_("Try another address"), asked.url),
            Paragraph(_not_you(_), is_quiet=True),
        ),
        reason=_("You get this mail because somebody entered your address at {business}.", business=brand.name),
    )


def cancellation_confirmed(_: Words, brand: Brand, known: CancellationConfirmed) -> Letter:
    """The receipt of a cancellation: what, when it came in, until when everything works."""
    last_day = say_day(known.access_until, _.locale, known.zone)
    received = _moment(_, known.received_at, known.zone)
    rows = (
        (_("Subscription"), known.plan),
        (_("Cancellation number"), known.number),
        (_("Received"), received),
        (_("Access until"), last_day),
    )
    undo = (
        Paragraph(_("Changed your mind? Until {day} you can undo this with one click.", day=last_day)),
        Button(_("Undo the cancellation"), known.undo_url),
    )
    return Letter(
        subject=_("{plan} is canceled, number {number}", plan=known.plan, number=known.number),
        preheader=_("You keep access until {day}.", day=last_day),
        heading=_("Your cancellation is confirmed"),
        blocks=(
            Paragraph(
                _("{plan} will not renew. You keep access until {day}.", plan=known.plan, day=last_day)
                if known.undo_url
                else _("{plan} has been canceled.", plan=known.plan)
            ),
            Facts(rows),
            *(undo if known.undo_url else ()),
            *_help(_, brand),
        ),
        reason=_("You get this mail because a subscription of yours was canceled. Keep it as a receipt."),
    )


def cancellation_undone(_: Words, brand: Brand, known: CancellationUndone) -> Letter:
    """A subscription that was to end goes on."""
    goes_on = _("{plan} goes on as before. The cancellation is undone.", plan=known.plan)
    renews = known.continues_at and _("It renews on {day}.", day=say_day(known.continues_at, _.locale, known.zone))
    return Letter(
        subject=_("{plan} goes on", plan=known.plan),
        preheader=_("The cancellation is undone."),
        heading=_("Your subscription goes on"),
        blocks=(
            Paragraph(f"{goes_on} {renews}" if renews else goes_on),
            Button(_("View subscription"), known.url),
            *_help(_, brand),
        ),
        reason=_("You get this mail because a subscription of yours was changed."),
    )


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("sign_in_link", SignInLink, sign_in_link, is_secret=True),
        Kind("sign_in_unknown", SignInUnknown, sign_in_unknown),
        Kind("staff_sign_in", SignInLink, staff_sign_in, is_secret=True),
        Kind("staff_sign_in_unknown", SignInUnknown, staff_sign_in_unknown),
        Kind("cancellation_confirmed", CancellationConfirmed, cancellation_confirmed),
        Kind("cancellation_undone", CancellationUndone, cancellation_undone),
    )
}


def _validity(_: Words, minutes: int) -> str:
    return _.n(
        "Link and code work for {n} minute and once. A newer mail replaces this one.",
        "Link and code work for {n} minutes and once. A newer mail replaces this one.",
        n=minutes,
    )


def _not_you(_: Words) -> str:
    return _("If you did not ask for it, you need not do anything: without this mail nobody gets in.")


def _help(_: Words, brand: Brand) -> tuple[Paragraph, ...]:
    if not brand.support_email:
        return ()
    return (Paragraph(_("Questions? Write to {email}.", email=brand.support_email), is_quiet=True),)


def _moment(_: Words, moment: datetime, zone: str) -> str:
    day, time = say_day(moment, _.locale, zone), say_time(moment, _.locale, zone)
    return _("{day}, {time} ({zone})", day=day, time=time, zone=zone)
