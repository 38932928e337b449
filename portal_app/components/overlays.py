"""What lies over a page: dialogs, notices, the lost connection, the end of a session."""

import reflex as rx
from reflex.event import EventType
from reflex.vars import Var
from reflex_base.vars.function import ArgsFunctionOperation
from reflex_components_core.base.error_boundary import ErrorBoundary
from reflex_components_core.core.banner import has_too_many_connection_errors

from portal_app.components.buttons import button, primary, secondary
from portal_app.components.client import Dialog, Notice, SessionEnd, VisitorSync, WaitThen
from portal_app.components.forms import native_form
from portal_app.components.i18n import _
from portal_app.components.icons import icon, spinner
from portal_app.components.text import Piece, Text, present
from portal_app.state.session import CustomerSession


def dialog(
    title: Text,
    *,
    text: Piece,
    dialog_id: str,
    is_open: Var[bool],
    on_close: EventType,
    keep_label: Text,
    deed: rx.Component,
) -> rx.Component:
    """Before what costs money or cannot be undone, where no page does it.

    `keep_label` names the safe way out, which has the focus and which Escape takes; `deed` is the button that acts.
    """
    return Dialog.create(
        rx.el.h2(title, id=f"{dialog_id}-title"),
        rx.el.p(text, id=f"{dialog_id}-text", class_name="mt-2 text-ink-2"),
        rx.el.div(
            secondary(keep_label, on_click=on_close, custom_attrs={"data-safe": ""}), deed, class_name="dialog-actions"
        ),
        open=is_open,
        on_close=on_close,
        class_name="dialog",
        custom_attrs={"aria-labelledby": f"{dialog_id}-title", "aria-describedby": f"{dialog_id}-text"},
    )


def notice_region() -> rx.Component:
    """Says the session's notice on every page: results for a while, refusals with their reference until closed."""
    session = CustomerSession
    quoted = rx.cond(session.notice_reference != "", _("Reference {reference}", reference=session.notice_reference), "")
    return Notice.create(
        icon("close"),
        text=session.notice,
        number=session.notice_number,
        tone=session.notice_tone,
        reference=quoted,
        close_label=_("Close this notice"),
        on_dismiss=session.dismiss,
    )


def visitor_sync() -> rx.Component:
    """Lets session and page speak the same language, and days be said in the browser's zone."""
    session = CustomerSession
    return VisitorSync.create(
        signed_in=session.is_signed_in,
        locale=session.locale,
        on_zone=session.report_zone,
        on_locale=session.choose_locale,
    )


def wait_then(seconds: Var[int] | int, waiting: Text, *shown: Piece, number: Var[int] | int = 0) -> rx.Component:
    """Counts down inside `waiting` ("You can send again in {time}."), then shows the rest; `number` starts it anew."""
    return WaitThen.create(rx.fragment(*present(*shown)), seconds=seconds, waiting=waiting, number=number)


def connection_lost() -> rx.Component:
    """Shown after the second failed try; the page and what was typed stay."""
    return rx.el.div(
        rx.cond(
            has_too_many_connection_errors,
            rx.el.div(spinner(), _("Reconnecting… nothing you did is lost."), class_name="offline"),
            rx.fragment(),
        ),
        role="status",
    )


def session_ending(*, sign_out_action: str) -> rx.Component:
    """Two minutes before the end: stay, or sign out now."""
    seconds = CustomerSession.session_seconds
    return Dialog.create(
        rx.el.h2(_("You will be signed out soon"), id="session-title"),
        rx.el.p(
            wait_then(seconds, _("In {time} minutes, because nothing happened here for a while."), number=seconds),
            id="session-text",
            class_name="mt-2 text-ink-2",
        ),
        rx.el.div(
            native_form(button(_("Sign out now"), is_submit=True), action=sign_out_action),
            primary(_("Stay signed in"), on_click=CustomerSession.stay, custom_attrs={"data-safe": ""}),
            class_name="dialog-actions",
        ),
        open=CustomerSession.session_state == "warning",
        on_close=CustomerSession.stay,
        class_name="dialog",
        custom_attrs={"aria-labelledby": "session-title", "aria-describedby": "session-text"},
    )


def session_end() -> rx.Component:
    """Leaves for the session's door when nobody is signed in any more; signing in comes back here."""
    return SessionEnd.create(state=CustomerSession.session_state, door=CustomerSession.door)


def broken_page(*children: rx.Component) -> rx.Component:
    """For `App.app_wraps[(55, "ErrorBoundary")]`: what stands in place of a page that raised in the browser."""
    fallback = rx.el.main(
        rx.el.h1("This page could not be shown", tab_index=-1),
        rx.el.p(
            "Nothing was changed. Load it again; if that does not help, write to us.", class_name="mt-2 text-ink-2"
        ),
        rx.el.div(button("Load it again", kind="primary", href=""), class_name="mt-5"),
        role="alert",
        class_name="main",
    )
    shown = ArgsFunctionOperation.create(("event_args",), Var.create(fallback))
    return ErrorBoundary.create(*present(*children), fallback_render=shown)
