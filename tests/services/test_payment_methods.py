"""Payment methods from the mirror: what is on file and what depends on it."""

import pytest

from portal_app.kit.errors import NotAllowed
from portal_app.services import configuration, payment_methods
from tests.mirrored import a_card, a_customer, a_product, a_subscription, an_item, put


def test_each_method_names_the_subscriptions_it_pays(desk):
    default, own = a_card(desk), a_card(desk, brand="mastercard", last4="4444")
    ada = a_customer(desk, default_payment_method=default)
    a_product(desk, "Team")
    a_subscription(desk)
    a_subscription(desk, items=[an_item("prod_team")], default_payment_method=own)
    a_subscription(desk, status="canceled", ended_at=1)

    found = payment_methods.list_for(desk, ada).methods

    assert [(one.method.last4, one.is_default, one.used_for) for one in found] == [
        ("4242", True, ("Pro",)),
        ("4444", False, ("Team",)),
    ]


def test_given_a_method_was_detached_then_it_is_no_longer_on_file(desk):
    ada = a_customer(desk)
    put(desk, {"object": "payment_method", "id": a_card(desk), "deleted": True})

    assert payment_methods.list_for(desk, ada).methods == ()


def test_given_adas_card_then_bea_does_not_see_it(desk):
    a_card(desk, a_customer(desk))
    bea = a_customer(desk, "cus_bea")

    assert payment_methods.list_for(desk, bea).methods == ()


def test_given_the_merchant_shows_none_then_asking_is_refused(desk):
    ada = a_customer(desk)
    configuration.publish(desk, {"payment_methods": False}, seen_version=0)

    with pytest.raises(NotAllowed):
        payment_methods.list_for(desk, ada)
