"""The invoice pages and the payment methods in words: how they are narrowed, what they say, and whose they are."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from portal_app.security.visitor import SYSTEM, Visitor
from portal_app.services import configuration
from portal_app.services.desk import open_desk
from portal_app.state.invoice import InvoiceState
from portal_app.state.invoices import MOST_ROWS, InvoicesState
from portal_app.state.payment_methods import PaymentMethodsState
from tests.mirrored import (
    a_card,
    a_customer,
    a_line,
    a_payment,
    a_product,
    a_subscription,
    an_invoice,
    an_invoice_of,
    an_upcoming_invoice,
    put,
)
from tests.state.tabs import Tab

TODAY = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 3, 12, tzinfo=UTC)
ADA, BEA = (Visitor("customer", customer_id=f"cus_{name}", zone="UTC") for name in ("ada", "bea"))


@pytest.fixture(autouse=True)
def today(desk):
    with time_machine.travel(TODAY, tick=True):
        a_product(desk)
        a_customer(desk)
        a_customer(desk, "cus_bea")
        yield


def switch_off(feature: str) -> None:
    with open_desk(actor=SYSTEM) as merchant:
        configuration.publish(merchant, {feature: False}, seen_version=0)


def the_list(visitor: Visitor = ADA) -> Tab[InvoicesState]:
    tab = Tab(InvoicesState, visitor, "/invoices")
    tab.does("load")
    return tab


def opened(invoice_id: str, visitor: Visitor = ADA) -> InvoiceState:
    tab = Tab(InvoiceState, visitor, f"/invoices/{invoice_id}")
    tab.does("load")
    return tab.state


def test_a_line_says_number_day_content_amount_and_state(desk):
    an_invoice(desk, number="INV-7", lines=[a_line(quantity=2)], created=NOVEMBER)

    (line,) = the_list().state.rows

    assert (line.number, line.day, line.short_day) == ("INV-7", "3 November 2026", "3 Nov 2026")
    assert (line.about, line.sub, line.amount) == ("2 × Pro", "INV-7 · 2 × Pro", "€58.00")
    assert (line.badge, line.badge_kind, line.file_url) == ("Paid", "good", f"/files/invoices/{line.id}.pdf")


@pytest.mark.parametrize(
    ("given", "badge", "kind"),
    [
        ({"status": "open", "due_at": datetime(2026, 12, 1, tzinfo=UTC)}, "Due 1 Dec", "wait"),
        ({"status": "open", "due_at": datetime(2027, 12, 1, tzinfo=UTC)}, "Due 1 Dec 2027", "wait"),
        ({"status": "open"}, "Due now", "wait"),
        ({"status": "open", "due_at": NOVEMBER}, "Overdue", "bad"),
        ({"status": "uncollectible"}, "Written off", "off"),
        ({"status": "void"}, "Canceled", "off"),
    ],
)
def test_every_state_has_a_badge(desk, given, badge, kind):
    an_invoice(desk, **given)

    (line,) = the_list().state.rows

    assert (line.badge, line.badge_kind) == (badge, kind)


def test_what_is_due_stands_above_the_list(desk):
    sent = {"status": "open", "collection_method": "send_invoice"}
    an_invoice(desk, **sent, total=47600, due_at=datetime(2026, 11, 12, tzinfo=UTC))
    an_invoice(desk, **sent, total=71400, due_at=datetime(2026, 12, 1, tzinfo=UTC))

    state = the_list().state

    assert (state.due_label, state.due, state.overdue) == (
        "Due in 2 invoices",
        "€1,190.00",
        "€476.00 since 12 November 2026",
    )


def test_currencies_are_never_added_up(desk):
    an_invoice(desk, status="open", total=1000)
    an_invoice(desk, status="open", total=2000, currency="usd")

    assert the_list().state.due == "€10.00 and $20.00"


def test_when_more_is_loaded_then_a_change_loads_as_much_as_was_shown(desk):
    put(desk, *(an_invoice_of(created=TODAY - timedelta(hours=hour)) for hour in range(1, 61)))
    tab = the_list()
    first = (len(tab.state.rows), tab.state.shown, tab.state.has_more)

    tab.does("load_more")
    an_invoice(desk, created=TODAY, number="INV-NEW")
    tab.does("load")

    assert first == (25, "25 of 60 invoices", True)
    assert (len(tab.state.rows), tab.state.rows[0].number, tab.state.shown) == (50, "INV-NEW", "50 of 61 invoices")
    assert not tab.state.is_loading_more


def test_when_it_is_narrowed_then_only_what_fits_is_shown_until_all_is_asked_for(desk):
    an_invoice(desk, number="A-1", created=datetime(2025, 5, 1, tzinfo=UTC))
    an_invoice(desk, number="B-2", status="open")
    tab = the_list()
    seen = []

    for deed, value in (("choose_status", "open"), ("choose_status", ""), ("choose_year", "2025"), ("search", "b-2")):
        tab.does(deed, value)
        seen.append([line.number for line in tab.state.rows])
    nothing = (tab.state.has_rows, tab.state.has_filter)
    tab.does("clear")

    assert seen == [["B-2"], ["B-2", "A-1"], ["A-1"], []]
    assert nothing == (False, True)
    assert ([line.number for line in tab.state.rows], tab.state.has_filter) == (["B-2", "A-1"], False)
    assert [choice.label for choice in tab.state.years] == ["All years", "2026", "2025"]


def test_a_list_never_grows_beyond_what_a_browser_can_hold(desk):
    put(desk, *(an_invoice_of(created=TODAY - timedelta(hours=hour), lines=[]) for hour in range(MOST_ROWS + 30)))
    tab = the_list()
    tab.state.rows = tab.state.rows * 19

    tab.does("load_more")

    assert (len(tab.state.rows), tab.state.has_more) == (MOST_ROWS, False)


def test_given_bea_then_nothing_of_adas_is_shown_or_opened(desk):
    invoice_id = an_invoice(desk)
    a_card(desk)
    methods = Tab(PaymentMethodsState, BEA, "/payment-methods")

    methods.does("load")

    assert the_list(BEA).state.rows == []
    assert (opened(invoice_id, BEA).problem, opened(invoice_id, BEA).heading) == ("not_found", "")
    assert methods.state.rows == []


def test_given_the_merchant_switched_them_off_then_the_pages_are_refused(desk):
    invoice_id = an_invoice(desk)
    switch_off("invoice_history")

    assert the_list().state.problem == "not_allowed"
    assert opened(invoice_id).problem == "not_allowed"


def test_one_invoice_tells_its_sum_its_recipient_and_its_payments(desk):
    taxes = [{"amount": 551, "tax_behavior": "exclusive", "tax_rate_details": {"tax_rate": "txr_1"}}]
    rates = [{"id": "txr_1", "display_name": "VAT", "percentage": 19.0}]
    invoice_id = an_invoice(
        desk, number="INV-7", total=3451, total_taxes=taxes, default_tax_rates=rates, created=NOVEMBER
    )
    charge = {"id": "ch_1", "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": "4242"}}}
    a_payment(desk, invoice_id, amount=3451, latest_charge=charge, at=NOVEMBER + timedelta(hours=1))

    shown = opened(invoice_id)

    assert (shown.heading, shown.badge, shown.lead, shown.total) == (
        "Invoice INV-7",
        "Paid",
        "Paid on 3 November 2026.",
        "€34.51",
    )
    assert [(line.label, line.amount) for line in shown.sum_rows] == [("Pro", "€29.00"), ("VAT 19%", "€5.51")]
    assert [happening.text for happening in shown.happenings] == ["€34.51 paid from Visa ending 4242", "Issued"]
    assert ("Name", "Ada Winter") in [(fact.label, fact.text) for fact in shown.recipient]
    assert (shown.due, shown.pay_url) == ("", "")


def test_an_open_invoice_says_what_is_due_and_where_it_can_be_paid(desk):
    due_at, sent = datetime(2026, 11, 12, tzinfo=UTC), datetime(2026, 10, 13, tzinfo=UTC)
    given = {"status": "open", "total": 47600, "due_at": due_at, "created": sent, "collection_method": "send_invoice"}
    invoice_id = an_invoice(desk, **given, hosted_invoice_url="https://pay.example/in_1")

    shown = opened(invoice_id)

    assert (shown.badge, shown.due) == ("Overdue", "€476.00")
    assert shown.lead == "Sent on 13 October 2026, due since 12 November 2026."
    assert (shown.pay_label, shown.pay_url) == ("Pay €476.00 on our payment page", "https://pay.example/in_1")


def test_a_failed_try_says_in_plain_words_why(desk):
    card = a_card(desk)
    invoice_id = an_invoice(desk, status="open", attempt_count=1, next_try_at=TODAY + timedelta(days=3))
    error = {"code": "card_declined", "decline_code": "insufficient_funds"}
    a_payment(desk, invoice_id, status="requires_payment_method", payment_method=card, error=error)

    shown = opened(invoice_id)

    assert shown.happenings[0].text == "There was not enough money on Visa ending 4242, so nothing was taken."
    assert (shown.happenings[0].kind, shown.next_try) == ("bad", "We try to charge it on 24 November 2026.")


def test_reverse_charge_part_payments_and_inclusive_taxes_are_told(desk):
    taxes = [
        {"amount": 0, "tax_behavior": "exclusive", "taxability_reason": "reverse_charge"},
        {"amount": 463, "tax_behavior": "inclusive"},
    ]
    invoice_id = an_invoice(desk, status="open", total_taxes=taxes, amount_paid=900, amount_remaining=2000)

    shown = opened(invoice_id)

    assert (shown.paid, shown.remaining) == ("−€9.00", "€20.00")
    assert shown.notes[:2] == ["Includes Tax: €4.63", "The recipient owes the VAT (reverse charge)."]


def test_credit_and_credit_notes_lead_to_what_is_left_to_pay(desk):
    given = {"status": "open", "total": 186200, "starting_balance": -24500, "ending_balance": 0}
    invoice_id = an_invoice(
        desk, **given, pre_payment_credit_notes_amount=10000, amount_due=151700, amount_remaining=151700
    )

    shown = opened(invoice_id)

    assert ("Your credit", "−€245.00") in [(line.label, line.amount) for line in shown.sum_rows]
    assert (shown.total_label, shown.total) == ("Amount due", "€1,617.00")
    assert (shown.credited, shown.remaining, shown.due) == ("−€100.00", "€1,517.00", "€1,517.00")


@pytest.mark.parametrize(("currency", "text"), [("jpy", "¥5,280"), ("kwd", "KWD\u00a05.280"), ("eur", "€52.80")])
def test_amounts_have_the_decimals_of_their_currency(desk, currency, text):
    invoice_id = an_invoice(desk, currency=currency, total=5280, lines=[a_line(amount=5280)])

    assert opened(invoice_id).total == text


def test_payment_methods_say_what_depends_on_them(desk):
    default = a_card(desk)
    a_card(desk, brand="mastercard", last4="4444", exp_month=12, exp_year=2026)
    a_customer(desk, default_payment_method=default)
    an_upcoming_invoice(desk, a_subscription(desk), due_at=datetime(2026, 12, 3, tzinfo=UTC), total=7616)
    tab = Tab(PaymentMethodsState, ADA, "/payment-methods")

    tab.does("load")

    first, second = tab.state.rows
    assert (first.name, first.is_default, first.sub) == ("Visa ending 4242", True, "Expires 08/2029. Used for Pro.")
    assert (second.name, second.warning, second.warning_kind) == ("Mastercard ending 4444", "Expires soon", "wait")
    assert tab.state.lead == "Your next payment of €76.16 on 3 December 2026 comes from Visa ending 4242."
