"""Stripe's own published sample objects, which nobody here has made: each is kept, or refused with a reason."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal_app.services import sync
from portal_app.services.desk import open_desk
from portal_app.services.sync import SHAPES, Refusal
from portal_app.services.sync.shapes import row_of

SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "stripe_sample_objects.json"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
# They belong to nobody in particular, and the last names no payment.
_REFUSED = {
    "charge": Refusal.NO_CUSTOMER,
    "invoice_payment": Refusal.MALFORMED,
    "payment_intent": Refusal.NO_CUSTOMER,
    "payment_method": Refusal.NO_CUSTOMER,
}


def samples() -> dict[str, dict]:
    if not SAMPLES.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{SAMPLES.name} must be present in CI")
        pytest.skip(f"{SAMPLES.name} is not beside this checkout")
    return json.loads(SAMPLES.read_text())["resources"]


def test_when_stripes_samples_are_ingested_then_each_is_kept_or_refused_with_a_reason(each_database):
    known = {name: data for name, data in samples().items() if data.get("object") in SHAPES}

    with open_desk() as desk:
        applied = {name: sync.apply(desk, data, NOON) for name, data in known.items()}

        assert len(known) >= 18
        for name, data in known.items():
            if applied[name].outcome != "refused":
                table = SHAPES[data["object"]].table
                assert desk.value(select(func.count()).where(table.c.id == data["id"])) == 1, name
        assert {name: one.refusal for name, one in applied.items() if one.refusal} == _REFUSED


def test_when_any_sample_at_all_is_ingested_then_nothing_raises(database):
    with open_desk() as desk:
        applied = [sync.apply(desk, data, NOON) for data in samples().values()]

    assert {one.outcome for one in applied} <= {"changed", "unchanged", "older", "refused"}
    assert all(one.refusal for one in applied if one.outcome == "refused")


def test_when_a_sample_becomes_a_row_then_every_column_is_filled():
    strange = {name for name, refusal in _REFUSED.items() if refusal}
    kept = [data for name, data in samples().items() if data.get("object") in SHAPES and name not in strange]

    for data in kept:
        if not data.get("deleted"):
            columns = set(SHAPES[data["object"]].table.c.keys())
            assert row_of(data).keys() | {"synced_at", "version_at"} == columns, data["object"]
