"""Links: `to` stays in the page's own routing, `href` leaves it (files, other sites, routes of the server).

Pages use these and not `rx.el.a`, which is a link of the router whatever its address.
"""

from typing import Any

import reflex as rx
from reflex.vars import Var
from reflex_components_core.el.elements.inline import A
from reflex_components_core.react_router.dom import ReactRouterLink

from portal_app.components.icons import icon
from portal_app.components.text import Body, Text, classes, pieces


class NavigationLink(ReactRouterLink):
    """Marks itself with `aria-current` while its page, or one below it, is open."""

    tag = "NavLink"
    alias = "ReactRouterNavLink"

    end: Var[bool]


def anchor(
    body: Body, *, to: Text | None = None, href: Text | None = None, class_name: str = "", **attributes: Any
) -> rx.Component:
    """A bare link to a page (`to`) or to anything else (`href`)."""
    if to is not None:
        return ReactRouterLink.create(*pieces(body), to=to, class_name=class_name, **attributes)
    return A.create(*pieces(body), href=href, class_name=class_name, **attributes)


def navigation_link(body: Body, *, to: str, class_name: str = "") -> rx.Component:
    """A link of the navigation; `/` counts as open only when it is the page itself."""
    return NavigationLink.create(*pieces(body), to=to, end=to in ("/", "/admin"), class_name=class_name)


def text_link(label: Text, *, to: Text | None = None, href: Text | None = None, is_small: bool = False) -> rx.Component:
    """A link in or below a sentence."""
    return anchor(label, to=to, href=href, class_name=classes("link", "link-small" if is_small else None))


def more_link(label: Text, *, to: Text) -> rx.Component:
    """Leads from a short list to the whole one; stands beside a section's title."""
    return anchor([label, icon("chevron", "chevron flip")], to=to, class_name="link-more")


def back_link(label: Text, *, to: Text) -> rx.Component:
    """The way back, named after the page it leads to."""
    return anchor([icon("left", "flip"), label], to=to, class_name="back")
