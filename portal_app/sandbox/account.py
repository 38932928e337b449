"""One merchant's account: its objects, its clock, its counters."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from portal_app.sandbox.contract.blanks import blank
from portal_app.sandbox.errors import no_such
from portal_app.sandbox.store import Query, Row, Store

Object = dict[str, Any]

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PREFIXES = {
    "charge": "ch",
    "coupon": "",
    "credit_note": "cn",
    "credit_note_line_item": "cnli",
    "customer": "cus",
    "customer_balance_transaction": "cbtxn",
    "discount": "di",
    "event": "evt",
    "invoice": "in",
    "invoice_payment": "inpay",
    "invoiceitem": "ii",
    "line_item": "il",
    "payment_intent": "pi",
    "payment_method": "pm",
    "price": "price",
    "product": "prod",
    "promotion_code": "promo",
    "refund": "re",
    "setup_intent": "seti",
    "subscription": "sub",
    "subscription_item": "si",
    "subscription_schedule": "sub_sched",
    "tax_id": "txi",
    "tax_rate": "txr",
    "test_helpers.test_clock": "clock",
    "webhook_endpoint": "we",
}
SHORT = {"customer", "product", "subscription_item", "coupon"}
NOUNS = {"payment_method": "PaymentMethod", "subscription_schedule": "subscription schedule", "coupon": "coupon"}
SETTINGS: dict[str, Any] = {
    "name": "Sandbox",
    "country": "DE",
    "currency": "eur",
    "email": "owner@example.com",
    "support_email": None,
    "support_phone": None,
    "support_url": None,
    "primary_color": None,
    "retry_days": [3, 5, 7],
    "after_retries": "cancel",
    "upcoming_days": 7,
    "event_horizon_days": 30,
}
CACHED = 10_000

# Where an object names the one it belongs to; lists are found by it.
REFS: dict[str, tuple[str, ...]] = {
    "charge": ("payment_intent",),
    "credit_note": ("invoice",),
    "customer": ("email",),
    "invoice": ("parent", "subscription_details", "subscription"),
    "invoice_payment": ("invoice",),
    "price": ("product",),
    "refund": ("charge",),
    "subscription_item": ("subscription",),
}

DueRule = Callable[["Account", Object], tuple[int, int] | None]


def owner_of(thing: Object) -> str | None:
    """What an object belongs to; customers are found by their address."""
    value: Any = thing if thing["object"] in REFS else None
    for name in REFS.get(thing["object"], ()):
        value = (value or {}).get(name)
    return value.lower() if thing["object"] == "customer" and value else value


def first_due(moments: dict[int, int | None]) -> tuple[int, int] | None:
    """The earliest of the moments, by rank where two coincide, as (moment, rank)."""
    return min(((at, rank) for rank, at in moments.items() if at is not None), default=None)


@dataclass(frozen=True)
class Request:
    """Who asked, for the events that follow."""

    request_id: str | None = None
    idempotency_key: str | None = None
    is_publishable: bool = False


class Account:
    """The ledger that every operation works on."""

    due_rules: ClassVar[dict[str, DueRule]] = {}

    def __init__(self, store: Store, name: str, base_url: str) -> None:
        self.store = store
        self.name = name
        self.base_url = base_url
        self.request = Request()
        # What the running request wants expanded; a rehearsal must do so before its curtain falls.
        self.expand: list[str] = []
        # The objects whose change is being told of already, see `events.changing`.
        self.changing: set[str] = set()
        self.moment: int | None = None
        self.is_rehearsing = False
        self._cache: dict[str, Object] = {}
        kept = store.load_state(name) or {}
        self.state: dict[str, Any] = {"offset": 0, "counter": 0, "settings": {}, "decline_next": []} | kept
        self._saved_state = json.dumps(kept)

    # Time -----------------------------------------------------------------------------------------------------

    def wall(self) -> int:
        """The account's own time, apart from test clocks."""
        if self.moment is not None:
            return self.moment
        return int(time.time()) + self.state["offset"]

    def now(self, customer: Object | str | None = None) -> int:
        """The time by which a customer lives: its test clock's, or the account's."""
        if isinstance(customer, str):
            customer = self.find(customer)
        if customer and customer.get("test_clock"):
            return self.get("test_helpers.test_clock", customer["test_clock"])["frozen_time"]
        return self.wall()

    def setting(self, name: str) -> Any:
        """A choice of the merchant."""
        return self.state["settings"].get(name, SETTINGS[name])

    # Objects --------------------------------------------------------------------------------------------------

    def new_id(self, kind: str) -> str:
        """The next id; the same deeds on an account of the same name give the same ids."""
        self.state["counter"] += 1
        digest = hashlib.sha256(f"{self.name}:{self.state['counter']}".encode()).digest()
        number, letters = int.from_bytes(digest, "big"), []
        for _ in range(14 if kind in SHORT else 24):
            number, rest = divmod(number, len(ALPHABET))
            letters.append(ALPHABET[rest])
        prefix = PREFIXES.get(kind, kind.replace(".", "_"))
        return f"{prefix}_{''.join(letters)}" if prefix else "".join(letters[:8])

    def new(self, kind: str, customer: Object | str | None = None, **values: Any) -> Object:
        """A complete new object, not kept yet."""
        made = blank(kind)
        made["id"] = self.new_id(kind)
        if "created" in made:
            made["created"] = self.now(customer)
        if "metadata" in made:
            made["metadata"] = {}
        if customer is not None and "customer" in made:
            made["customer"] = customer if isinstance(customer, str) else customer["id"]
        return made | values

    def put(self, thing: Object) -> Object:
        """Keep an object as it now is."""
        kind = thing["object"]
        rule = self.due_rules.get(kind)
        due = rule(self, thing) if rule and not thing.get("deleted") else None
        customer = thing.get("customer")
        row = Row(
            kind=kind,
            created=thing.get("created") or thing.get("start") or 0,
            customer=customer if isinstance(customer, str) else None,
            ref=owner_of(thing),
            clock=thing.get("test_clock") or "",
            due_at=due[0] if due else None,
            due_rank=due[1] if due else None,
        )
        self.store.save(self.name, thing["id"], row, thing)
        self._remember(thing)
        return thing

    def _remember(self, thing: Object) -> None:
        # Within a request each id has one dict, so objects are dropped between requests only.
        # Events are many and never change hands within one.
        if thing["object"] != "event":
            self._cache[thing["id"]] = thing

    def find(self, object_id: str | None) -> Object | None:
        """The object, or nothing."""
        if object_id is None:
            return None
        known = self._cache.get(object_id)
        if known is None:
            known = self.store.load(self.name, object_id)
            if known is not None:
                self._remember(known)
        return known

    def get(self, kind: str, object_id: str, param: str = "id", status: int = 404) -> Object:
        """The object, or Stripe's `resource_missing`."""
        found = self.find(object_id)
        if found is None or found["object"] != kind or found.get("deleted"):
            raise no_such(NOUNS.get(kind, kind.rsplit(".", maxsplit=1)[-1].replace("_", " ")), object_id, param, status)
        return found

    def refer(self, kind: str, object_id: str, param: str) -> Object:
        """The object that a parameter names, or a 400."""
        return self.get(kind, object_id, param, status=400)

    def bury(self, thing: Object) -> Object:
        """Delete an object, leaving the stub that Stripe keeps showing."""
        stub = {"id": thing["id"], "object": thing["object"], "deleted": True}
        self.put(stub)
        return stub

    def forget(self, thing: Object) -> None:
        """Delete an object without a trace."""
        self.store.remove(self.name, thing["id"])
        self._cache.pop(thing["id"], None)

    def select(self, query: Query) -> Iterator[Object]:
        """The matching objects as they are kept, without the deleted ones."""
        for object_id, body in self.store.select(self.name, query):
            thing = self._cache.get(object_id)
            if thing is None:
                thing = json.loads(body)
                self._remember(thing)
            if not thing.get("deleted") and (query.keep is None or query.keep(thing)):
                yield thing

    def all(self, kind: str, customer: str | None = None, ref: str | None = None) -> list[Object]:
        """The matching objects, oldest first."""
        return list(self.select(Query(kind, customer=customer, ref=ref, is_oldest_first=True)))

    def count(self, effect: str, subject: str) -> None:
        """Note that something really happened to an object."""
        if not self.is_rehearsing:
            self.store.count_effect(self.name, effect, subject)

    # Transactions ---------------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, for what is kept and for what is remembered."""
        before = json.dumps(self.state)
        try:
            with self.store.transaction():
                yield
                state = json.dumps(self.state)
                if state != self._saved_state:
                    self.store.save_state(self.name, self.state)
                    self._saved_state = state
        except BaseException:
            self._cache.clear()
            self.state = json.loads(before)
            self._saved_state = ""
            raise

    def trim(self) -> None:
        """Drop the remembered objects when they are many; called between requests."""
        if len(self._cache) > CACHED:
            self._cache.clear()

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Do things for real, look at the result, and leave no trace: how previews are made."""
        outer, moment = self.is_rehearsing, self.moment
        self.is_rehearsing = True
        try:
            with self.transaction():
                yield
                raise _Curtain
        except _Curtain:
            pass
        finally:
            self.is_rehearsing, self.moment = outer, moment


class _Curtain(Exception):
    """Ends a rehearsal."""
