"""How the chosen look comes out, in light and in dark, before anything is published."""

import reflex as rx

from portal_app.components.i18n import _
from portal_app.components.icons import portal_mark
from portal_app.components.records import section
from portal_app.components.text import Text
from portal_app.state.settings import SettingsState

FRAME = "rounded-card border border-line bg-canvas p-5 text-ink"
# As `kit.brand` has it for a brand without a hue.
INK = "[--brand-9:var(--n-12)] [--brand-10:var(--n-11)] [--brand-11:var(--n-12)] [--on-brand:var(--n-1)] "


def preview() -> rx.Component:
    """Two small pages in the tokens of the portal's own stylesheet."""
    return section(
        _("Preview"),
        rx.el.div(
            _page(_("The look on light pages"), "light"),
            _page(_("The look on dark pages"), "dark"),
            class_name="grid gap-4",
        ),
        rx.el.p(_("Customers see it after Publish."), class_name="mt-3 text-small text-ink-2"),
    )


def _page(name: Text, theme: str) -> rx.Component:
    # The scale is computed where `data-theme` stands, from the two values beside it.
    tones = SettingsState.look
    rounded = SettingsState.form.radius.to(str) + "px"
    return rx.el.div(
        rx.el.div(_logo(theme), class_name="logo"),
        rx.el.p(_("Next payment"), class_name="mt-4 text-small text-ink-2"),
        rx.el.p("€29.00", class_name="text-sum font-strong"),
        rx.el.span(_("Manage subscription"), class_name="btn btn-primary btn-small mt-3"),
        rx.el.p(rx.el.span(_("Why this amount?"), class_name="link"), class_name="mt-3"),
        role="img",
        aria_label=name,
        custom_attrs={"data-theme": theme},
        style={
            "--brand-h": tones.hue,
            "--brand-c": tones.chroma,
            "--r-control": rounded,
            "--r-card": rounded,
        },
        class_name=rx.cond(tones.is_ink, INK + FRAME, FRAME),
    )


def _logo(theme: str) -> rx.Component:
    shown = SettingsState.form
    named = rx.fragment(portal_mark(), rx.el.span(shown.business_name))
    light = rx.cond(shown.logo_url != "", rx.el.img(src=shown.logo_url, alt=""), named)
    if theme == "light":
        return light
    return rx.cond(shown.logo_dark_url != "", rx.el.img(src=shown.logo_dark_url, alt=""), light)
