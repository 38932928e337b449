"""Canceling, through the real adapter against the sandbox."""

import threading
from dataclasses import replace

import pytest

from portal_app.kit.clock import now
from portal_app.kit.errors import Conflict, GatewayError, InvalidInput, NotAllowed, NotFound
from portal_app.kit.money import Money
from portal_app.models.journal import AuditEntry, Email, Operation
from portal_app.models.portal import CancellationResponse
from portal_app.security.visitor import SYSTEM
from portal_app.services import cancellation, configuration, subscriptions
from portal_app.services.cancellation_acts import CANCEL
from portal_app.services.desk import open_desk
from tests.mirrored import a_product, a_subscription, an_item, seconds
from tests.services.cancellation_shop import desk, desk_of, rows_of, shop
from tests.world import drain

__all__ = ["desk", "shop"]

DAYS = 86_400


def test_when_ada_cancels_then_she_keeps_access_until_the_period_ends(desk, shop):
    subscription_id = shop.subscribe(shop.ada)
    ends = shop.at_stripe(subscription_id)["items"]["data"][0]["current_period_end"]

    done = cancellation.confirm(desk, shop.ada, subscription_id, feedback="unused", comment="Back in spring")

    found = subscriptions.get(desk, shop.ada, subscription_id)
    assert (found.state, seconds(found.cancel_at)) == ("canceling", ends)
    assert (done.is_checking, seconds(done.ends_at), done.can_undo) == (False, ends, True)
    assert (done.number, done.mailed_to) == (f"C-{now().year}-0001", "ada@example.com")
    stripes = shop.at_stripe(subscription_id)
    assert stripes["cancel_at_period_end"] is True
    assert (stripes["cancellation_details"]["feedback"], stripes["cancellation_details"]["comment"]) == (
        "unused",
        "Back in spring",
    )


def test_when_ada_cancels_then_answer_audit_and_mail_are_kept_together(desk, shop):
    subscription_id = shop.subscribe(shop.ada)

    done = cancellation.confirm(desk, shop.ada, subscription_id, feedback="too_expensive")

    (response,), (entry,), (mail,) = (rows_of(desk, model) for model in (CancellationResponse, AuditEntry, Email))
    assert (response.number, response.feedback, response.ends_at) == (done.number, "too_expensive", done.ends_at)
    assert (entry.action, entry.target_id, entry.actor_id) == (
        "subscription.cancellation_scheduled",
        subscription_id,
        shop.ada,
    )
    assert (mail.kind, mail.recipient) == ("cancellation_confirmed", "ada@example.com")
    assert done.number in mail.text
    assert f"/subscriptions/{subscription_id}" in " ".join(mail.links)


def test_given_adas_subscription_when_bea_cancels_it_then_it_is_not_found(shop):
    subscription_id = shop.subscribe(shop.ada)

    with desk_of(shop, shop.bea) as desk:
        for deed in (cancellation.preview, cancellation.confirm, cancellation.undo, cancellation.status):
            with pytest.raises(NotFound):
                deed(desk, shop.bea, subscription_id)

    assert shop.at_stripe(subscription_id)["cancel_at_period_end"] is False


def test_given_the_merchant_has_switched_it_off_then_nothing_reaches_stripe(desk, shop):
    subscription_id = shop.subscribe(shop.ada)
    with open_desk(actor=SYSTEM) as merchant:
        configuration.publish(merchant, {"subscription_cancel": False}, seen_version=0)

    with pytest.raises(NotAllowed):
        cancellation.preview(desk, shop.ada, subscription_id)
    with pytest.raises(NotAllowed):
        cancellation.confirm(desk, shop.ada, subscription_id)

    assert rows_of(desk, Operation) == []
    assert shop.at_stripe(subscription_id)["cancel_at_period_end"] is False


def test_given_a_payment_plan_then_it_is_refused_with_the_reason(desk, shop):
    a_product(desk, "Course", metadata={"portal_kind": "payment_plan"})
    subscription_id = a_subscription(desk, shop.ada, items=[an_item("prod_course")])

    with pytest.raises(NotAllowed, match="payment plan"):
        cancellation.confirm(desk, shop.ada, subscription_id)

    assert rows_of(desk, Operation) == []


def test_when_two_clicks_come_at_once_then_it_is_canceled_once(shop):
    subscription_id = shop.subscribe(shop.ada)
    together = threading.Barrier(4)
    results: list[cancellation.Cancellation] = []

    def click() -> None:
        with desk_of(shop, shop.ada) as desk:
            together.wait()
            results.append(cancellation.confirm(desk, shop.ada, subscription_id, feedback="unused"))

    threads = [threading.Thread(target=click) for _place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with desk_of(shop, shop.ada) as desk:
        assert len(results) == 4
        assert [len(rows_of(desk, model)) for model in (Operation, CancellationResponse, Email, AuditEntry)] == [
            1,
            1,
            1,
            1,
        ]
        assert cancellation.status(desk, shop.ada, subscription_id).number == f"C-{now().year}-0001"


def test_when_it_is_canceled_again_later_then_the_first_receipt_is_shown(desk, shop):
    subscription_id = shop.subscribe(shop.ada)
    first = cancellation.confirm(desk, shop.ada, subscription_id)

    second = cancellation.confirm(desk, shop.ada, subscription_id, feedback="other")

    assert second == first
    assert len(rows_of(desk, CancellationResponse)) == 1


def test_numbers_count_up(shop):
    numbers = []
    for _place in range(3):
        subscription_id = shop.subscribe(shop.ada)
        with desk_of(shop, shop.ada) as desk:
            numbers.append(cancellation.confirm(desk, shop.ada, subscription_id).number)

    assert numbers == [f"C-{now().year}-000{place}" for place in (1, 2, 3)]


def test_given_the_answer_is_lost_then_it_is_checked_and_finished_by_the_worker(desk, shop):
    subscription_id = shop.subscribe(shop.ada)
    fault = {"kind": "server_error_after", "path": f"/v1/subscriptions/{subscription_id}", "method": "POST", "times": 3}
    shop.account.lever("faults", **fault)

    asked = cancellation.confirm(desk, shop.ada, subscription_id, feedback="unused")
    again = cancellation.confirm(desk, shop.ada, subscription_id)
    drain()

    assert (asked.is_checking, again.is_checking) == (True, True)
    done = cancellation.status(desk, shop.ada, subscription_id)
    assert (done.is_checking, done.number) == (False, f"C-{now().year}-0001")
    assert len(rows_of(desk, CancellationResponse)) == len(rows_of(desk, Email)) == 1


def test_given_stripe_refuses_then_nothing_is_changed_and_said_so(desk, shop):
    subscription_id = shop.subscribe(shop.ada)
    shop.account.stripe.v1.subscriptions.cancel(subscription_id)

    with pytest.raises((GatewayError, NotFound, Conflict)):
        cancellation.confirm(desk, shop.ada, subscription_id)

    assert (rows_of(desk, CancellationResponse), rows_of(desk, Email)) == ([], [])


def test_given_a_failed_payment_when_ada_cancels_then_it_ends_at_once_and_no_further_try_is_made(desk, shop):
    subscription_id = shop.subscribe(shop.ada)
    shop.account.lever("decline_next_charge", customer=shop.ada, times=9)
    shop.account.advance(days=33)
    shop.copy("subscription", subscription_id)
    (invoice,) = shop.account.stripe.v1.invoices.list({"subscription": subscription_id, "status": "open"}).data
    shop.copy("invoice", invoice.id)

    preview = cancellation.preview(desk, shop.ada, subscription_id)
    done = cancellation.confirm(desk, shop.ada, subscription_id)

    assert (preview.mode, [row.remaining for row in preview.owed]) == ("now", [Money(2900, "eur")])
    assert (done.can_undo, [row.number for row in done.owed]) == (False, [invoice.number])
    assert subscriptions.get(desk, shop.ada, subscription_id).state == "ended"
    left = shop.account.gateway.retrieve("invoice", invoice.id)
    assert (left["status"], left["auto_advance"], left["amount_remaining"]) == ("open", False, 2900)
    assert [entry.action for entry in rows_of(desk, AuditEntry)] == ["subscription.canceled"]


def test_given_a_trial_then_it_ends_with_it(desk, shop):
    ends = seconds(now()) + 5 * DAYS
    subscription_id = shop.subscribe(shop.ada, trial_end=ends)

    preview = cancellation.preview(desk, shop.ada, subscription_id)
    done = cancellation.confirm(desk, shop.ada, subscription_id)

    assert (seconds(preview.ends_at), seconds(done.ends_at)) == (ends, ends)


@pytest.mark.parametrize("feedback", ["because", "UNUSED", "unused "])
def test_only_stripes_own_words_are_reasons(desk, shop, feedback):
    subscription_id = shop.subscribe(shop.ada)

    with pytest.raises(InvalidInput) as refusal:
        cancellation.confirm(desk, shop.ada, subscription_id, feedback=feedback)

    assert refusal.value.field == "feedback"


def test_a_comment_is_kept_without_what_cannot_be_shown(desk, shop):
    subscription_id = shop.subscribe(shop.ada)

    cancellation.confirm(desk, shop.ada, subscription_id, comment=" Bye\x00\u202e,\nsee you ")
    with pytest.raises(InvalidInput):
        cancellation.confirm(desk, shop.ada, subscription_id, comment="x" * 1_001)

    (response,) = rows_of(desk, CancellationResponse)
    assert response.comment == "Bye,\nsee you"


def test_the_worker_knows_how_to_finish_a_cancellation(desk, shop):
    subscription_id = shop.subscribe(shop.ada)
    fault = {"kind": "bad_gateway", "path": f"/v1/subscriptions/{subscription_id}", "method": "POST", "times": 3}
    shop.account.lever("faults", **fault)

    asked = cancellation.confirm(desk, shop.ada, subscription_id)
    drain()

    assert asked.is_checking
    (operation,) = rows_of(desk, Operation)
    assert (operation.kind, operation.state) == (CANCEL.name, "done")
    assert replace(cancellation.status(desk, shop.ada, subscription_id), number="").can_undo
