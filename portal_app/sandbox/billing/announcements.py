"""Announces the next invoice some days before it comes."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.previews import preview
from portal_app.sandbox.billing.renewals import ANNOUNCE, deed
from portal_app.sandbox.billing.standing import next_period_end
from portal_app.sandbox.errors import StripeError
from portal_app.sandbox.events import emit, is_silent
from portal_app.sandbox.rendering import Shown


@deed("subscription", ANNOUNCE)
def announce(account: Account, subscription: Object) -> None:
    """Tell of the invoice to come; it has no id yet."""
    subscription["_announced"] = next_period_end(account, subscription)
    account.put(subscription)
    if is_silent(account):
        return
    try:
        upcoming = preview(account, {"subscription": subscription["id"]})
    except StripeError:
        # A schedule ends the subscription first: there is nothing to announce.
        return
    emit(account, "invoice.upcoming", Shown({name: value for name, value in upcoming.items() if name != "id"}))
