"""What is derived from the SDK: parameters, shapes, and a check that bites."""

import copy

import pytest

from portal_app.sandbox.contract.blanks import blank, part, shape_of
from portal_app.sandbox.contract.conformity import deviations_of_answer, deviations_of_event
from portal_app.sandbox.contract.kinds import Choice, Flag, Shape
from portal_app.sandbox.contract.reading import decode_form, read_parameters
from portal_app.sandbox.contract.routes import route_for, routes
from portal_app.sandbox.errors import StripeError
from portal_app.sandbox.table import operations

NOUNS = (
    "charge",
    "coupon",
    "credit_note",
    "customer",
    "customer_balance_transaction",
    "discount",
    "event",
    "invoice",
    "invoice_payment",
    "invoiceitem",
    "line_item",
    "payment_intent",
    "payment_method",
    "price",
    "product",
    "promotion_code",
    "refund",
    "setup_intent",
    "subscription",
    "subscription_item",
    "subscription_schedule",
    "tax_id",
    "tax_rate",
    "test_helpers.test_clock",
    "webhook_endpoint",
)


def read(method: str, path: str, form: str) -> dict:
    """A form as the sandbox reads it."""
    route = route_for(method, path)
    assert route is not None
    return read_parameters(route.parameters, decode_form(form))


def test_the_sdk_knows_every_operation_of_the_table():
    known = routes()

    assert len(known) > 500
    assert set(operations()) <= set(known)


def test_when_a_form_is_read_then_each_value_has_its_type():
    form = (
        "items[0][id]=si_1&items[0][quantity]=3&cancel_at_period_end=true&metadata[12]=b&expand[]=a&expand[]=b"
        "&trial_end=now&description="
    )

    given = read("POST", "/v1/subscriptions/sub_1", form)

    assert given == {
        "items": [{"id": "si_1", "quantity": 3}],
        "cancel_at_period_end": True,
        "metadata": {"12": "b"},
        "expand": ["a", "b"],
        "trial_end": "now",
        "description": "",
    }


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ("colour=blue", "parameter_unknown", "colour"),
        ("items[0][pric]=p", "parameter_unknown", "items[0][pric]"),
        ("items[0][quantity]=many", "parameter_invalid_integer", "items[0][quantity]"),
        ("days_until_due=", "parameter_invalid_empty", "days_until_due"),
        ("cancel_at_period_end=perhaps", None, "cancel_at_period_end"),
        ("collection_method=barter", None, "collection_method"),
        ("items=p", None, "items"),
        ("billing_cycle_anchor=now", None, "billing_cycle_anchor"),
    ],
)
def test_when_a_parameter_does_not_fit_then_stripes_error_names_it(form, code, param):
    with pytest.raises(StripeError) as refused:
        read("POST", "/v1/subscriptions/sub_1", form)

    assert (refused.value.status, refused.value.code, refused.value.error["param"]) == (400, code, param)


def test_when_a_required_parameter_is_missing_then_stripes_error_names_it():
    with pytest.raises(StripeError) as refused:
        read("POST", "/v1/promotion_codes", "code=X")

    assert refused.value.error["message"] == "Missing required param: promotion."
    assert refused.value.code == "parameter_missing"


@pytest.mark.parametrize("noun", NOUNS)
def test_a_blank_resource_has_every_property_that_stripe_sends(noun):
    made = blank(noun)

    assert made["object"] == noun
    assert "deleted" not in made
    assert set(made) <= set(shape_of(noun).properties)


def test_properties_that_stripe_leaves_out_are_absent():
    assert not {"tax_ids", "subscriptions", "sources", "cash_balance"} & set(blank("customer"))
    assert not {"payments", "confirmation_secret", "threshold_reason"} & set(blank("invoice"))
    assert "card" not in blank("payment_method")


def test_a_part_is_completed_at_every_depth():
    made = part("subscription", "trial_settings", end_behavior={"missing_payment_method": "pause"})

    assert made == {"end_behavior": {"billing_cycle_anchor": None, "missing_payment_method": "pause"}}
    with pytest.raises(LookupError):
        part("subscription", "trial_settings", colour="blue")


def mistyped(kind) -> object:
    """A value that certainly does not fit."""
    return {"not": "a flag"} if isinstance(kind, (Flag, Choice)) else [object]


def test_the_check_finds_what_is_dropped_renamed_or_mistyped(merchant):
    subscription = merchant.a_subscription()
    path = f"/v1/subscriptions/{subscription.id}"
    _, _, sound = merchant.raw("GET", path)
    shape = shape_of("subscription")
    assert isinstance(shape, Shape)
    assert deviations_of_answer("GET", path, 200, sound) == []

    missed = []
    for name in sound:
        dropped = {k: v for k, v in sound.items() if k != name}
        renamed = dropped | {name + "s": sound[name]}
        wrong = copy.deepcopy(sound) | {name: mistyped(shape.properties[name].kind)}
        for deed, broken in (("dropped", dropped), ("renamed", renamed), ("mistyped", wrong)):
            if not deviations_of_answer("GET", path, 200, broken):
                missed.append(f"{deed} {name}")

    assert missed == []


def test_the_check_looks_into_events(merchant):
    merchant.a_customer(card=None)
    _, _, page = merchant.raw("GET", "/v1/events")
    event = page["data"][0]
    assert deviations_of_event(event) == []

    del event["data"]["object"]["balance"]

    assert deviations_of_event(event) == ["$.data.object.balance: missing"]
