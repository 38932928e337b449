"""A customer's balance: negative is credit, positive is owed with the next invoice."""

from dataclasses import dataclass, field

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.events import changing


@dataclass(frozen=True)
class Entry:
    """One movement of the balance, in minor units."""

    amount: int
    currency: str
    type: str = "adjustment"
    description: str | None = None
    invoice: str | None = None
    credit_note: str | None = None
    metadata: Object = field(default_factory=dict)


def add(account: Account, customer: Object, entry: Entry) -> Object:
    """Move the balance and keep the movement."""
    if customer["currency"] and customer["currency"] != entry.currency:
        raise invalid(
            f"The customer's currency is {customer['currency']}; the balance cannot be changed in {entry.currency}.",
            "currency",
        )
    with changing(account, customer, "customer.updated"):
        customer["balance"] += entry.amount
        customer["currency"] = customer["currency"] or entry.currency
    movement = account.new(
        "customer_balance_transaction",
        customer,
        amount=entry.amount,
        currency=entry.currency,
        description=entry.description,
        ending_balance=customer["balance"],
        invoice=entry.invoice,
        credit_note=entry.credit_note,
        type=entry.type,
        metadata=dict(entry.metadata),
    )
    account.count("balance_movement", customer["id"])
    return account.put(movement)
