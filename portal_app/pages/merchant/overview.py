"""`/admin`: the portal's link, what is published, and whether everything behind it works."""

import reflex as rx

from portal_app.components.buttons import primary
from portal_app.components.facts import key_value
from portal_app.components.feedback import loading_card, strip
from portal_app.components.i18n import _
from portal_app.components.links import text_link
from portal_app.components.preferences import copy_line
from portal_app.components.records import card, section
from portal_app.components.shell import desk_shell
from portal_app.state.merchant_overview import OverviewState


def overview() -> rx.Component:
    """Facts only; what is wrong comes first."""
    return desk_shell(
        heading=_("Overview"),
        lead=OverviewState.published,
        body=rx.cond(OverviewState.is_loaded, _facts(), loading_card(_("Loading the overview"))),
    )


def _facts() -> rx.Component:
    return rx.fragment(
        rx.foreach(OverviewState.problems, _problem),
        section(
            _("Portal link"),
            copy_line(OverviewState.portal_link, name=_("Copy portal link")),
            rx.el.p(text_link(_("Open the sign-in page"), href=OverviewState.portal_link), class_name="mt-3"),
        ),
        section(
            _("What customers can do"),
            rx.el.p(
                _("Switch features on and off, and give the portal your name, logo and colour."),
                class_name="mb-4 text-ink-2",
            ),
            primary(_("Open settings"), to="/admin/settings"),
        ),
        section(
            _("What the portal knows"),
            card(
                key_value(
                    (_("Customers"), OverviewState.customers),
                    (_("Subscriptions"), OverviewState.subscriptions),
                    (_("Invoices"), OverviewState.invoices),
                    (_("Last heard from Stripe"), OverviewState.heard),
                    (_("Worker last seen"), OverviewState.worked),
                )
            ),
        ),
    )


def _problem(text: rx.Var[str]) -> rx.Component:
    return rx.el.div(strip(_("Needs your attention"), text=text, kind="warning"), class_name="mb-4")
