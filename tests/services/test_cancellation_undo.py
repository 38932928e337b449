"""Taking a cancellation back, through the real adapter against the sandbox."""

import pytest

from portal_app.kit.clock import now
from portal_app.kit.errors import Conflict
from portal_app.models.journal import AuditEntry, Email, Operation
from portal_app.models.portal import CancellationResponse
from portal_app.security.visitor import SYSTEM
from portal_app.services import cancellation, configuration, subscriptions
from portal_app.services.desk import open_desk
from tests.services.cancellation_shop import desk, desk_of, rows_of, shop

__all__ = ["desk", "shop"]


def test_when_ada_undoes_it_then_it_goes_on(desk, shop):
    subscription_id = shop.subscribe(shop.ada)
    cancellation.confirm(desk, shop.ada, subscription_id)

    done = cancellation.undo(desk, shop.ada, subscription_id)

    assert done == cancellation.Cancellation(is_checking=False, plan="Pro")
    assert subscriptions.get(desk, shop.ada, subscription_id).state == "active"
    assert shop.at_stripe(subscription_id)["cancel_at_period_end"] is False
    (response,) = rows_of(desk, CancellationResponse)
    assert response.undone_at is not None
    assert [entry.action for entry in rows_of(desk, AuditEntry)] == [
        "subscription.cancellation_scheduled",
        "subscription.cancellation_undone",
    ]
    assert [mail.kind for mail in rows_of(desk, Email)] == ["cancellation_confirmed", "cancellation_undone"]


def test_given_it_was_undone_when_it_is_undone_again_then_nothing_more_happens(desk, shop):
    subscription_id = shop.subscribe(shop.ada)
    cancellation.confirm(desk, shop.ada, subscription_id)
    cancellation.undo(desk, shop.ada, subscription_id)

    cancellation.undo(desk, shop.ada, subscription_id)

    assert len(rows_of(desk, Operation)) == 2


def test_given_the_merchant_has_switched_canceling_off_then_going_on_is_still_possible(desk, shop):
    subscription_id = shop.subscribe(shop.ada)
    cancellation.confirm(desk, shop.ada, subscription_id)
    with open_desk(actor=SYSTEM) as merchant:
        configuration.publish(merchant, {"subscription_cancel": False}, seen_version=0)

    cancellation.undo(desk, shop.ada, subscription_id)

    assert subscriptions.get(desk, shop.ada, subscription_id).state == "active"


def test_given_it_was_undone_when_ada_cancels_again_then_there_is_a_second_receipt(desk, shop):
    subscription_id = shop.subscribe(shop.ada)
    cancellation.confirm(desk, shop.ada, subscription_id)
    cancellation.undo(desk, shop.ada, subscription_id)

    second = cancellation.confirm(desk, shop.ada, subscription_id, feedback="other")

    assert second.number == f"C-{now().year}-0002"


def test_given_it_has_ended_then_it_cannot_be_undone(shop):
    subscription_id = shop.subscribe(shop.ada)
    with desk_of(shop, shop.ada) as desk:
        cancellation.confirm(desk, shop.ada, subscription_id)
    shop.account.advance(days=40)
    shop.copy("subscription", subscription_id)

    with desk_of(shop, shop.ada) as desk, pytest.raises(Conflict):
        cancellation.undo(desk, shop.ada, subscription_id)
