"""The document around every page: what stands in the head, and what lies over the pages."""

import reflex as rx

from portal_app.components.client import BrandSheet
from portal_app.components.i18n import head_script
from portal_app.components.overlays import (
    broken_page,
    connection_lost,
    notice_region,
    session_end,
    session_ending,
    visitor_sync,
)
from portal_app.components.shell import SIGN_OUT
from portal_app.state.configuration import ConfigurationState


def head_components(brand_address: str = "/brand.css") -> list[rx.Component]:
    """For `App.head_components`: language and theme before the first paint, and the merchant's colour.

    The colour is asked for before the scripts, or it waits behind them on slow lines. The font is not asked for
    early: it would take the line from the styles, and the text can be read without it.
    """
    return [
        rx.el.meta(name="viewport", content="width=device-width, initial-scale=1, viewport-fit=cover"),
        rx.el.meta(name="color-scheme", content="light dark"),
        head_script(),
        rx.el.link(rel="preload", href=brand_address, custom_attrs={"as": "style"}),
        rx.el.link(rel="stylesheet", href=brand_address, id="brand-sheet"),
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
    ]


def app_wraps() -> dict:
    """For `App.app_wraps`, in place of Reflex's own toasts, connection banner and stack traces."""

    # A memo keeps the hooks inside the providers; the fragment keeps the page, which a memo would drop.
    @rx.memo
    def portal_overlay() -> rx.Component:
        return rx.fragment(
            connection_lost(),
            BrandSheet.create(address=ConfigurationState.brand_css_url),
            session_end(),
            session_ending(sign_out_action=SIGN_OUT),
            visitor_sync(),
            notice_region(),
        )

    return {
        (55, "ErrorBoundary"): lambda stateful: broken_page(),
        (5, "Overlay"): lambda stateful: rx.fragment(portal_overlay()) if stateful else None,
    }
