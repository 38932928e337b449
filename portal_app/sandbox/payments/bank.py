"""Asks the bank: does it take the charge, refuse it, or want to see the customer first."""

from dataclasses import dataclass

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.errors import StripeError
from portal_app.sandbox.payments.cards import Bank, decline
from portal_app.sandbox.payments.methods import is_expired


@dataclass(frozen=True)
class Occasion:
    """How a card is being used."""

    is_off_session: bool = False
    is_authenticated: bool = False


@dataclass(frozen=True)
class Verdict:
    """The bank's word: a refusal, a wish to see the customer (3-D Secure), or neither."""

    refusal: StripeError | None = None
    wants_customer: bool = False


def judge_charge(account: Account, method: Object, occasion: Occasion) -> Verdict:
    """What the bank says to a charge."""
    ordered = _ordered_decline(account, method)
    if ordered:
        return Verdict(decline(ordered))
    if _asks(method, occasion):
        if occasion.is_off_session:
            return Verdict(decline("authentication_required"))
        return Verdict(wants_customer=True)
    if is_expired(account, method):
        return Verdict(decline("expired_card"))
    if method["_bank"] in (Bank.DECLINES, Bank.DECLINES_CHARGES, Bank.ASKS_THEN_DECLINES):
        return Verdict(decline(method["_reason"]))
    return Verdict()


def judge_setup(method: Object, occasion: Occasion) -> Verdict:
    """What the bank says to saving a card."""
    asking = (Bank.ASKS_ALWAYS, Bank.ASKS_UNLESS_SET_UP, Bank.ASKS_THEN_DECLINES)
    if method["_bank"] == Bank.DECLINES:
        return Verdict(decline(method["_reason"]))
    if method["_bank"] in asking and not occasion.is_authenticated:
        return Verdict(wants_customer=True)
    return Verdict()


def _asks(method: Object, occasion: Occasion) -> bool:
    if occasion.is_authenticated:
        return False
    bank = method["_bank"]
    if bank in (Bank.ASKS_ALWAYS, Bank.ASKS_THEN_DECLINES):
        return True
    if bank == Bank.ASKS_UNLESS_SET_UP:
        return not (occasion.is_off_session and method.get("_is_set_up"))
    return bank == Bank.ASKS_ON_SESSION and not occasion.is_off_session


def _ordered_decline(account: Account, method: Object) -> str | None:
    """A decline ordered through the lever, used up by the first charge it fits."""
    if account.is_rehearsing:
        return None
    orders = account.state["decline_next"]
    for order in orders:
        if order["customer"] in (None, method["customer"]):
            order["times"] -= 1
            if order["times"] <= 0:
                orders.remove(order)
            return order["decline_code"]
    return None
