"""A shop in the sandbox with Ada and Bea in it, for those who cancel there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from portal_app.kit.clock import now
from portal_app.security.visitor import SYSTEM, Visitor
from portal_app.services import sync
from portal_app.services.desk import Desk, open_desk
from tests.world import Account


@dataclass
class Shop:
    """Ada's and Bea's accounts at Stripe, copied into the mirror, and the desk of whoever acts."""

    account: Account
    ada: str
    bea: str
    price: str

    def subscribe(self, customer_id: str, **given) -> str:
        """A subscription at Stripe, in the mirror."""
        made = self.account.stripe.v1.subscriptions.create(
            {"customer": customer_id, "items": [{"price": self.price}], **given}
        )
        self.copy("subscription", made.id)
        return made.id

    def copy(self, kind: str, object_id: str) -> None:
        """Fetch an object into the mirror."""
        with open_desk(self.account.gateway, SYSTEM) as desk, desk.transaction():
            sync.apply(desk, self.account.gateway.retrieve(kind, object_id), now())

    def at_stripe(self, subscription_id: str) -> dict:
        """What Stripe says about a subscription."""
        return self.account.gateway.retrieve("subscription", subscription_id)


@pytest.fixture
def shop(database, account) -> Shop:
    v1 = account.stripe.v1
    product = v1.products.create({"name": "Pro"})
    price = v1.prices.create(
        {"unit_amount": 2900, "currency": "eur", "product": product.id, "recurring": {"interval": "month"}}
    )
    people = []
    for name in ("ada", "bea"):
        customer = v1.customers.create({"email": f"{name}@example.com", "name": name.title()})
        method = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
        v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})
        people.append(customer.id)
    made = Shop(account, *people, price.id)
    made.copy("product", product.id)
    for customer_id in people:
        made.copy("customer", customer_id)
    return made


@pytest.fixture
def desk(shop) -> Iterator[Desk]:
    """Ada's own desk."""
    with desk_of(shop, shop.ada) as opened:
        yield opened


@contextmanager
def desk_of(shop: Shop, customer_id: str) -> Iterator[Desk]:
    actor = Visitor("customer", customer_id=customer_id, locale="en", zone="Europe/Berlin")
    with open_desk(shop.account.gateway, actor) as desk:
        yield desk


def rows_of(desk: Desk, model) -> list:
    return list(desk.rows(select(model.__table__)))
