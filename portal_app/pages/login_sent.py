"""`/login/sent`: bridges the wait for the mail."""

import reflex as rx

from portal_app.components.buttons import primary, quiet, secondary
from portal_app.components.feedback import note, skeleton, strip
from portal_app.components.forms import code_field, native_form
from portal_app.components.i18n import _, _n, _rich
from portal_app.components.links import text_link
from portal_app.components.overlays import wait_then
from portal_app.components.shell import gate
from portal_app.components.text import Text
from portal_app.state.sign_in import SentState

_LENGTH = 6
_MAILBOXES = (
    ("Gmail", "https://mail.google.com/"),
    ("Outlook", "https://outlook.live.com/mail/"),
    ("Apple Mail", "https://www.icloud.com/mail"),
)


def login_sent() -> rx.Component:
    """The code, the mailbox, another mail, another address."""
    return sent_page("/login")


def sent_page(login: str) -> rx.Component:
    """The same for customers and staff; `login` is where another address is typed."""
    return gate(
        heading=rx.cond(SentState.is_loaded & ~SentState.is_waiting, _("Nothing to wait for"), _("Check your mail")),
        title=_("Check your mail"),
        lead=_lead(),
        back=(_("Other address"), login),
        body=rx.cond(
            SentState.is_loaded & ~SentState.is_waiting,
            primary(_("Ask for a sign-in link"), to=login, is_block=True, size="large"),
            rx.fragment(_code_form(), _mailboxes(), _again(), _demo()),
        ),
    )


def _lead() -> rx.Component | rx.Var:
    address = rx.cond(
        SentState.is_loaded,
        rx.el.b(SentState.masked_email, class_name="whitespace-nowrap text-ink"),
        skeleton("9rem", "0.875rem", "inline-block"),
    )
    return rx.cond(
        SentState.is_loaded & ~SentState.is_waiting,
        _("This browser has not asked for a link within the last hour. Links opened here still work."),
        _rich("We sent a link and a 6-digit code to {email}. Both work for 15 minutes.", email=address),
    )


def _code_form() -> rx.Component:
    is_over = SentState.problem == "code_over"
    over = strip(
        _("This code no longer works"),
        text=_("It is used up, replaced or too old. Send a new one below, or use the link in the mail."),
        kind="warning",
    )
    return rx.fragment(
        rx.cond(is_over, rx.el.div(over, role="alert", class_name="mb-6"), rx.fragment()),
        native_form(
            code_field(
                _("6-digit code"),
                length=_LENGTH,
                hint=_("Paste or type it. We continue by ourselves after the sixth digit."),
                error=_error(),
                is_required=True,
            ),
            primary(_("Continue with code"), is_submit=True, is_block=True, size="large"),
            action="/auth/code",
            class_name="form",
        ),
    )


def _error() -> Text:
    left = _n(
        "This is not the code. You have {n} try left.",
        "This is not the code. You have {n} tries left.",
        n=SentState.tries_left,
    )
    shape = _("Enter the six digits of the mail.")
    return rx.cond(SentState.problem == "code", left, rx.cond(SentState.problem == "code_shape", shape, ""))


def _mailboxes() -> rx.Component:
    links = [
        secondary(name, href=address, size="small", target="_blank", rel="noreferrer noopener")
        for name, address in _MAILBOXES
    ]
    return rx.el.section(
        rx.el.h2(_("Open your mail"), id="mailboxes", class_name="text-small font-medium text-ink-2"),
        rx.el.div(*links, class_name="mt-3 flex flex-wrap gap-3"),
        aria_labelledby="mailboxes",
        class_name="mt-10",
    )


def _again() -> rx.Component:
    form = native_form(quiet(_("Send a new mail"), is_submit=True), action="/auth/resend", class_name="-ms-3")
    return rx.el.div(
        note(_("Nothing after two minutes? Look in spam, or try the address your receipts go to.")),
        rx.el.div(
            rx.cond(
                SentState.is_loaded,
                wait_then(
                    SentState.resend_seconds,
                    _("You can send again in {time}."),
                    form,
                    number=SentState.asked_number,
                ),
                skeleton("12rem"),
            ),
            class_name="mt-3 text-ink-2",
        ),
        class_name="mt-10",
    )


def _demo() -> rx.Component:
    outbox = text_link("/demo/outbox", href="/demo/outbox")
    read = note(_("In the demo, mails are read here:"), " ", outbox, class_name="mt-4")
    return rx.cond(SentState.is_demo, read, rx.fragment())
