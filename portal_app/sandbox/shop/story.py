"""Tells the shop's past: deeds at their moments, in order, through the sandbox's own operations."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.intervals import DAY, add_interval
from portal_app.sandbox.runner import run_due
from portal_app.sandbox.table import perform

HOUR = 3_600
Deed = Callable[[], None]


@dataclass
class Story:
    """What happened in a shop up to now."""

    account: Account
    now: int
    names: dict[str, dict[str, Any]] = field(default_factory=dict)
    _deeds: list[tuple[int, int, Deed]] = field(default_factory=list)

    def day(self, days: int, hour: int = 9, minute: int = 14) -> int:
        """A time of day so many days from today."""
        return self.now - self.now % DAY + days * DAY + hour * HOUR + minute * 60

    def months_before(self, moment: int, months: int) -> int:
        """The same day so many months earlier."""
        return add_interval(moment, "month", -months)

    def at(self, moment: int, deed: Deed) -> None:
        """Have something happen at a moment; deeds of one moment happen in the order they are told."""
        self._deeds.append((min(moment, self.now), len(self._deeds), deed))

    def tell(self) -> dict[str, dict[str, Any]]:
        """Let it all happen, up to now; the ids of who and what there is."""
        account = self.account
        account.state["seeding_until"] = self.now
        try:
            for moment, _, deed in sorted(self._deeds, key=lambda told: told[:2]):
                account.moment = None
                run_due(account, moment)
                account.moment = moment
                deed()
            account.moment = None
            run_due(account, self.now)
        finally:
            account.moment = None
            del account.state["seeding_until"]
        return self.names

    # The operations, for short --------------------------------------------------------------------------------

    def post(self, path: str, **params: Any) -> Object:
        """Carry out an operation that changes something."""
        return perform(self.account, "POST", f"/v1/{path}", params)

    def get(self, path: str, **params: Any) -> Object:
        """Look something up."""
        return perform(self.account, "GET", f"/v1/{path}", params)

    def note(self, person: str, **ids: Any) -> None:
        """Remember ids under a person's name."""
        self.names.setdefault(person, {}).update(ids)

    def customer(self, person: str, cards: tuple[str, ...] = ("visa",), **params: Any) -> str:
        """A customer with cards, the first being the default."""
        params = {"email": f"{person}@example.com"} | params
        customer_id = self.post("customers", **params)["id"]
        saved = [self.card(customer_id, card) for card in cards]
        if saved:
            self.prefer(customer_id, saved[0])
        self.note(person, customer=customer_id, cards=saved)
        return customer_id

    def card(self, customer_id: str, card: str) -> str:
        """Save a test card to a customer, with the customer's name on it."""
        saved = self.post(f"payment_methods/pm_card_{card}/attach", customer=customer_id)["id"]
        customer = self.account.get("customer", customer_id)
        details = {"name": customer["name"], "email": customer["email"]}
        self.post(f"payment_methods/{saved}", billing_details=details)
        return saved

    def prefer(self, customer_id: str, method_id: str) -> None:
        """Make a card a customer's default."""
        self.post(f"customers/{customer_id}", invoice_settings={"default_payment_method": method_id})

    def subscribe(self, person: str, name: str, price: str, **params: Any) -> str:
        """Start a subscription to one price, and remember it under a name."""
        item = {"price": self.names["prices"][price], "quantity": params.pop("quantity", 1)}
        customer_id = params.pop("customer", None) or self.names[person]["customer"]
        made = self.post("subscriptions", customer=customer_id, items=[item], **params)
        self.note(person, **{name: made["id"]})
        return made["id"]
