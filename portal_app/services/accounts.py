"""The accounts behind one mail address: one person may be several Stripe customers, each with its own invoices."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select

from portal_app.kit.errors import NotFound
from portal_app.models.mirror import Customer, Invoice, Subscription
from portal_app.services.desk import Desk

_customer = Customer.__table__  # type: ignore[attr-defined]
_invoice = Invoice.__table__  # type: ignore[attr-defined]
_subscription = Subscription.__table__  # type: ignore[attr-defined]

_RUNNING = ("active", "trialing", "past_due", "unpaid", "paused")
# More than anyone picks from by eye; the list says so by being full.
_MOST = 50


@dataclass(frozen=True)
class Account:
    """One Stripe customer, as its owner tells it from the others.

    Attributes:
        name: the company's or person's name; empty where Stripe has none.
        last_invoice_at: None before the first invoice.
        running_count: subscriptions that have not ended.
    """

    customer_id: str
    name: str
    email: str
    last_invoice_at: datetime | None
    running_count: int


def list_for(desk: Desk, email: str) -> list[Account]:
    """Every account of an address, the one with the newest invoice first; deleted customers are not there."""
    if not email:
        return []
    return [Account(*row) for row in desk.rows(_accounts_of(email))]


def get(desk: Desk, email: str, customer_id: str) -> Account:
    """One account of an address.

    Raises:
        NotFound: it does not exist, is deleted or belongs to another address.
    """
    for account in list_for(desk, email):
        if account.customer_id == customer_id:
            return account
    raise NotFound


def _accounts_of(email: str) -> Select:
    last_invoice_at = (
        select(func.max(_invoice.c.created_at))
        .where(_invoice.c.customer_id == _customer.c.id, ~_invoice.c.is_deleted, _invoice.c.status != "draft")
        .scalar_subquery()
    )
    running_count = (
        select(func.count())
        .where(
            _subscription.c.customer_id == _customer.c.id,
            ~_subscription.c.is_deleted,
            _subscription.c.status.in_(_RUNNING),
        )
        .scalar_subquery()
    )
    name = func.coalesce(func.nullif(_customer.c.data["business_name"].as_string(), ""), _customer.c.name)
    return (
        select(_customer.c.id, name, _customer.c.email, last_invoice_at, running_count)
        .where(_customer.c.email == email, ~_customer.c.is_deleted)
        .order_by(last_invoice_at.desc().nulls_last(), _customer.c.created_at.desc(), _customer.c.id)
        .limit(_MOST)
    )
