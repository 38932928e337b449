"""Arrangements; the sitemap; owns reflex. May import: kit, components, state.

One row per address: what stands there, for whom, and what is loaded when it opens or changes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from portal_app.kit.i18n import N_
from portal_app.pages.cancel import cancel
from portal_app.pages.home import home
from portal_app.pages.invoice import invoice
from portal_app.pages.invoices import invoices
from portal_app.pages.login import login
from portal_app.pages.login_account import login_account
from portal_app.pages.login_sent import login_sent
from portal_app.pages.merchant.login import staff_login, staff_login_sent
from portal_app.pages.merchant.overview import overview
from portal_app.pages.merchant.settings import settings
from portal_app.pages.not_found import not_found
from portal_app.pages.payment_methods import payment_methods
from portal_app.pages.subscription import subscription
from portal_app.pages.subscriptions import subscriptions
from portal_app.security.policy import Audience
from portal_app.state.account import AccountState
from portal_app.state.cancellation import CancellationState
from portal_app.state.home import HomeState
from portal_app.state.invoice import InvoiceState
from portal_app.state.invoices import InvoicesState
from portal_app.state.merchant_overview import OverviewState
from portal_app.state.payment_methods import PaymentMethodsState
from portal_app.state.settings import SettingsState
from portal_app.state.sign_in import SentState, SignInState
from portal_app.state.subscription import SubscriptionState
from portal_app.state.subscriptions import SubscriptionsState


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
    Page("/", home, N_("Home"), "customer", [HomeState.load]),
    Page("/subscriptions", subscriptions, N_("Subscriptions"), "customer", [SubscriptionsState.load]),
    Page("/subscriptions/[subscription_id]", subscription, N_("Subscription"), "customer", [SubscriptionState.load]),
    Page(
        "/subscriptions/[subscription_id]/cancel",
        cancel,
        N_("Cancel subscription"),
        "customer",
        [CancellationState.load],
    ),
    Page("/invoices", invoices, N_("Invoices"), "customer", [InvoicesState.load]),
    Page("/invoices/[invoice_id]", invoice, N_("Invoice"), "customer", [InvoiceState.load]),
    Page("/payment-methods", payment_methods, N_("Payment methods"), "customer", [PaymentMethodsState.load]),
    Page("/admin", overview, N_("Overview"), "staff", [OverviewState.load]),
    Page("/admin/settings", settings, N_("Settings"), "staff", [SettingsState.load]),
    Page("/login", login, N_("Sign in"), "public", [SignInState.load]),
    Page("/login/sent", login_sent, N_("Check your mail"), "public", [SentState.load]),
    Page("/login/account", login_account, N_("Choose an account"), "choosing", [AccountState.load]),
    Page("/admin/login", staff_login, N_("Sign in"), "public", [SignInState.load]),
    Page("/admin/login/sent", staff_login_sent, N_("Check your mail"), "public", [SentState.load]),
    Page("/404", not_found, N_("Page not found"), "public"),
)
