"""What becomes of an object that is put into the mirror."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from portal_app.models import mirror
from portal_app.models.journal import Job
from portal_app.services import sync
from portal_app.services.desk import open_desk
from portal_app.services.sync import SHAPES, Refusal
from tests.mirrored import a_customer, a_subscription, an_item

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
_customer = mirror.Customer.__table__
_method = mirror.PaymentMethod.__table__


def ada(**given) -> dict:
    return {
        "object": "customer",
        "id": "cus_ada",
        "created": 1_700_000_000,
        "email": "Ada@Example.com ",
        "name": "Ada",
        "currency": "eur",
        "balance": 0,
        "invoice_settings": {"default_payment_method": None},
        **given,
    }


def a_method(**given) -> dict:
    return {
        "object": "payment_method",
        "id": "pm_1",
        "created": 1_700_000_000,
        "customer": "cus_ada",
        "type": "card",
        "card": {"brand": "visa", "last4": "4242"},
        **given,
    }


def row(desk, table=_customer):
    return desk.row(select(table))


def revision(desk, customer_id="cus_ada") -> int:
    return desk.value(select(_customer.c.revision).where(_customer.c.id == customer_id))


def test_when_a_customer_is_put_then_columns_and_json_say_the_same(desk):
    applied = sync.apply(desk, ada(), NOON)

    assert applied.outcome == "changed"
    assert (row(desk).email, row(desk).name, row(desk).synced_at) == ("ada@example.com", "Ada", NOON)
    assert row(desk).data == ada()


def test_given_a_newer_row_when_an_older_answer_arrives_then_nothing_changes(desk):
    sync.apply(desk, ada(name="New"), NOON)

    applied = sync.apply(desk, ada(name="Old"), NOON - timedelta(seconds=1))

    assert applied.outcome == "older"
    assert row(desk).name == "New"


def test_when_the_same_is_put_again_then_no_page_is_disturbed(desk):
    sync.apply(desk, ada(), NOON)
    before = revision(desk)

    applied = sync.apply(desk, ada(), NOON + timedelta(seconds=9))

    assert applied.outcome == "unchanged"
    assert revision(desk) == before
    assert row(desk).synced_at == NOON + timedelta(seconds=9)


def test_when_anything_of_a_customer_changes_then_only_that_customers_revision_rises(desk):
    a_customer(desk, "cus_ada")
    a_customer(desk, "cus_bea")
    ada_before, bea_before = revision(desk, "cus_ada"), revision(desk, "cus_bea")

    a_subscription(desk, "cus_ada")

    assert revision(desk, "cus_ada") > max(ada_before, bea_before)
    assert revision(desk, "cus_bea") == bea_before


def test_when_a_transaction_fails_then_neither_row_nor_revision_remain(desk):
    sync.apply(desk, ada(), NOON)
    before = revision(desk)

    def half_a_change():
        with desk.transaction():
            sync.apply(desk, ada(name="New"), NOON + timedelta(seconds=1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_a_change()

    assert (row(desk).name, revision(desk)) == ("Ada", before)


def test_when_a_customer_is_deleted_then_a_tombstone_stays_and_an_older_answer_does_not_raise_it(desk):
    sync.apply(desk, ada(), NOON)

    sync.bury(desk, "customer", "cus_ada", NOON + timedelta(seconds=2))
    sync.apply(desk, ada(), NOON + timedelta(seconds=1))

    assert row(desk).is_deleted
    assert row(desk).name == "Ada"


def test_when_something_unknown_is_deleted_then_a_blank_tombstone_waits_for_its_late_events(desk):
    for kind in SHAPES:
        sync.bury(desk, kind, f"{kind}_1", NOON)

    assert all(desk.row(select(shape.table)).is_deleted for shape in SHAPES.values())


def test_when_a_method_is_detached_then_its_brand_stays_for_old_receipts(desk):
    a_customer(desk)
    sync.apply(desk, a_method(), NOON)

    applied = sync.apply(desk, a_method(customer=None), NOON + timedelta(seconds=1))

    kept = row(desk, _method)
    assert applied.outcome == "changed"
    assert (kept.is_deleted, kept.customer_id, kept.last4) == (True, "cus_ada", "4242")


def test_when_a_customer_comes_with_tax_ids_then_removed_ones_become_tombstones(desk):
    def listed(*ids):
        tax = {"object": "tax_id", "created": 1, "customer": "cus_ada", "type": "eu_vat", "value": "DE1"}
        return {"object": "list", "data": [{**tax, "id": tax_id} for tax_id in ids], "has_more": False}

    sync.apply(desk, ada(tax_ids=listed("txi_1", "txi_2")), NOON)

    sync.apply(desk, ada(tax_ids=listed("txi_2")), NOON + timedelta(seconds=1))

    tax_ids = mirror.TaxId.__table__
    assert {one.id: one.is_deleted for one in desk.rows(select(tax_ids))} == {"txi_1": True, "txi_2": False}
    assert "tax_ids" not in row(desk).data


def test_when_a_payment_is_put_then_what_could_confirm_it_is_left_out(desk):
    a_customer(desk)
    intent = {"object": "payment_intent", "id": "pi_1", "created": 1, "customer": "cus_ada", "status": "succeeded"}

    sync.apply(desk, {**intent, "amount": 5, "currency": "eur", "client_secret": "pi_1_secret_x"}, NOON)

    assert "client_secret" not in row(desk, mirror.Payment.__table__).data


def test_given_an_unknown_customer_when_something_of_theirs_arrives_then_the_customer_is_fetched(desk):
    a_subscription(desk, "cus_of_whom_nobody_told", items=[an_item()])

    jobs = Job.__table__
    assert desk.value(select(jobs.c.key).where(jobs.c.kind == sync.FETCH)) == (
        "mirror.fetch:customer:cus_of_whom_nobody_told"
    )


REFUSED = {
    "a kind nobody shows": ({"object": "payout", "id": "po_1"}, Refusal.UNKNOWN_KIND),
    "no kind": ({"id": "x_1"}, Refusal.UNKNOWN_KIND),
    "no id": ({**ada(), "id": None}, Refusal.NO_ID),
    "an empty id": (ada(id=""), Refusal.NO_ID),
    "an id with a null byte": (ada(id="cus_\0"), Refusal.NO_ID),
    "no moment": ({k: v for k, v in ada().items() if k != "created"}, Refusal.MALFORMED),
    "a moment beyond the calendar": (ada(created=10**18), Refusal.MALFORMED),
    "a balance that is a fraction": (ada(balance=1.5), Refusal.MALFORMED),
    "a balance that is a word": (ada(balance="12"), Refusal.MALFORMED),
    "a balance that is a question": (ada(balance=True), Refusal.MALFORMED),
    "a balance beyond the database": (ada(balance=2**63), Refusal.MALFORMED),
    "settings that are missing": (ada(invoice_settings=None), Refusal.MALFORMED),
    "a default that is a list": (ada(invoice_settings={"default_payment_method": []}), Refusal.MALFORMED),
    "an unattached method": (a_method(id="pm_9", customer=None), Refusal.NO_CUSTOMER),
    "a charge of a payment": (
        {"object": "charge", "id": "ch_1", "created": 1, "customer": "cus_ada", "payment_intent": "pi_1"},
        Refusal.PART_OF_PAYMENT,
    ),
}


@pytest.mark.parametrize(("data", "refusal"), REFUSED.values(), ids=REFUSED)
def test_when_an_object_cannot_be_kept_then_it_is_refused_with_a_reason(desk, data, refusal):
    applied = sync.apply(desk, data, NOON)

    assert (applied.outcome, applied.refusal) == ("refused", refusal)
    assert refusal.sentence.endswith(".")
    assert desk.row(select(_customer)) is None


def test_when_amounts_are_as_large_as_stripe_can_send_then_they_come_back_exactly(each_database):
    with open_desk() as desk:
        sync.apply(desk, ada(balance=-(2**53), name="A\0\ud800ä"), NOON)

        assert row(desk).balance == -(2**53)
        assert row(desk).name == "A?ä"
