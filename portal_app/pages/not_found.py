"""What stands at an address where there is nothing."""

import reflex as rx

from portal_app.components.buttons import primary
from portal_app.components.i18n import _
from portal_app.components.shell import gate


def not_found() -> rx.Component:
    """One sentence and the way home; the server answers it with status 404."""
    return gate(
        heading=_("We cannot find this page"),
        lead=_("The address may be old or mistyped. Nothing of yours has changed."),
        body=primary(_("Go to the start"), href="/"),
    )
