"""Arrangements; the sitemap; owns reflex. May import: kit, components, state.

One row per address: what stands there, for whom, and what is loaded when it opens or changes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from portal_app.kit.i18n import N_
from portal_app.pages.merchant.overview import overview
from portal_app.pages.merchant.settings import settings
from portal_app.pages.not_found import not_found
from portal_app.security.policy import Audience
from portal_app.state.merchant_overview import OverviewState
from portal_app.state.settings import SettingsState


@dataclass(frozen=True)
class Page:
    """A row of the sitemap.

    Attributes:
        title: the document's title before the page has loaded; the page says its own afterwards.
        audience: who may stay; anybody else is led to the door and back again after signing in.
        loaders: handlers named `load`; they run when the page opens and whenever what it shows may have changed.
    """

    address: str
    view: Callable[[], rx.Component]
    title: str
    audience: Audience = "customer"
    loaders: Sequence[Any] = field(default=())


SITEMAP: tuple[Page, ...] = (
    Page("/admin", overview, N_("Overview"), "staff", [OverviewState.load]),
    Page("/admin/settings", settings, N_("Settings"), "staff", [SettingsState.load]),
    Page("/404", not_found, N_("Page not found"), "public"),
)
