"""Filling and repairing the mirror from Stripe's lists, beside a portal that serves."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from portal_app.gateway.stripe_gateway import StripeGateway
from portal_app.kit.clock import now
from portal_app.kit.errors import GatewayError, InvalidInput
from portal_app.models import mirror
from portal_app.models.journal import Fact, Job
from portal_app.services import sync
from portal_app.services.desk import open_desk
from portal_app.services.sync import backfill
from tests.equal import differences
from tests.merchant import a_customer, a_price, a_subscription, an_invoice, rename
from tests.world import drain

_customers = mirror.Customer.__table__
_methods = mirror.PaymentMethod.__table__
_facts = Fact.__table__
_jobs = Job.__table__


class Interrupted(Exception):
    """Ctrl-C, a power cut, a closed lid."""


@pytest.fixture
def shop(each_database, account):
    """Three customers with subscriptions, invoices, cards, a discount and a tax id."""
    price_id = a_price(account)
    coupon = account.stripe.v1.coupons.create({"percent_off": 20, "duration": "forever"})
    for _ in range(3):
        customer_id = a_customer(account)
        a_subscription(account, customer_id, price_id, discounts=[{"coupon": coupon.id}])
        an_invoice(account, customer_id, lines=12)
    account.stripe.v1.customers.tax_ids.create(customer_id, {"type": "eu_vat", "value": "DE123456789"})
    return account


def silent(_kind: str, _count: int) -> None:
    """Nobody watches."""


def value(statement):
    with open_desk() as desk:
        return desk.value(statement)


def test_when_it_is_filled_then_the_mirror_says_what_stripe_says_and_every_kind_was_told(shop):
    told: dict[str, int] = {}

    backfill.run(told.__setitem__)

    assert differences(shop) == []
    assert list(told) == list(backfill.KINDS)
    assert (told["customer"], told["subscription"], told["payment_method"], told["invoice"]) == (3, 3, 3, 6)
    assert value(select(func.count()).select_from(_facts).where(_facts.c.name == "backfill.cursor")) == 0


def test_when_it_is_filled_then_the_worker_is_asked_for_every_upcoming_invoice_at_a_pace(shop):
    backfill.run(silent)

    with open_desk() as desk:
        waiting = desk.rows(select(_jobs).where(_jobs.c.kind == sync.REFRESH_UPCOMING).order_by(_jobs.c.run_after))
    assert len(waiting) == 3
    assert all(job.priority == 90 for job in waiting)
    assert waiting[2].run_after - waiting[0].run_after >= timedelta(seconds=0.09)


@pytest.mark.parametrize("where", ["customer", "payment_method", "invoice", "charge"])
def test_given_it_was_interrupted_when_it_is_run_again_then_it_goes_on_from_there(shop, monkeypatch, where):
    def interrupt(kind: str, count: int) -> None:
        if kind == where and count:
            raise Interrupted

    with pytest.raises(Interrupted):
        backfill.run(interrupt)
    asked: list[str] = []
    real = StripeGateway.pages

    def pages(gateway, kind, **given):
        asked.append(kind)
        return real(gateway, kind, **given)

    monkeypatch.setattr(StripeGateway, "pages", pages)
    told: dict[str, int] = {}

    backfill.run(told.__setitem__)

    before = backfill.KINDS[: backfill.KINDS.index(where)]
    assert not set(asked) & set(before)
    assert told["invoice"] == 6
    monkeypatch.undo()


def test_given_the_object_it_stopped_at_is_gone_when_it_is_run_again_then_that_kind_is_read_anew(shop):
    extra = a_customer(shop, card="")

    def interrupt(kind: str, count: int) -> None:
        if kind == "customer" and count:
            raise Interrupted

    with pytest.raises(Interrupted):
        backfill.run(interrupt)
    with open_desk() as desk, desk.transaction():
        cursor = desk.value(select(_facts.c.value).where(_facts.c.name == "backfill.cursor"))
        gone = cursor.replace(cursor.split('"after": "')[1].split('"')[0], "cus_gone")
        desk.run(_facts.update().where(_facts.c.name == "backfill.cursor").values(value=gone))

    backfill.run(silent)

    assert value(select(func.count()).select_from(_customers).where(_customers.c.id == extra)) == 1
    assert differences(shop) == []


def test_given_a_newer_row_when_a_page_read_before_it_arrives_then_the_row_stays(shop, monkeypatch):
    backfill.run(silent)
    customer_id = value(select(_customers.c.id).limit(1))
    real = StripeGateway.pages

    def pages(gateway, kind, **given):
        for page in real(gateway, kind, **given):
            if kind == "customer":
                # The page is on its way while a webhook brings something newer.
                rename(shop, customer_id, "Newer")
                with open_desk() as desk:
                    sync.apply(desk, shop.gateway.retrieve("customer", customer_id), datetime.now(UTC))
            yield page

    monkeypatch.setattr(StripeGateway, "pages", pages)
    backfill.run(silent)
    monkeypatch.undo()

    assert value(select(_customers.c.name).where(_customers.c.id == customer_id)) == "Newer"


def test_given_a_card_was_removed_unheard_when_it_is_run_again_then_it_is_gone_here_too(shop):
    backfill.run(silent)
    method_id = value(select(_methods.c.id).limit(1))
    shop.stripe.v1.payment_methods.detach(method_id)

    backfill.run(silent)

    assert value(select(_methods.c.is_deleted).where(_methods.c.id == method_id))
    assert differences(shop) == []


def test_when_only_what_is_newer_is_wanted_then_the_rest_is_left_alone(shop):
    told: dict[str, int] = {}
    tomorrow = (now() + timedelta(days=1)).date().isoformat()

    backfill.run(told.__setitem__, since=tomorrow)

    assert set(told.values()) == {0}


def test_when_the_day_is_no_day_then_it_says_how_to_write_one(database, account):
    with pytest.raises(InvalidInput) as caught:
        backfill.run(silent, since="yesterday")

    assert caught.value.field == "since"


def test_given_stripe_refuses_the_key_when_it_is_run_then_it_says_so(database, account, monkeypatch):
    monkeypatch.setattr(
        "portal_app.services.desk.open_gateway", lambda: StripeGateway("sk_live_of_somebody", account.url)
    )

    with pytest.raises(GatewayError):
        backfill.run(silent)


def test_given_changes_nobody_told_us_of_when_the_night_comes_then_they_are_repaired(shop):
    backfill.run(silent)
    customer_id = value(select(_customers.c.id).limit(1))
    rename(shop, customer_id, "Changed unheard")

    with open_desk() as desk:
        backfill.repair(desk, {})

    assert differences(shop) == []


def test_given_it_is_empty_when_it_is_filled_then_opening_pages_later_needs_no_call(shop):
    backfill.run(silent)
    with time_machine.travel(now() + timedelta(seconds=10)):
        drain()

    upcoming = mirror.UpcomingInvoice.__table__
    assert value(select(func.count()).select_from(upcoming)) == 3
