"""Every handler of the portal: whom its policy lets in, what it is called with, what it changes.

A page's author adds rows at the end of `TABLE`, in an order in which they can be carried out one after the other.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reflex_base.event import EventHandler
from reflex_base.utils.format import format_event_handler

from portal_app.models.mirror import Invoice, Subscription
from portal_app.security.policy import Audience
from portal_app.state.account import AccountState
from portal_app.state.cancellation import CancellationState
from portal_app.state.configuration import ConfigurationState
from portal_app.state.home import HomeState
from portal_app.state.invoice import InvoiceState
from portal_app.state.invoices import InvoicesState
from portal_app.state.merchant_overview import OverviewState
from portal_app.state.payment_methods import PaymentMethodsState
from portal_app.state.session import CustomerSession, StaffSession
from portal_app.state.settings import SettingsState
from portal_app.state.sign_in import SentState, SignInState
from portal_app.state.subscription import SubscriptionState
from portal_app.state.subscriptions import SubscriptionsState
from portal_app.state.undo import UndoState

if TYPE_CHECKING:
    from tests.security.access_world import World

Arguments = Mapping[str, Any] | Callable[["World"], Mapping[str, Any]]


@dataclass(frozen=True)
class Row:
    """One handler.

    Attributes:
        arguments: plain ones mean the same for everybody; a function of the world names Ada's things, so that Bea,
            whom the policy lets in, must be told that they do not exist.
        effect: the tables that change when somebody calls it rightfully, exactly these.
        path: the page that the tab shows; like the arguments, it may name what is Ada's.
        is_on_page: it continues what the page has loaded, so whoever is let in loads the page first.
        first: what else whoever is let in calls before, in the same tab.
    """

    handler: EventHandler
    audience: Audience
    arguments: Arguments
    effect: frozenset[str]
    path: str | Callable[["World"], str]
    is_on_page: bool
    first: Sequence[tuple[EventHandler, Mapping[str, Any]]]

    @property
    def name(self) -> str:
        """The name that a client calls it by."""
        return name_of(self.handler)

    @property
    def names_adas_things(self) -> bool:
        return callable(self.arguments) or callable(self.path)

    def arguments_in(self, world: "World") -> Mapping[str, Any]:
        return self.arguments(world) if callable(self.arguments) else self.arguments

    def path_in(self, world: "World") -> str:
        return self.path(world) if callable(self.path) else self.path


def row(
    handler: Any,
    audience: Audience,
    arguments: Arguments | None = None,
    *,
    effect: Iterable[str] = (),
    path: str | Callable[["World"], str] = "/",
    is_on_page: bool = False,
    first: Sequence[tuple[Any, Mapping[str, Any]]] = (),
) -> Row:
    """A row of the table."""
    return Row(handler, audience, arguments or {}, frozenset(effect), path, is_on_page or bool(first), first)


def name_of(handler: EventHandler) -> str:
    """The name that a client calls a handler by."""
    return format_event_handler(handler)


def _subscription(world: "World") -> str:
    return world.adas(Subscription, status="active")


def _cancel_page(world: "World") -> str:
    return f"/subscriptions/{_subscription(world)}/cancel"


def _invoice(world: "World") -> str:
    return world.adas(Invoice, status="paid")


# The act, what it changed, who hears of it, and the entry in the book.
_CANCELLATION = frozenset(
    {"operation", "subscription", "customer", "cancellation_response", "audit_entry", "fact", "email", "job"}
)

TABLE: tuple[Row, ...] = (
    row(CustomerSession.load, "public"),
    row(CustomerSession.enter, "customer"),
    row(CustomerSession.enter_choosing, "choosing"),
    row(CustomerSession.stay, "public"),
    row(CustomerSession.dismiss, "public"),
    row(CustomerSession.choose_locale, "public", {"locale": "en"}),
    row(CustomerSession.report_zone, "public", {"zone": "Mars/Olympus"}),
    row(StaffSession.load, "staff"),
    row(ConfigurationState.load, "public"),
    row(OverviewState.load, "staff", path="/admin"),
    row(SettingsState.load, "staff", path="/admin/settings"),
    row(SettingsState.edit, "staff_write", {"name": "business_name", "value": "Analog Tools"}, path="/admin/settings"),
    row(SettingsState.check, "staff_write", {"name": "support_email"}, path="/admin/settings"),
    row(SettingsState.switch, "staff_write", {"name": "invoice_history", "is_on": False}, path="/admin/settings"),
    row(SettingsState.choose_radius, "staff_write", {"radius": "12"}, path="/admin/settings"),
    row(SettingsState.choose_picture, "staff_write", {"name": "logo_id", "picture_id": ""}, path="/admin/settings"),
    row(SettingsState.undo, "staff_write", {"name": "radius"}, path="/admin/settings"),
    row(SettingsState.discard, "staff_write", path="/admin/settings"),
    row(
        SettingsState.save,
        "staff_write",
        {"form": {"version": "0", "business_name": "Analog Tools"}},
        effect={"portal_configuration", "audit_entry", "fact"},
        path="/admin/settings",
        first=[(SettingsState.edit, {"name": "business_name", "value": "Analog Tools"})],
    ),
    row(SignInState.load, "public", path="/login"),
    row(SentState.load, "public", path="/login/sent"),
    row(AccountState.load, "choosing", path="/login/account"),
    row(HomeState.load, "customer"),
    row(SubscriptionsState.load, "customer", path="/subscriptions"),
    row(SubscriptionState.load, "customer", path=lambda world: f"/subscriptions/{_subscription(world)}"),
    row(InvoicesState.load, "customer", path="/invoices"),
    row(InvoicesState.load_more, "customer", path="/invoices", is_on_page=True),
    row(InvoicesState.choose_status, "customer", {"status": "open"}, path="/invoices", is_on_page=True),
    row(InvoicesState.choose_year, "customer", {"year": "2026"}, path="/invoices", is_on_page=True),
    row(InvoicesState.search, "customer", {"text": "Pro"}, path="/invoices", is_on_page=True),
    row(InvoicesState.clear, "customer", path="/invoices", is_on_page=True),
    row(InvoiceState.load, "customer", path=lambda world: f"/invoices/{_invoice(world)}"),
    row(PaymentMethodsState.load, "customer", path="/payment-methods"),
    row(CancellationState.load, "customer", path=_cancel_page),
    row(CancellationState.go, "customer", {"step": "reason"}, path=_cancel_page, is_on_page=True),
    row(CancellationState.answer, "customer", {"answers": {"feedback": "unused"}}, path=_cancel_page, is_on_page=True),
    row(
        CancellationState.confirm,
        "customer",
        lambda world: {"subscription_id": _subscription(world)},
        effect=_CANCELLATION,
        path=_cancel_page,
        is_on_page=True,
    ),
    row(
        UndoState.undo,
        "customer",
        lambda world: {"subscription_id": _subscription(world)},
        effect=_CANCELLATION,
        path="/subscriptions",
    ),
)
