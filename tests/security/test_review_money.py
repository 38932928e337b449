"""What an auditor tried on acts and on the mirror: answers that overtake events, outages, clicks that cross."""

import json
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from portal_app.gateway.incoming import to_event
from portal_app.gateway.stripe_gateway import StripeGateway
from portal_app.kit.clock import now
from portal_app.kit.errors import Conflict, GatewayError
from portal_app.models import mirror
from portal_app.models.journal import Job, Operation, WebhookEvent
from portal_app.security.visitor import SYSTEM, Visitor
from portal_app.services import cancellation, operations, subscriptions, sync
from portal_app.services.cancellation_acts import CANCEL, UNDO
from portal_app.services.desk import open_desk
from portal_app.services.operations import Plan
from portal_app.tasks import jobs as lease
from portal_app.tasks import webhooks, worker
from tests.equal import differences
from tests.merchant import a_customer, a_subscription, an_invoice, rename
from tests.mirrored import seconds
from tests.services.cancellation_shop import desk, desk_of, rows_of, shop
from tests.world import drain, receive

__all__ = ["desk", "shop"]

_subscriptions = mirror.Subscription.__table__
_jobs = Job.__table__


class Interrupted(StripeGateway):
    """The real adapter, on a line where something is heard between question and answer."""

    def __init__(self, account, heard: list[dict]) -> None:
        super().__init__(account.key, account.url)
        self._heard = heard

    def _request(self, method, path, parameters, idempotency_key=""):
        answer = super()._request(method, path, parameters, idempotency_key)
        heard, self._heard = self._heard, []
        receive(heard)
        worker.hear()
        return answer


def aged(event: dict, seconds_ago: int) -> dict:
    return {**event, "created": seconds(now()) - seconds_ago}


def test_given_an_older_event_comes_while_an_object_is_fetched_then_the_answer_is_not_lost(database, account):
    customer_id = a_customer(account, card="")
    rename(account, customer_id)
    rename(account, customer_id)
    created, older, newer = account.events()
    receive([aged(created, 120)])
    drain()
    receive([aged(newer, 10)])
    worker.hear()

    fetch = lease.claim("test", timedelta(seconds=2))
    worker.do(fetch, Interrupted(account, [aged(older, 60)]))
    drain()

    assert fetch.kind == sync.FETCH
    assert differences(account) == []


def test_given_an_older_event_comes_while_ada_cancels_then_her_receipt_names_the_right_end(shop):
    subscription_id = a_subscription(shop.account, shop.ada, shop.price)
    with open_desk(actor=SYSTEM) as system, system.transaction():
        heard_at = now() - timedelta(minutes=3)
        sync.apply(system, shop.at_stripe(subscription_id), heard_at, version_at=heard_at)
    shop.account.stripe.v1.subscriptions.update(subscription_id, {"metadata": {"late": "yes"}})
    *_, late = shop.account.events()

    with open_desk(Interrupted(shop.account, [aged(late, 60)]), Visitor("customer", customer_id=shop.ada)) as desk:
        done = cancellation.confirm(desk, shop.ada, subscription_id)

    ends = shop.at_stripe(subscription_id)["items"]["data"][0]["current_period_end"]
    assert (seconds(done.ends_at), done.can_undo) == (ends, True)


def test_given_the_merchant_undoes_it_before_the_worker_finds_out_then_the_mirror_ends_as_stripe_is(desk, shop):
    subscription_id = shop.subscribe(shop.ada)
    shop.account.lever("faults", kind="reset_after", method="POST", times=3)
    assert cancellation.confirm(desk, shop.ada, subscription_id).is_checking
    shop.account.stripe.v1.subscriptions.update(subscription_id, {"cancel_at_period_end": False})
    shop.copy("subscription", subscription_id)

    drain()

    assert [one.state for one in rows_of(desk, Operation)] == ["done"]
    assert subscriptions.get(desk, shop.ada, subscription_id).state == "active"


def test_given_the_rest_of_the_answer_is_lost_when_something_was_changed_then_the_outcome_is_unknown(account):
    invoice_id = an_invoice(account, a_customer(account), lines=30)
    change = ("post", "invoice", invoice_id, "op_1", {"metadata": {"note": "hello"}})
    account.lever("faults", kind="server_error", method="GET", times=3)

    with pytest.raises(GatewayError) as caught:
        account.gateway._change(*change)

    again = account.gateway._change(*change)
    assert caught.value.is_unknown
    assert (again["metadata"], len(again["lines"]["data"])) == ({"note": "hello"}, 30)


def test_given_stripe_is_away_for_days_then_nothing_that_was_asked_for_is_given_up(desk, shop):
    subscription_id = shop.subscribe(shop.ada)
    shop.account.lever("faults", kind="reset_before", method="POST", times=3)
    cancellation.confirm(desk, shop.ada, subscription_id)
    with desk.transaction():
        sync.request_fetch(desk, "customer", shop.ada)

    tries = dict(desk.rows(select(_jobs.c.kind, _jobs.c.max_attempts)))

    for kind in (operations.RECONCILE, sync.FETCH):
        days = sum((lease.pause(number) for number in range(1, tries[kind])), timedelta()) / timedelta(days=1)
        assert days > 2, kind


def test_given_canceling_is_still_being_checked_when_it_is_to_be_undone_then_nothing_crosses_it(desk, shop):
    subscription_id = shop.subscribe(shop.ada)
    shop.account.lever("faults", kind="reset_before", method="POST", times=3)
    cancellation.confirm(desk, shop.ada, subscription_id)
    shop.account.stripe.v1.subscriptions.update(subscription_id, {"cancel_at_period_end": True})
    shop.copy("subscription", subscription_id)

    found = cancellation.undo(desk, shop.ada, subscription_id)
    asked = operations.perform(desk, UNDO, Plan(shop.ada, subscription_id, {}))

    assert found.is_checking
    assert asked.kind == CANCEL.name
    assert [one.kind for one in rows_of(desk, Operation)] == [CANCEL.name]


def overdue(shop) -> str:
    """Ada's subscription, of which the mirror still says that its last payment failed."""
    subscription_id = shop.subscribe(shop.ada)
    with open_desk(actor=SYSTEM) as system, system.transaction():
        sync.apply(system, {**shop.at_stripe(subscription_id), "status": "past_due"}, now())
    return subscription_id


def test_given_ada_paid_a_moment_ago_when_she_cancels_then_what_she_paid_for_does_not_end_at_once(desk, shop):
    subscription_id = overdue(shop)

    with pytest.raises(Conflict):
        cancellation.confirm(desk, shop.ada, subscription_id)
    drain()

    assert shop.at_stripe(subscription_id)["status"] == "active"
    assert subscriptions.get(desk, shop.ada, subscription_id).state == "active"
    assert cancellation.confirm(desk, shop.ada, subscription_id, seen="period_end").can_undo


def test_given_a_payment_failed_meanwhile_when_ada_confirms_the_later_end_then_nothing_ends_at_once(desk, shop):
    subscription_id = overdue(shop)

    with pytest.raises(Conflict):
        cancellation.confirm(desk, shop.ada, subscription_id, seen="period_end")

    assert rows_of(desk, Operation) == []


def test_given_an_event_says_nothing_of_its_object_then_the_others_are_heard_all_the_same(database, account):
    a_customer(account, card="")
    (created,) = account.events()
    strange = {**created, "id": "evt_strange", "data": {"object": {"object": "charge", "payment_intent": 7}}}
    webhooks.store([to_event(one, json.dumps(one).encode()) for one in (strange, created)])

    drain()

    with open_desk() as desk:
        states = dict(desk.rows(select(WebhookEvent.__table__.c.id, WebhookEvent.__table__.c.state)))
    assert states == {"evt_strange": "ignored", created["id"]: "applied"}


def test_given_days_without_stripe_when_it_is_back_then_the_cancellation_is_carried_out_or_refused(desk, shop):
    subscription_id = shop.subscribe(shop.ada)
    shop.account.lever("faults", kind="reset_before", method="POST", times=3)
    cancellation.confirm(desk, shop.ada, subscription_id)

    with time_machine.travel(now() + timedelta(days=2)):
        drain()

    (operation,) = rows_of(desk, Operation)
    assert operation.state == "failed"
    with desk_of(shop, shop.ada) as later:
        assert not cancellation.is_checking(later, shop.ada, subscription_id)
