"""Stripe's own sample objects on the customer's pages: each is shown or left out, and none breaks a page."""

import pytest
from sqlalchemy import select

from portal_app.kit.clock import now
from portal_app.models import mirror
from portal_app.security.visitor import Visitor
from portal_app.services import sync
from portal_app.services.desk import Desk
from portal_app.state.cancellation import CancellationState
from portal_app.state.home import HomeState
from portal_app.state.invoice import InvoiceState
from portal_app.state.invoices import InvoicesState
from portal_app.state.payment_methods import PaymentMethodsState
from portal_app.state.subscription import SubscriptionState
from portal_app.state.subscriptions import SubscriptionsState
from tests.mirrored import a_customer, seconds
from tests.services.test_sync_samples import samples as published_samples
from tests.state.tabs import Tab

ADA = Visitor("customer", customer_id="cus_ada")


@pytest.fixture
def samples() -> dict[str, dict]:
    return published_samples()


def given_to_ada(desk: Desk, samples: dict[str, dict]) -> None:
    """Everything that the mirror takes, as if it were hers."""
    a_customer(desk)
    for sample in samples.values():
        if isinstance(sample, dict) and sample.get("id") and sample.get("object") != "customer":
            hers = {**sample, "customer": "cus_ada"} if "customer" in sample else sample
            sync.apply(desk, hers, now())


def test_every_page_shows_stripes_samples_without_breaking(desk, samples):
    given_to_ada(desk, samples)
    ids = {
        kind: desk.value(select(table.__table__.c.id).where(table.__table__.c.customer_id == "cus_ada"))
        for kind, table in (("subscription", mirror.Subscription), ("invoice", mirror.Invoice))
    }
    pages = [
        (HomeState, "/"),
        (SubscriptionsState, "/subscriptions"),
        (SubscriptionState, f"/subscriptions/{ids['subscription']}"),
        (CancellationState, f"/subscriptions/{ids['subscription']}/cancel"),
        (InvoicesState, "/invoices"),
        (PaymentMethodsState, "/payment-methods"),
    ]

    problems = {}
    for state, path in pages:
        tab = Tab(state, ADA, path)
        tab.does("load")
        problems[path] = tab.state.problem

    assert set(problems.values()) == {""}


@pytest.mark.parametrize("status", ["open", "paid", "void", "uncollectible"])
def test_stripes_sample_invoice_is_shown_in_every_status(desk, samples, status):
    a_customer(desk)
    invoice = {**samples["invoice"], "customer": "cus_ada", "status": status, "created": seconds(now())}
    sync.apply(desk, invoice, now())
    tab = Tab(InvoiceState, ADA, f"/invoices/{invoice['id']}")

    tab.does("load")

    assert (tab.state.problem, tab.state.total) == ("", "$10.00")
