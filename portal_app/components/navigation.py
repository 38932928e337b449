"""Where one can go: the same names in the same order on phones and desktops."""

from dataclasses import dataclass

import reflex as rx
from reflex.vars import Var

from portal_app.components.i18n import _
from portal_app.components.icons import icon
from portal_app.components.links import navigation_link
from portal_app.components.text import Text
from portal_app.state.configuration import ConfigurationState


@dataclass(frozen=True)
class Place:
    """A page of the navigation; `is_offered` is the merchant's switch, absent where there is none."""

    address: str
    icon: str
    label: Text
    is_offered: Var[bool] | bool | None = None


def customer_places() -> tuple[list[Place], list[Place]]:
    """The places of the bottom bar, and those behind More."""
    return (
        [
            Place("/", "home", _("Home")),
            Place("/subscriptions", "repeat", _("Subscriptions")),
            Place("/invoices", "receipt", _("Invoices"), ConfigurationState.has_invoice_history),
        ],
        [Place("/payment-methods", "card", _("Payment methods"), ConfigurationState.has_payment_methods)],
    )


def desk_places() -> list[Place]:
    """The merchant's places."""
    return [Place("/admin", "home", _("Overview")), Place("/admin/settings", "gear", _("Settings"))]


def place_list(places: list[Place]) -> rx.Component:
    """Places as a list, for the rail and the menu."""
    return rx.el.ul(*[_offered(place, rx.el.li(_link(place))) for place in places], class_name="nav")


def place_bar(places: list[Place], more: rx.Component) -> list[rx.Component]:
    """Places as the phone's bottom bar, `more` at its end."""
    return [*[_offered(place, _link(place)) for place in places], more]


def _link(place: Place) -> rx.Component:
    return navigation_link([icon(place.icon), rx.el.span(place.label)], to=place.address)


def _offered(place: Place, shown: rx.Component) -> rx.Component:
    return shown if place.is_offered is None else rx.cond(place.is_offered, shown, rx.fragment())
