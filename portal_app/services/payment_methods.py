"""How a customer pays: each method on file, and which subscriptions are charged to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from portal_app.kit.clock import billing_now
from portal_app.models import mirror
from portal_app.services import cards, configuration, subscriptions
from portal_app.services.cards import PaymentMethod
from portal_app.services.desk import Desk
from portal_app.services.subscriptions import Subscription

_customers = mirror.Customer.__table__.c  # type: ignore[attr-defined]
_DEFAULT = select(_customers.default_payment_method_id).where(_customers.id == bindparam("customer_id"))


@dataclass(frozen=True)
class OnFile:
    """A payment method with what depends on it; `used_for` are the names of running subscriptions."""

    method: PaymentMethod
    is_default: bool
    is_expired: bool
    expires_soon: bool
    used_for: tuple[str, ...]


@dataclass(frozen=True)
class Wallet:
    """Every method on file, the default first, and the subscriptions that they pay."""

    methods: tuple[OnFile, ...]
    subscriptions: tuple[Subscription, ...]


def list_for(desk: Desk, customer_id: str) -> Wallet:
    """What this customer pays with.

    Raises:
        NotAllowed: the merchant does not show payment methods here.
    """
    configuration.require(desk, "payment_methods")
    running = tuple(one for one in subscriptions.list_for(desk, customer_id) if not one.is_over)
    default_id = desk.value(_DEFAULT, {"customer_id": customer_id}) or ""
    found = [_on_file(method, default_id, running) for method in cards.of_customer(desk, customer_id).values()]
    return Wallet(tuple(sorted(found, key=lambda one: not one.is_default)), running)


def _on_file(method: PaymentMethod, default_id: str, running: Sequence[Subscription]) -> OnFile:
    today = billing_now()
    used_for = [one.name for one in running if one.payment_method and one.payment_method.id == method.id]
    return OnFile(
        method=method,
        is_default=method.id == default_id,
        is_expired=method.is_expired(today),
        expires_soon=method.expires_soon(today),
        used_for=tuple(dict.fromkeys(used_for)),
    )
