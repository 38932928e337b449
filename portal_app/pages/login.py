"""`/login`: in with nothing but an address."""

import reflex as rx

from portal_app.components.buttons import primary, secondary
from portal_app.components.feedback import StripKind, contact_line, note, strip
from portal_app.components.forms import email_field, hidden_value, keep_typed, native_form
from portal_app.components.i18n import _, _n
from portal_app.components.links import text_link
from portal_app.components.shell import gate
from portal_app.components.text import Text
from portal_app.state.sign_in import SignInState


def login() -> rx.Component:
    """One field, one button, and the same answer for everybody."""
    return gate(
        heading=_("Manage your subscriptions and invoices"),
        title=_("Sign in"),
        lead=_("Enter the address your receipts go to. We mail you a link and a code, no password needed."),
        body=[
            said_before(),
            address_form("/auth/login"),
            note(
                _("Not sure which address? It is the one on your last receipt."), " ", contact_line(), class_name="mt-8"
            ),
            demo_line(_("Or pick somebody of the sample shop:"), "/demo"),
        ],
    )


def address_form(action: str) -> rx.Component:
    """Asks for a link. The browser sends it, since only an answer to it can set a cookie."""
    return native_form(
        hidden_value("next", SignInState.next_path),
        email_field(
            _("Email address"),
            value=SignInState.email,
            placeholder=_("you@example.com"),
            error=rx.cond(SignInState.problem == "address", _("Enter an address such as name@example.com."), ""),
            is_required=True,
            max_length=254,
        ),
        keep_typed("field-email"),
        primary(_("Email me a sign-in link"), is_submit=True, is_block=True, size="large"),
        action=action,
        class_name="form",
    )


def said_before() -> rx.Component:
    """Why the visitor is here again: what went wrong, that they are in already, or how the session ended."""
    state = SignInState
    return rx.el.div(
        rx.match(
            state.problem,
            ("too_many", _told(_("Too many tries"), _minutes(), "warning")),
            (
                "link",
                _told(
                    _("This link no longer works"),
                    _("It has been used, replaced by a newer one, or is older than 15 minutes. Ask for a new one."),
                    "warning",
                ),
            ),
            ("code_over", _told(_("This code no longer works"), _("Ask for a new one."), "warning")),
            ("address", rx.fragment()),
            rx.cond((state.home != "") & (state.reason != "stale"), _already_in(), _reason()),
        ),
        class_name="mb-6 empty:hidden",
    )


def _already_in() -> rx.Component:
    on = secondary(_("Continue"), to=SignInState.home)
    return strip(_("You are signed in already"), kind="info", buttons=on)


def _minutes() -> rx.Var:
    return _n("You can ask again in {n} minute.", "You can ask again in {n} minutes.", n=SignInState.minutes)


def _reason() -> rx.Component | rx.Var:
    return rx.match(
        SignInState.reason,
        ("signed_out", _told(_("You have signed out"), None, "success")),
        ("ended", _told(_("Your session has ended"), _("Sign in again and you are back where you were."), "info")),
        ("revoked", _told(_("You were signed out from elsewhere"), None, "info")),
        ("stale", _told(_("Please prove your address again"), _("What you were about to do asks for it."), "info")),
        rx.fragment(),
    )


def _told(title: Text, text: Text | None, kind: StripKind) -> rx.Component:
    return rx.el.div(strip(title, text=text, kind=kind), role="status")


def demo_line(text: Text, address: str) -> rx.Component:
    """In the demo, where the short way is."""
    return rx.cond(
        SignInState.is_demo, note(text, " ", text_link(address, href=address), class_name="mt-4"), rx.fragment()
    )
