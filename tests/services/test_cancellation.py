"""Canceling and taking it back, through the real adapter against the sandbox."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select

from portal_app.kit.clock import now
from portal_app.kit.errors import Conflict, GatewayError, InvalidInput, NotAllowed, NotFound
from portal_app.kit.money import Money
from portal_app.models.journal import AuditEntry, Email, Operation
from portal_app.models.portal import CancellationResponse
from portal_app.security.visitor import SYSTEM, Visitor
from portal_app.services import cancellation, configuration, subscriptions, sync
from portal_app.services.cancellation_acts import CANCEL
from portal_app.services.desk import Desk, open_desk
from tests.mirrored import a_product, a_subscription, an_item, seconds
from tests.world import Account, drain

DAYS = 86_400


@dataclass
class Shop:
    """Ada's and Bea's accounts at Stripe, copied into the mirror, and the desk of whoever acts."""

    account: Account
    ada: str
    bea: str
    price: str

    def subscribe(self, customer_id: str, **given) -> str:
        """A subscription at Stripe, in the mirror."""
        made = self.account.stripe.v1.subscriptions.create(
            {"customer": customer_id, "items": [{"price": self.price}], **given}
        )
        self.copy("subscription", made.id)
        return made.id

    def copy(self, kind: str, object_id: str) -> None:
        """Fetch an object into the mirror."""
        with open_desk(self.account.gateway, SYSTEM) as desk, desk.transaction():
            sync.apply(desk, self.account.gateway.retrieve(kind, object_id), now())

    def at_stripe(self, subscription_id: str) -> dict:
        """What Stripe says about a subscription."""
        return self.account.gateway.retrieve("subscription", subscription_id)


@pytest.fixture
def shop(database, account) -> Iterator[Shop]:
    v1 = account.stripe.v1
    product = v1.products.create({"name": "Pro"})
    price = v1.prices.create(
        {"unit_amount": 2900, "currency": "eur", "product": product.id, "recurring": {"interval": "month"}}
    )
    people = []
    for name in ("ada", "bea"):
        customer = v1.customers.create({"email": f"{name}@example.com", "name": name.title()})
        method = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
        v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})
        people.append(customer.id)
    made = Shop(account, *people, price.id)
    made.copy("product", product.id)
    for customer_id in people:
        made.copy("customer", customer_id)
    yield made


@pytest.fixture
def desk(shop) -> Iterator[Desk]:
    """Ada's own desk."""
    with _desk_of(shop, shop.ada) as opened:
        yield opened


@contextmanager
def _desk_of(shop: Shop, customer_id: str) -> Iterator[Desk]:
    actor = Visitor("customer", customer_id=customer_id, locale="en", zone="Europe/Berlin")
    with open_desk(shop.account.gateway, actor) as desk:
        yield desk


def _rows(desk: Desk, model) -> list:
    return list(desk.rows(select(model.__table__)))


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

    (response,), (entry,), (mail,) = (_rows(desk, model) for model in (CancellationResponse, AuditEntry, Email))
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

    with _desk_of(shop, shop.bea) as desk:
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

    assert _rows(desk, Operation) == []
    assert shop.at_stripe(subscription_id)["cancel_at_period_end"] is False


def test_given_a_payment_plan_then_it_is_refused_with_the_reason(desk, shop):
    a_product(desk, "Course", metadata={"portal_kind": "payment_plan"})
    subscription_id = a_subscription(desk, shop.ada, items=[an_item("prod_course")])

    with pytest.raises(NotAllowed, match="payment plan"):
        cancellation.confirm(desk, shop.ada, subscription_id)

    assert _rows(desk, Operation) == []


def test_when_two_clicks_come_at_once_then_it_is_canceled_once(shop):
    subscription_id = shop.subscribe(shop.ada)
    together = threading.Barrier(4)
    results: list[cancellation.Cancellation] = []

    def click() -> None:
        with _desk_of(shop, shop.ada) as desk:
            together.wait()
            results.append(cancellation.confirm(desk, shop.ada, subscription_id, feedback="unused"))

    threads = [threading.Thread(target=click) for _place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with _desk_of(shop, shop.ada) as desk:
        assert len(results) == 4
        assert [len(_rows(desk, model)) for model in (Operation, CancellationResponse, Email, AuditEntry)] == [
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
    assert len(_rows(desk, CancellationResponse)) == 1


def test_numbers_count_up(shop):
    numbers = []
    for _place in range(3):
        subscription_id = shop.subscribe(shop.ada)
        with _desk_of(shop, shop.ada) as desk:
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
    assert len(_rows(desk, CancellationResponse)) == len(_rows(desk, Email)) == 1


def test_given_stripe_refuses_then_nothing_is_changed_and_said_so(desk, shop):
    subscription_id = shop.subscribe(shop.ada)
    shop.account.stripe.v1.subscriptions.cancel(subscription_id)

    with pytest.raises((GatewayError, NotFound, Conflict)):
        cancellation.confirm(desk, shop.ada, subscription_id)

    assert (_rows(desk, CancellationResponse), _rows(desk, Email)) == ([], [])


def test_when_ada_undoes_it_then_it_goes_on(desk, shop):
    subscription_id = shop.subscribe(shop.ada)
    cancellation.confirm(desk, shop.ada, subscription_id)

    done = cancellation.undo(desk, shop.ada, subscription_id)

    assert done == cancellation.Cancellation(is_checking=False, plan="Pro")
    assert subscriptions.get(desk, shop.ada, subscription_id).state == "active"
    assert shop.at_stripe(subscription_id)["cancel_at_period_end"] is False
    (response,) = _rows(desk, CancellationResponse)
    assert response.undone_at is not None
    assert [entry.action for entry in _rows(desk, AuditEntry)] == [
        "subscription.cancellation_scheduled",
        "subscription.cancellation_undone",
    ]
    assert [mail.kind for mail in _rows(desk, Email)] == ["cancellation_confirmed", "cancellation_undone"]


def test_given_it_was_undone_when_it_is_undone_again_then_nothing_more_happens(desk, shop):
    subscription_id = shop.subscribe(shop.ada)
    cancellation.confirm(desk, shop.ada, subscription_id)
    cancellation.undo(desk, shop.ada, subscription_id)

    cancellation.undo(desk, shop.ada, subscription_id)

    assert len(_rows(desk, Operation)) == 2


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
    with _desk_of(shop, shop.ada) as desk:
        cancellation.confirm(desk, shop.ada, subscription_id)
    shop.account.advance(days=40)
    shop.copy("subscription", subscription_id)

    with _desk_of(shop, shop.ada) as desk, pytest.raises(Conflict):
        cancellation.undo(desk, shop.ada, subscription_id)


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
    assert [entry.action for entry in _rows(desk, AuditEntry)] == ["subscription.canceled"]


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

    (response,) = _rows(desk, CancellationResponse)
    assert response.comment == "Bye,\nsee you"


def test_the_worker_knows_how_to_finish_a_cancellation(desk, shop):
    subscription_id = shop.subscribe(shop.ada)
    fault = {"kind": "bad_gateway", "path": f"/v1/subscriptions/{subscription_id}", "method": "POST", "times": 3}
    shop.account.lever("faults", **fault)

    asked = cancellation.confirm(desk, shop.ada, subscription_id)
    drain()

    assert asked.is_checking
    (operation,) = _rows(desk, Operation)
    assert (operation.kind, operation.state) == (CANCEL.name, "done")
    assert replace(cancellation.status(desk, shop.ada, subscription_id), number="").can_undo
