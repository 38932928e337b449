"""`/admin/login`: the team comes in by a mailed link; nobody has a password."""

import reflex as rx

from portal_app.components.feedback import note
from portal_app.components.i18n import _
from portal_app.components.shell import gate
from portal_app.pages.login import address_form, demo_line, said_before
from portal_app.pages.login_sent import sent_page


def staff_login() -> rx.Component:
    """The same form at the team's door."""
    return gate(
        heading=_("Sign in to the team area"),
        lead=_("Enter the address you were invited with. We mail you a link and a code."),
        body=[
            said_before(),
            address_form("/auth/staff"),
            note(_("Nobody here has a password. The portal's owner invites you."), class_name="mt-8"),
            demo_line(_("Or pick somebody of the sample shop:"), "/demo"),
        ],
    )


def staff_login_sent() -> rx.Component:
    """The wait for the mail."""
    return sent_page("/admin/login")
