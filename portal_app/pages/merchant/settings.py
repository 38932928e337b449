"""`/admin/settings`: what customers can do, the link to the portal, the business and its look."""

import reflex as rx

from portal_app.components.choices import switch
from portal_app.components.feedback import loading_card, note, strip
from portal_app.components.forms import form, hidden_value
from portal_app.components.i18n import _
from portal_app.components.links import text_link
from portal_app.components.preferences import copy_line
from portal_app.components.records import list_card, section
from portal_app.components.settings import LeaveGuard
from portal_app.components.shell import desk_shell
from portal_app.components.text import Text
from portal_app.pages.merchant.preview import preview
from portal_app.pages.merchant.settings_changes import changes, publish_bar
from portal_app.pages.merchant.settings_fields import business, look
from portal_app.state.session import StaffSession
from portal_app.state.settings import SettingsState


def settings() -> rx.Component:
    """Everything on one page; nothing of it reaches customers before Publish."""
    return desk_shell(
        heading=_("Settings"),
        lead=SettingsState.published,
        body=rx.cond(SettingsState.is_loaded, _editor(), loading_card(_("Loading the settings"))),
        aside=preview(),
    )


def _editor() -> rx.Component:
    read_only = strip(
        _("You can look, but not change"),
        text=_("An owner or an admin of your team can change the settings."),
        kind="info",
    )
    return rx.fragment(
        LeaveGuard.create(active=SettingsState.change_count > 0),
        rx.cond(StaffSession.can_write, rx.fragment(), read_only),
        form(
            hidden_value("version", SettingsState.version),
            _offers(),
            _link(),
            business(),
            look(),
            changes(),
            publish_bar(),
            on_submit=SettingsState.save,
            form_id="settings",
            no_validate=True,  # our own sentences, at the field, in the language of the page
            class_name="",
        ),
    )


def _offers() -> rx.Component:
    shown = SettingsState.form
    cancel_off = note(
        _(
            "Consumers may have a right to cancel online, for example in Germany (§ 312k BGB) and California. "
            "Offer them another way while this is off."
        ),
        class_name="mt-3",
    )
    return section(
        _("What customers can do"),
        rx.el.p(
            _("Customers who see the published version: {number}", number=SettingsState.customers),
            class_name="mb-3 text-ink-2",
        ),
        list_card(
            _offer(
                _("Cancel subscriptions"),
                _("At the end of the paid period, with undo until then. Off: they are asked to write to you."),
                name="subscription_cancel",
                is_on=shown.subscription_cancel,
            ),
            _offer(
                _("Invoices"),
                _("The list of all invoices and the PDF of each. Off: what is due stays on the home page."),
                name="invoice_history",
                is_on=shown.invoice_history,
            ),
            _offer(
                _("Payment methods"),
                _("Which cards and accounts are on file, and which one is charged. Off: the page is gone."),
                name="payment_methods",
                is_on=shown.payment_methods,
            ),
            _offer(
                _("Billing details"),
                _("Name, address and tax numbers as they stand on invoices. Off: the home page leaves them out."),
                name="billing_details",
                is_on=shown.billing_details,
            ),
            class_name="px-5",
        ),
        rx.cond(shown.subscription_cancel, rx.fragment(), cancel_off),
    )


def _offer(label: Text, sub: Text, *, name: str, is_on: rx.Var[bool]) -> rx.Component:
    return switch(
        label,
        name=name,
        is_on=is_on,
        sub=sub,
        is_disabled=~StaffSession.can_write,
        on_change=lambda is_chosen: SettingsState.switch(name, is_chosen),
    )


def _link() -> rx.Component:
    return section(
        _("Portal link"),
        rx.el.p(
            _("Put it into your app, your mails or your footer. Customers sign in with a mailed link."),
            class_name="mb-3 text-ink-2",
        ),
        copy_line(SettingsState.portal_link, name=_("Copy portal link")),
        rx.el.p(text_link(_("Open the sign-in page"), href=SettingsState.portal_link), class_name="mt-3"),
    )
