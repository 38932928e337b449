"""Cards, banks that ask, intents, refunds."""

import pytest
import stripe


def a_setup(merchant, customer, card: str, **more):
    """A confirmed setup intent."""
    return merchant.v1.setup_intents.create(
        {"customer": customer.id, "payment_method": f"pm_card_{card}", "confirm": True} | more
    )


def a_payment(merchant, customer, method: str, **more):
    """A confirmed payment of ten euros."""
    return merchant.v1.payment_intents.create(
        {"customer": customer.id, "amount": 1000, "currency": "eur", "payment_method": method, "confirm": True} | more
    )


def test_a_good_card_is_saved_to_its_customer(merchant):
    customer = merchant.a_customer(card=None)

    intent = a_setup(merchant, customer, "mastercard")

    cards = merchant.v1.customers.payment_methods.list(customer.id).data
    assert (intent.status, intent.next_action) == ("succeeded", None)
    assert [(c.id, c.card.brand, c.card.last4) for c in cards] == [(intent.payment_method, "mastercard", "4444")]
    assert len(merchant.events("payment_method.attached", "setup_intent.succeeded")) == 2


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("chargeDeclined", "card_declined", "generic_decline"),
        ("chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
        ("visa_chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded"),
        ("chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("chargeDeclinedProcessingError", "processing_error", "processing_error"),
    ],
)
def test_a_refused_card_is_neither_attached_nor_set_up_nor_charged(merchant, card, code, decline_code):
    customer = merchant.a_customer(card=None)
    deeds = (
        lambda: merchant.v1.payment_methods.attach(f"pm_card_{card}", {"customer": customer.id}),
        lambda: a_setup(merchant, customer, card),
        lambda: a_payment(merchant, customer, f"pm_card_{card}"),
    )

    for deed in deeds:
        with pytest.raises(stripe.CardError) as refused:
            deed()
        error = refused.value.json_body["error"]
        assert (refused.value.http_status, error["code"], error["decline_code"]) == (402, code, decline_code)

    assert merchant.v1.payment_methods.list({"customer": customer.id}).data == []


def test_a_declined_payment_leaves_its_traces(merchant):
    customer = merchant.a_customer(card=None)

    with pytest.raises(stripe.CardError) as refused:
        a_payment(merchant, customer, "pm_card_chargeDeclinedInsufficientFunds")

    error = refused.value.json_body["error"]
    intent = merchant.v1.payment_intents.retrieve(error["payment_intent"]["id"])
    charge = merchant.v1.charges.retrieve(intent.latest_charge)
    assert (intent.status, intent.last_payment_error.decline_code) == ("requires_payment_method", "insufficient_funds")
    assert (charge.status, charge.paid, charge.failure_code) == ("failed", False, "card_declined")
    assert error["charge"] == charge.id
    assert merchant.lever("effects")["declined_charge"] == {intent.id: 1}


def test_the_card_341_attaches_and_then_fails(merchant):
    customer = merchant.a_customer("chargeCustomerFail")
    card = merchant.v1.payment_methods.list({"customer": customer.id}).data[0]

    with pytest.raises(stripe.CardError):
        a_payment(merchant, customer, card.id)

    assert card.card.last4 == "0341"


# Banks that ask ---------------------------------------------------------------------------------------------------


def test_when_the_bank_asks_then_the_customer_approves(merchant):
    customer = merchant.a_customer(card=None)

    asked = a_payment(merchant, customer, "pm_card_authenticationRequired", return_url="https://example.com/back")
    answered = merchant.lever("authenticate", {"intent": asked.id, "outcome": "approve"})

    assert (asked.status, asked.next_action.type) == ("requires_action", "redirect_to_url")
    assert asked.next_action.redirect_to_url.return_url == "https://example.com/back"
    assert answered["status"] == "succeeded"
    assert len(merchant.events("payment_intent.requires_action", "payment_intent.succeeded")) == 2


def test_when_the_customer_refuses_then_nothing_is_charged(merchant):
    customer = merchant.a_customer(card=None)
    asked = a_setup(merchant, customer, "authenticationRequiredOnSetup")
    assert asked.next_action.type == "use_stripe_sdk"

    answered = merchant.lever("authenticate", {"intent": asked.id, "outcome": "refuse"})

    assert answered["status"] == "requires_payment_method"
    assert answered["last_setup_error"]["code"] == "setup_intent_authentication_failure"
    assert merchant.v1.payment_methods.list({"customer": customer.id}).data == []


def test_off_session_a_bank_that_asks_declines(merchant):
    customer = merchant.a_customer("authenticationRequired")
    card = merchant.v1.payment_methods.list({"customer": customer.id}).data[0]

    with pytest.raises(stripe.CardError) as refused:
        a_payment(merchant, customer, card.id, off_session=True)

    assert refused.value.code == "authentication_required"


def test_a_card_set_up_once_is_charged_without_asking(merchant):
    customer = merchant.a_customer(card=None)
    asked = a_setup(merchant, customer, "authenticationRequiredOnSetup")
    saved = merchant.lever("authenticate", {"intent": asked.id, "outcome": "approve"})

    off_session = a_payment(merchant, customer, saved["payment_method"], off_session=True)
    on_session = a_payment(merchant, customer, saved["payment_method"])

    assert (off_session.status, on_session.status) == ("succeeded", "requires_action")


def test_given_a_bank_that_asks_when_subscribing_then_it_is_incomplete_until_approved(merchant):
    subscription = merchant.a_subscription(
        merchant.a_customer("authenticationRequired"), expand=["latest_invoice.confirmation_secret"]
    )
    intent = subscription.latest_invoice.confirmation_secret.client_secret.split("_secret_")[0]
    assert subscription.status == "incomplete"

    merchant.lever("authenticate", {"intent": intent, "outcome": "approve"})

    assert merchant.v1.subscriptions.retrieve(subscription.id).status == "active"
    assert merchant.invoices_of(subscription)[0].status == "paid"


def test_paying_an_invoice_is_off_session_unless_told_otherwise(merchant):
    customer = merchant.a_customer(card=None)
    card = merchant.v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": customer.id})
    draft = merchant.v1.invoices.create({"customer": customer.id})
    merchant.v1.invoice_items.create({"customer": customer.id, "invoice": draft.id, "amount": 900, "currency": "eur"})

    with pytest.raises(stripe.CardError) as refused:
        merchant.v1.invoices.pay(draft.id, {"payment_method": card.id})
    asked = merchant.v1.invoices.pay(draft.id, {"payment_method": card.id, "off_session": False})

    assert refused.value.code == "authentication_required"
    assert asked.status == "open"
    assert len(merchant.events("invoice.payment_action_required")) == 2


# Intents ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["payment", "setup"])
def test_an_intent_that_is_over_takes_nothing_more(merchant, kind):
    customer = merchant.a_customer(card=None)
    if kind == "payment":
        intent, service = a_payment(merchant, customer, "pm_card_visa"), merchant.v1.payment_intents
    else:
        intent, service = a_setup(merchant, customer, "visa"), merchant.v1.setup_intents

    for deed in (service.confirm, service.cancel):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            deed(intent.id)
        assert refused.value.code == f"{kind}_intent_unexpected_state"


def test_an_open_intent_can_be_canceled(merchant):
    customer = merchant.a_customer(card=None)
    intent = merchant.v1.setup_intents.create({"customer": customer.id})

    canceled = merchant.v1.setup_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})

    assert (intent.status, canceled.status) == ("requires_payment_method", "canceled")
    assert intent.client_secret.startswith(intent.id + "_secret_")


def test_the_browser_reaches_an_intent_by_its_secret_only(merchant):
    customer = merchant.a_customer(card=None)
    intent = merchant.v1.setup_intents.create({"customer": customer.id})
    public = {"Authorization": "Bearer " + merchant.key.replace("sk_", "pk_")}
    path = f"/v1/setup_intents/{intent.id}"

    wrong, _, _ = merchant.raw("GET", f"{path}?client_secret=guess", headers=public)
    right, _, seen = merchant.raw("GET", f"{path}?client_secret={intent.client_secret}", headers=public)

    assert (wrong, right, seen["id"]) == (400, 200, intent.id)


def test_card_numbers_are_taken_from_the_browser_only(merchant):
    form = "type=card&card[number]=4242424242424242&card[exp_month]=9&card[exp_year]=2031&card[cvc]=123"
    public = {"Authorization": "Bearer " + merchant.key.replace("sk_", "pk_")}

    refused, _, _ = merchant.raw("POST", "/v1/payment_methods", form)
    status, _, method = merchant.raw("POST", "/v1/payment_methods", form, public)
    wrong, _, body = merchant.raw("POST", "/v1/payment_methods", form.replace("4242&", "4241&"), public)

    assert (refused, status) == (402, 200)
    assert (method["card"]["last4"], method["card"]["exp_year"]) == ("4242", 2031)
    assert "number" not in method["card"]
    assert (wrong, body["error"]["code"]) == (402, "incorrect_number")


# Saved cards -----------------------------------------------------------------------------------------------------


def test_a_detached_card_is_nobodys_default_and_never_comes_back(merchant):
    customer = merchant.a_customer()
    card = merchant.v1.payment_methods.list({"customer": customer.id}).data[0]
    subscription = merchant.a_subscription(customer, default_payment_method=card.id)

    gone = merchant.v1.payment_methods.detach(card.id)

    assert gone.customer is None
    assert merchant.v1.customers.retrieve(customer.id).invoice_settings.default_payment_method is None
    assert merchant.v1.subscriptions.retrieve(subscription.id).default_payment_method is None
    with pytest.raises(stripe.InvalidRequestError):
        merchant.v1.payment_methods.attach(card.id, {"customer": customer.id})


def test_a_cards_expiry_and_address_can_be_changed(merchant):
    customer = merchant.a_customer()
    card = merchant.v1.payment_methods.list({"customer": customer.id}).data[0]

    changed = merchant.v1.payment_methods.update(
        card.id, {"card": {"exp_month": 3, "exp_year": 2033}, "billing_details": {"address": {"city": "Berlin"}}}
    )

    assert (changed.card.exp_month, changed.card.exp_year) == (3, 2033)
    assert changed.billing_details.address.city == "Berlin"
    assert len(merchant.events("payment_method.updated")) == 1


def test_somebody_elses_card_cannot_be_used(merchant):
    ada, bea = merchant.a_customer(), merchant.a_customer(card=None)
    card = merchant.v1.payment_methods.list({"customer": ada.id}).data[0]

    with pytest.raises(stripe.InvalidRequestError):
        merchant.v1.payment_methods.attach(card.id, {"customer": bea.id})
    with pytest.raises(stripe.InvalidRequestError):
        a_payment(merchant, bea, card.id)
    with pytest.raises(stripe.InvalidRequestError):
        merchant.v1.customers.update(bea.id, {"invoice_settings": {"default_payment_method": card.id}})


# Refunds ---------------------------------------------------------------------------------------------------------


def test_money_is_given_back_in_parts_and_never_more_than_was_paid(merchant):
    intent = a_payment(merchant, merchant.a_customer(card=None), "pm_card_visa")

    part = merchant.v1.refunds.create({"payment_intent": intent.id, "amount": 400})
    with pytest.raises(stripe.InvalidRequestError):
        merchant.v1.refunds.create({"charge": part.charge, "amount": 601})
    merchant.v1.refunds.create({"charge": part.charge})

    charge = merchant.v1.charges.retrieve(part.charge, {"expand": ["refunds"]})
    assert (charge.amount_refunded, charge.refunded) == (1000, True)
    assert [r.amount for r in charge.refunds.data] == [600, 400]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        merchant.v1.refunds.create({"charge": part.charge})
    assert refused.value.code == "charge_already_refunded"
