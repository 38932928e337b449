"""The settings that are typed or uploaded: who the business is, and how its portal looks."""

import reflex as rx

from portal_app.components.choices import segmented
from portal_app.components.forms import field_grid, group
from portal_app.components.i18n import _
from portal_app.components.records import card, section
from portal_app.components.settings import draft_field, picture_field
from portal_app.components.text import Piece, Text
from portal_app.state.session import StaffSession
from portal_app.state.settings import SettingsState

UPLOADS = "/admin/pictures"


def business() -> rx.Component:
    """Name, contact and legal pages, as customers read them in the portal and in mails."""
    shown = SettingsState.form
    return section(
        _("Business"),
        card(
            field_grid(
                _typed(
                    _("Business name"),
                    name="business_name",
                    value=shown.business_name,
                    hint=_("In the portal's head, in mails and on documents."),
                ),
                _typed(
                    _("Support address"),
                    name="support_email",
                    value=shown.support_email,
                    type="email",
                    hint=_("Where customers write to. Answers to our mails go there too."),
                ),
                _typed(_("Help page"), name="support_url", value=shown.support_url, type="url"),
                _typed(_("Support phone"), name="support_phone", value=shown.support_phone, type="tel"),
                _typed(_("Terms"), name="terms_url", value=shown.terms_url, type="url"),
                _typed(_("Privacy policy"), name="privacy_url", value=shown.privacy_url, type="url"),
            )
        ),
    )


def look() -> rx.Component:
    """Logos, one colour, and how round the corners are."""
    return section(
        _("Look"),
        card(
            rx.el.div(
                field_grid(
                    _logo(
                        _("Logo"),
                        name="logo_id",
                        url=SettingsState.form.logo_url,
                        hint=_("PNG, JPEG or WebP, up to 2 MB. Shown 32 pixels high."),
                    ),
                    _logo(
                        _("Logo for dark pages"),
                        name="logo_dark_id",
                        url=SettingsState.form.logo_dark_url,
                        hint=_("Without one, the logo stands on dark pages as well."),
                        is_dark=True,
                    ),
                ),
                _colour(),
                _corners(),
                class_name="grid gap-6",
            )
        ),
    )


def _typed(label: Text, *, name: str, value: rx.Var[str], type: str = "text", hint: Piece = None) -> rx.Component:
    return draft_field(
        label,
        name=name,
        value=value,
        type=type,
        hint=hint,
        error=SettingsState.errors[name],
        on_draft=lambda typed: SettingsState.edit(name, typed),
        on_leave=SettingsState.check(name),
        is_disabled=~StaffSession.can_write,
    )


def _logo(label: Text, *, name: str, url: rx.Var[str], hint: Piece, is_dark: bool = False) -> rx.Component:
    return picture_field(
        label,
        name=name,
        address=UPLOADS,
        url=url,
        hint=hint,
        is_dark=is_dark,
        error=SettingsState.errors[name],
        on_chosen=lambda picture_id: SettingsState.choose_picture(name, picture_id),
        on_remove=SettingsState.choose_picture(name, ""),
        is_disabled=~StaffSession.can_write,
    )


def _colour() -> rx.Component:
    tones = SettingsState.look
    return rx.el.div(
        field_grid(
            _typed(
                _("Colour"),
                name="brand_colour",
                value=SettingsState.form.brand_colour,
                hint=_("As # and six digits. We make it as light or dark as reading needs."),
            ),
            draft_field(
                _("Pick a colour"),
                name="colour_picker",
                value=tones.chosen,
                type="color",
                error=rx.Var.create(""),
                on_draft=lambda typed: SettingsState.edit("brand_colour", typed),
                on_leave=SettingsState.check("brand_colour"),
                is_disabled=~StaffSession.can_write,
            ),
        ),
        rx.el.p(
            _(
                "Buttons become {light} on light pages (contrast {light_ratio} to 1) and {dark} on dark ones "
                "({dark_ratio} to 1). At least 4.5 to 1 is readable for nearly everybody.",
                light=tones.light,
                light_ratio=tones.light_ratio,
                dark=tones.dark,
                dark_ratio=tones.dark_ratio,
            ),
            class_name="mt-3 text-small text-ink-2",
        ),
    )


def _corners() -> rx.Component:
    return group(
        _("Corners"),
        segmented(
            _("Corners"),
            [("0", _("Square")), ("4", _("Soft")), ("8", _("Round")), ("12", _("Rounder"))],
            name="radius",
            value=SettingsState.form.radius,
            on_change=SettingsState.choose_radius,
            is_disabled=~StaffSession.can_write,
        ),
    )
