"""What the merchant publishes holds at once, for everybody, and only as it was meant."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from threading import Barrier

import pytest
from sqlalchemy import func, select

from portal_app.kit.clock import now
from portal_app.kit.errors import Conflict, InvalidInput, NotAllowed
from portal_app.models import base
from portal_app.models.journal import AuditEntry
from portal_app.models.portal import PortalConfiguration
from portal_app.security.visitor import NOBODY, SYSTEM, Visitor
from portal_app.services import audit, configuration
from portal_app.services.desk import open_desk
from tests.services.portal_database import ADA, ADMIN, OWNER, VIEWER, database

__all__ = ["database"]
pytestmark = pytest.mark.usefixtures("database")


def publish(changes, seen_version=0, actor=OWNER):
    with open_desk(actor=actor) as desk:
        return configuration.publish(desk, changes, seen_version)


def current():
    with open_desk() as desk:
        return configuration.current(desk)


def versions():
    with base.reading() as connection:
        return (
            connection.execute(select(PortalConfiguration.version).order_by(PortalConfiguration.version))
            .scalars()
            .all()
        )


def entries():
    with base.reading() as connection:
        return connection.execute(select(AuditEntry.__table__)).all()


def test_given_nothing_published_when_the_portal_is_asked_then_it_is_neutral_and_offers_everything():
    found = current()

    assert found == configuration.default()
    assert (found.version, found.business_name, found.support_email) == (0, "", "")
    assert all(getattr(found.features, name) for name in configuration.FEATURES)


def test_every_choice_has_a_name_a_rule_and_a_default():
    kept = {each.name for each in (*fields(configuration.Configuration), *fields(configuration.Features))}

    assert set(configuration.NAMES) == kept - {"features", "version", "published_at", "published_by"}
    defaults = configuration.values_of(configuration.default())
    assert {name: configuration.clean(name, value) for name, value in defaults.items()} == defaults


def test_when_an_owner_publishes_then_it_is_current_and_signed():
    made = publish({"business_name": "Linnet", "subscription_cancel": False})

    assert current() == made
    assert (made.version, made.published_by) == (1, "staff_mia")
    assert made.published_at.tzinfo is not None
    assert not made.features.subscription_cancel
    assert made.features.invoice_history


def test_when_an_owner_publishes_then_the_audit_log_has_before_and_after():
    publish({"business_name": "Linnet"})
    publish({"business_name": "Linnet GmbH", "billing_details": False}, 1)

    last = entries()[-1]
    assert (last.action, last.actor_id, last.target_id) == ("configuration.changed", "staff_mia", "2")
    assert last.before == {"business_name": "Linnet", "billing_details": True}
    assert last.after == {"business_name": "Linnet GmbH", "billing_details": False}
    with open_desk() as desk:
        assert audit.verify(desk).is_intact


def test_when_nothing_differs_then_no_version_and_no_entry_is_made():
    publish({"business_name": "Linnet"})

    again = publish({"business_name": "  Linnet ", "invoice_history": True}, 1)

    assert again.version == 1
    assert versions() == [1]
    assert len(entries()) == 1


def test_when_somebody_published_since_then_the_second_is_told_and_nothing_is_overwritten():
    publish({"business_name": "Linnet"})

    with pytest.raises(Conflict):
        publish({"business_name": "Sparrow"}, 0, ADMIN)

    assert current().business_name == "Linnet"
    assert versions() == [1]


def test_when_ten_publish_at_once_from_the_same_version_then_one_wins_and_nine_are_told():
    start = Barrier(10)

    def one(number):
        start.wait()
        try:
            return publish({"business_name": f"Shop {number}"})
        except Conflict:
            return None

    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(one, range(10)))

    won = [outcome for outcome in outcomes if outcome]
    assert [each.version for each in won] == [1]
    assert current() == won[0]
    assert versions() == [1]
    assert len(entries()) == 1


def test_when_another_process_publishes_then_this_one_sees_it_at_the_next_question(monkeypatch):
    assert current().business_name == ""
    code = (
        "from portal_app.security.visitor import SYSTEM\n"
        "from portal_app.services import configuration\n"
        "from portal_app.services.desk import open_desk\n"
        "with open_desk(actor=SYSTEM) as desk:\n"
        "    configuration.publish(desk, {'business_name': 'Elsewhere', 'payment_methods': False}, 0)\n"
    )

    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)

    assert current().business_name == "Elsewhere"
    assert not current().features.payment_methods


def test_when_a_feature_is_switched_off_then_it_is_refused_and_the_others_are_not():
    publish({"subscription_cancel": False})

    with open_desk() as desk:
        configuration.require(desk, "invoice_history")
        with pytest.raises(NotAllowed):
            configuration.require(desk, "subscription_cancel")


def test_when_a_feature_is_switched_on_again_then_it_is_allowed_again():
    publish({"subscription_cancel": False})
    publish({"subscription_cancel": True}, 1)

    with open_desk() as desk:
        configuration.require(desk, "subscription_cancel")


@pytest.mark.parametrize(
    "actor",
    [VIEWER, ADA, NOBODY, Visitor("choosing", email="ada@example.com")]
    + [Visitor("staff", staff_id="s", role=role) for role in ("support", "finance", "")],
    ids=lambda actor: f"{actor.kind}-{actor.role}",
)
def test_when_somebody_without_the_right_publishes_then_it_is_refused_and_nothing_is_kept(actor):
    with pytest.raises(NotAllowed):
        publish({"business_name": "Mine now"}, 0, actor)

    assert versions() == []
    assert entries() == []


@pytest.mark.parametrize("actor", [OWNER, ADMIN, SYSTEM], ids=lambda actor: f"{actor.kind}-{actor.role}")
def test_when_somebody_with_the_right_publishes_then_it_holds(actor):
    publish({"business_name": "Linnet"}, 0, actor)

    assert current().business_name == "Linnet"


def test_given_one_bad_value_when_publishing_then_none_of_the_good_ones_is_kept():
    with pytest.raises(InvalidInput) as refused:
        publish({"business_name": "Linnet", "support_url": "javascript:alert(1)"})

    assert refused.value.field == "support_url"
    assert versions() == []


def test_given_a_picture_that_was_never_uploaded_when_publishing_it_then_it_is_refused():
    with pytest.raises(InvalidInput) as refused:
        publish({"logo_id": "0" * 32})

    assert refused.value.field == "logo_id"
    assert versions() == []


def test_given_a_version_written_by_a_newer_portal_when_it_is_read_then_what_is_known_holds():
    data = {
        "schema": 9,
        "business_name": "Linnet",
        "mascot": "a bird",
        "features": {"subscription_cancel": {"enabled": False, "mode": "at_period_end"}, "gifts": {"enabled": True}},
    }
    with base.writing() as connection:
        row = {"version": 7, "data": data, "published_at": now(), "published_by": "staff_mia"}
        connection.execute(PortalConfiguration.__table__.insert().values(**row))

    found = current()

    assert (found.version, found.business_name, found.radius) == (7, "Linnet", 8)
    assert not found.features.subscription_cancel
    assert found.features.invoice_history


def test_when_an_old_version_is_published_again_then_it_is_a_new_version_with_the_old_choices():
    first = publish({"business_name": "Linnet", "payment_methods": False})
    publish({"business_name": "Sparrow", "payment_methods": True}, 1)

    back = publish(configuration.values_of(first), 2)

    assert back.version == 3
    assert configuration.differences(first, back) == {}
    with base.reading() as connection:
        assert connection.execute(select(func.count()).select_from(PortalConfiguration.__table__)).scalar() == 3
