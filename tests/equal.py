"""Whether the mirror says what Stripe says, object by object."""

from sqlalchemy import select

from portal_app.gateway.kinds import SOURCES
from portal_app.services.desk import open_desk
from portal_app.services.sync import SHAPES, Refusal
from portal_app.services.sync.shapes import Refused, cleaned, row_of
from tests.world import Account

Expected = dict[tuple[str, str], dict]


def differences(account: Account, expected: Expected | None = None) -> list[str]:
    """Each object that the mirror lacks, shows otherwise, or should have buried; empty when they are equal.

    `expected` saves asking Stripe again where nothing has changed there.
    """
    found: list[str] = []
    expected = all_of(account) if expected is None else expected
    with open_desk() as desk:
        for table in {shape.table for shape in SHAPES.values()}:
            rows = {row.id: row for row in desk.rows(select(table))}
            for (name, object_id), data in expected.items():
                if name == table.name and (object_id not in rows or rows[object_id].is_deleted):
                    found.append(f"{object_id} is missing")
                elif name == table.name and rows[object_id].data != data:
                    found.append(f"{object_id} differs: {_differing(rows[object_id].data, data)}")
            for object_id, row in rows.items():
                if not row.is_deleted and (table.name, object_id) not in expected:
                    found.append(f"{object_id} should be a tombstone")
    return found


def all_of(account: Account) -> Expected:
    """What Stripe has, by table and id, as the mirror keeps it."""
    expected: Expected = {}
    for kind in SOURCES:
        for page in account.gateway.pages(kind) if kind != "payment_method" else _methods(account):
            for data in page:
                for one in (data, *_children(data)):
                    if _is_kept(one):
                        expected[SHAPES[one["object"]].table.name, one["id"]] = cleaned(one)
    return expected


def _methods(account: Account):
    for page in account.gateway.pages("customer"):
        for customer in page:
            yield from account.gateway.pages("payment_method", customer_id=customer["id"])


def _children(data: dict) -> list[dict]:
    return [child for name in SHAPES[data["object"]].children for child in (data.get(name) or {}).get("data", ())]


def _is_kept(data: dict) -> bool:
    refusal = _refusal(data)
    assert refusal in (None, Refusal.PART_OF_PAYMENT, Refusal.NO_CUSTOMER), data
    return refusal is None


def _refusal(data: dict) -> Refusal | None:
    try:
        row_of(data)
    except Refused as refused:
        return refused.refusal
    return None


def _differing(kept: dict, sent: dict) -> dict:
    names = {*kept, *sent}
    return {name: (kept.get(name), sent.get(name)) for name in names if kept.get(name) != sent.get(name)}
