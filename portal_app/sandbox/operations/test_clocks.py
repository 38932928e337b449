"""Test clocks: a few customers who live in a time of their own."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.intervals import DAY, LONGEST
from portal_app.sandbox.billing.standing import OVER, items_of
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.events import emit
from portal_app.sandbox.registry import lists, operation, retrieves
from portal_app.sandbox.runner import run_clock

KIND = "test_helpers.test_clock"
PATH = "/v1/test_helpers/test_clocks"
OF_CUSTOMER = (
    "charge",
    "credit_note",
    "customer_balance_transaction",
    "discount",
    "invoice",
    "invoiceitem",
    "payment_intent",
    "payment_method",
    "refund",
    "setup_intent",
    "subscription",
    "subscription_schedule",
    "tax_id",
)


@operation("POST", PATH)
def create(account: Account, params: Object) -> Object:
    """Set up a clock that stands still."""
    made = account.new(
        KIND,
        frozen_time=params["frozen_time"],
        name=params.get("name"),
        status="ready",
        status_details=part(KIND, "status_details"),
    )
    made["deletes_after"] = made["created"] + 30 * DAY
    account.put(made)
    emit(account, "test_helpers.test_clock.created", made)
    return made


lists(PATH, KIND)
retrieves(PATH + "/{test_clock}", KIND)


@operation("POST", PATH + "/{test_clock}/advance")
def advance(account: Account, params: Object, clock_id: str) -> Object:
    """Put a clock forward; everything in between has happened when this answers."""
    clock = account.get(KIND, clock_id)
    to = params["frozen_time"]
    if to <= clock["frozen_time"]:
        raise invalid("The specified frozen time must be after the test clock's current frozen time.", "frozen_time")
    if to > clock["frozen_time"] + _farthest(account, clock_id):
        raise invalid(
            "The specified frozen time is more than two intervals of the shortest subscription ahead.", "frozen_time"
        )
    emit(account, "test_helpers.test_clock.advancing", clock)
    run_clock(account, clock, to)
    emit(account, "test_helpers.test_clock.ready", clock)
    account.count("clock_advanced", clock_id)
    # Stripe answers before it is done; here it is done, and the next look says so.
    details = part(KIND, "status_details", advancing={"target_frozen_time": to})
    return clock | {"status": "advancing", "status_details": details}


def _farthest(account: Account, clock_id: str) -> int:
    lengths = []
    for subscription in account.all("subscription"):
        if subscription["test_clock"] == clock_id and subscription["status"] not in OVER:
            for item in items_of(account, subscription):
                recurring = account.get("price", item["price"])["recurring"]
                lengths.append(LONGEST[recurring["interval"]] * recurring["interval_count"])
    return 2 * min(lengths, default=LONGEST["year"])


def _forget(account: Account, thing: Object) -> None:
    parts = {"subscription": "subscription_item", "invoice": "invoice_payment"}.get(thing["object"])
    for piece in account.all(parts, ref=thing["id"]) if parts else []:
        account.forget(piece)
    account.forget(thing)


@operation("DELETE", PATH + "/{test_clock}")
def delete(account: Account, params: Object, clock_id: str) -> Object:
    """Remove a clock with its customers and all that is theirs."""
    clock = account.get(KIND, clock_id)
    for customer in account.all("customer"):
        if customer["test_clock"] == clock_id:
            for kind in OF_CUSTOMER:
                for thing in account.all(kind, customer=customer["id"]):
                    _forget(account, thing)
            account.forget(customer)
    emit(account, "test_helpers.test_clock.deleted", clock)
    return account.bury(clock)
