"""Invoices from the mirror: paged by keyset, found, summed up, and whose they are."""

from datetime import UTC, datetime, timedelta

import pytest

from portal_app.kit.clock import now
from portal_app.kit.errors import NotAllowed, NotFound
from portal_app.kit.money import Money
from portal_app.services import configuration, invoices
from portal_app.services.invoices import Filter, Outstanding
from tests.mirrored import a_card, a_customer, a_line, a_payment, a_product, an_invoice, an_invoice_of, put

YESTERDAY, TOMORROW = now() - timedelta(days=1), now() + timedelta(days=1)
A_TRY = {"status": "open", "attempt_count": 1}


@pytest.fixture(autouse=True)
def ada(desk):
    a_product(desk)
    return a_customer(desk)


def many(
    desk, number: int, customer_id: str = "cus_ada", start: datetime = datetime(2026, 1, 1, tzinfo=UTC)
) -> list[str]:
    """Invoices an hour apart, the oldest first."""
    made = [an_invoice_of(customer_id, created=start + timedelta(hours=hour)) for hour in range(number)]
    put(desk, *made)
    return [one["id"] for one in made]


def shown(page: invoices.Page) -> list[str]:
    return [row.id for row in page.rows]


def test_the_newest_come_first_25_at_a_time(desk, ada):
    made = many(desk, 60)

    first = invoices.page(desk, ada)
    second = invoices.page(desk, ada, after=first.rows[-1].id)
    third = invoices.page(desk, ada, after=second.rows[-1].id)

    assert shown(first) + shown(second) + shown(third) == made[::-1]
    assert [page.has_more for page in (first, second, third)] == [True, True, False]
    assert {page.total for page in (first, second, third)} == {60}


def test_given_an_invoice_comes_while_reading_then_no_row_is_shown_twice_or_missed(desk, ada):
    made = many(desk, 30)
    first = invoices.page(desk, ada)

    an_invoice(desk, created=now())
    second = invoices.page(desk, ada, after=first.rows[-1].id)

    assert shown(first) + shown(second) == made[::-1]


def test_given_many_of_the_same_second_then_each_is_shown_once(desk, ada):
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    made = [an_invoice_of(created=moment) for _place in range(40)]
    put(desk, *made)

    first = invoices.page(desk, ada)
    second = invoices.page(desk, ada, after=first.rows[-1].id)

    assert sorted(shown(first) + shown(second)) == sorted(one["id"] for one in made)


def test_given_adas_invoices_when_bea_pages_after_one_of_them_then_it_is_not_found(desk, ada):
    bea = a_customer(desk, "cus_bea")
    hers = many(desk, 3, ada)
    theirs = many(desk, 2, bea)

    with pytest.raises(NotFound):
        invoices.page(desk, bea, after=hers[0])

    assert shown(invoices.page(desk, bea)) == theirs[::-1]


def test_given_adas_invoice_when_bea_asks_for_it_then_it_is_not_found(desk, ada):
    bea = a_customer(desk, "cus_bea")
    invoice_id = an_invoice(desk, ada)

    with pytest.raises(NotFound):
        invoices.get(desk, bea, invoice_id)


def test_given_a_draft_then_nobody_sees_it(desk, ada):
    invoice_id = an_invoice(desk, status="draft")

    found = invoices.page(desk, ada)

    assert (found.rows, found.total) == ((), 0)
    with pytest.raises(NotFound):
        invoices.get(desk, ada, invoice_id)


def test_given_the_merchant_shows_no_invoices_then_asking_is_refused(desk, ada):
    invoice_id = an_invoice(desk)
    configuration.publish(desk, {"invoice_history": False}, seen_version=0)

    with pytest.raises(NotAllowed):
        invoices.page(desk, ada)
    with pytest.raises(NotAllowed):
        invoices.get(desk, ada, invoice_id)


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({"status": "paid"}, "paid"),
        ({"status": "void"}, "void"),
        ({"status": "uncollectible"}, "written_off"),
        ({"status": "open", "due_at": TOMORROW}, "due"),
        ({"status": "open", "due_at": YESTERDAY}, "overdue"),
        ({"status": "open", "attempt_count": 0}, "due"),
        (A_TRY, "overdue"),
    ],
)
def test_every_status_of_stripe_has_a_word_of_ours(desk, ada, given, state):
    an_invoice(desk, **given)

    (found,) = invoices.page(desk, ada).rows

    assert found.state == state


@pytest.mark.parametrize(("status", "state"), [("processing", "processing"), ("requires_action", "confirm")])
def test_given_a_payment_under_way_then_the_invoice_says_so(desk, ada, status, state):
    invoice_id = an_invoice(desk, **A_TRY)
    a_payment(desk, invoice_id, status="requires_payment_method", at=YESTERDAY)
    a_payment(desk, invoice_id, status=status)

    (found,) = invoices.page(desk, ada).rows

    assert found.state == state


def test_a_year_is_counted_where_the_customer_is(desk, ada):
    new_year = an_invoice(desk, created=datetime(2025, 12, 31, 23, 30, tzinfo=UTC))

    in_berlin = invoices.page(desk, ada, Filter(year=2026, zone="Europe/Berlin"))
    in_london = invoices.page(desk, ada, Filter(year=2026, zone="Europe/London"))

    assert (shown(in_berlin), shown(in_london)) == ([new_year], [])


def test_the_years_are_those_that_hold_invoices(desk, ada):
    an_invoice(desk, created=datetime(2024, 5, 1, tzinfo=UTC))
    an_invoice(desk, created=datetime(2026, 5, 1, tzinfo=UTC))

    assert invoices.years(desk, ada) == [2026, 2025, 2024]
    assert invoices.years(desk, a_customer(desk, "cus_bea")) == []


@pytest.mark.parametrize(
    ("status", "numbers"), [("", {"A", "B", "C", "D"}), ("open", {"B"}), ("paid", {"A"}), ("closed", {"C", "D"})]
)
def test_a_status_narrows_the_list(desk, ada, status, numbers):
    for number, given in (("A", "paid"), ("B", "open"), ("C", "void"), ("D", "uncollectible")):
        an_invoice(desk, number=number, status=given)

    found = invoices.page(desk, ada, Filter(status=status))

    assert {row.number for row in found.rows} == numbers
    assert found.total == len(numbers)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("inv-00", {"INV-0042", "INV-0077"}),
        ("0042", {"INV-0042"}),
        ("%", set()),
        ("595", {"INV-0042"}),
        ("€595.00", {"INV-0042"}),
        ("595,00 €", {"INV-0042"}),
        ("1,785.00", {"INV-0077"}),
        ("1.785,00", {"INV-0077"}),
        ("5280", {"JP-1"}),
        ("1.234", {"KW-1"}),
        ("9" * 40, set()),
        ("nothing", set()),
    ],
)
def test_text_finds_a_number_or_an_amount(desk, ada, text, expected):
    an_invoice(desk, number="INV-0042", total=59500)
    an_invoice(desk, number="INV-0077", total=178500)
    an_invoice(desk, number="JP-1", currency="jpy", total=5280)
    an_invoice(desk, number="KW-1", currency="kwd", total=1234)

    found = invoices.page(desk, ada, Filter(text=text))

    assert {row.number for row in found.rows} == expected


def test_a_row_says_what_it_is_for(desk, ada):
    a_product(desk, "Storage 100 GB")
    lines = [a_line(quantity=2), a_line("prod_storage_100_gb", 600), a_line(amount=-5, proration=True)]
    an_invoice(desk, lines=lines)

    (found,) = invoices.page(desk, ada).rows

    assert [(one.name, one.quantity) for one in found.about] == [("Pro", 2), ("Storage 100 GB", 1)]


def test_given_a_line_without_a_product_then_stripes_words_are_used(desk, ada):
    an_invoice(desk, lines=[a_line("", 60000, description="Onboarding, 6 hours")])

    (found,) = invoices.page(desk, ada).rows

    assert [one.name for one in found.about] == ["Onboarding, 6 hours"]


def test_what_is_owed_is_summed_in_each_currency(desk, ada):
    an_invoice(desk, status="open", total=1000)
    an_invoice(desk, status="open", total=500, amount_remaining=200)
    an_invoice(desk, status="open", currency="usd", total=700)
    an_invoice(desk, status="paid", total=900)
    an_invoice(desk, a_customer(desk, "cus_bea"), status="open", total=1)

    owed = invoices.outstanding(desk, ada)

    assert owed == [Outstanding(Money(1200, "eur"), 2), Outstanding(Money(700, "usd"), 1)]
    assert [row.remaining.amount for row in invoices.open_for(desk, ada)] == [1000, 200, 700]


def test_one_invoice_tells_each_try_to_pay_it(desk, ada):
    card = a_card(desk, last4="0341", exp_month=10, exp_year=2025)
    invoice_id = an_invoice(desk, **A_TRY, hosted_invoice_url="https://pay.example/in_1")
    error = {"code": "card_declined", "decline_code": "insufficient_funds", "payment_method": {"id": card}}
    a_payment(desk, invoice_id, status="requires_payment_method", error=error, at=YESTERDAY)

    found = invoices.get(desk, ada, invoice_id)

    (attempt,) = found.attempts
    assert (attempt.state, attempt.decline_code, attempt.payment_method.last4) == (
        "failed",
        "insufficient_funds",
        "0341",
    )
    assert found.hosted_url == "https://pay.example/in_1"


def test_one_invoice_is_made_out_to_whom_it_was_when_it_was_finalized(desk, ada):
    invoice_id = an_invoice(
        desk,
        customer_name="Aalto Tools Oy",
        customer_address={"line1": "Kalevankatu 8", "city": "Helsinki", "country": "FI"},
        customer_tax_ids=[{"type": "eu_vat", "value": "FI12345678"}],
        custom_fields=[{"name": "PO", "value": "88-410"}],
    )

    found = invoices.get(desk, ada, invoice_id)

    assert (found.recipient.name, found.recipient.address.city) == ("Aalto Tools Oy", "Helsinki")
    assert (found.recipient.tax_ids, found.fields) == (("FI12345678",), (("PO", "88-410"),))


def test_amounts_keep_the_currencys_own_units(desk, ada):
    yen, dinar = (
        an_invoice(desk, currency=currency, total=total, lines=[a_line(amount=total)])
        for currency, total in (("jpy", 5280), ("kwd", 1234))
    )

    found = [invoices.get(desk, ada, one).sum.total for one in (yen, dinar)]

    assert found == [Money(5280, "jpy"), Money(1234, "kwd")]
