import pytest

from portal_app.documents.invoice_sums import sums_of
from portal_app.documents.invoice_text import read_invoice
from portal_app.documents.speech import Speech
from tests.documents.samples import VAT, a_line, a_paid_invoice, a_tax, an_invoice

ENGLISH = Speech("en", "UTC", "eur")


def sums(invoice: dict) -> list[tuple[str, str]]:
    return [(one.label, one.amount) for one in sums_of(invoice, ENGLISH)]


def a_coupon(name: str = "Launch offer", percent_off: float | None = 10.0) -> dict:
    return {"id": "di_1", "source": {"type": "coupon", "coupon": {"name": name, "percent_off": percent_off}}}


def test_given_nothing_to_add_up_when_it_is_summed_then_the_total_stands_alone():
    assert sums(an_invoice()) == [("Total", "€476.00")]


@pytest.mark.parametrize(
    ("discount", "discounts", "label"),
    [
        ("di_1", ["di_1"], "Discount"),
        ("di_1", [a_coupon()], "Launch offer, 10% off"),
        (a_coupon(percent_off=None), [], "Launch offer"),
        ({"id": "di_1", "coupon": {"name": "Old shape", "percent_off": 12.5}}, [], "Old shape, 12.5% off"),
        ({"id": "di_1", "source": {"type": "coupon", "coupon": "launch"}}, [], "Discount"),
    ],
)
def test_given_a_discount_when_it_is_summed_then_it_is_taken_off_under_its_name(discount, discounts, label):
    invoice = an_invoice(discounts=discounts, total_discount_amounts=[{"amount": 4760, "discount": discount}])

    assert sums(invoice)[:2] == [("Subtotal", "€476.00"), (label, "−€47.60")]


def test_given_a_discount_of_one_line_when_it_is_read_then_it_stands_below_that_line_only():
    given = {"amount": 3920, "discount": "di_1"}
    line = a_line(discounts=["di_1"], discount_amounts=[given])
    invoice = an_invoice(lines=[line], total_discount_amounts=[given], discounts=[a_coupon()])

    text = read_invoice(invoice, ENGLISH)

    assert text.entries[0].details[1:] == ("Launch offer, 10% off −€39.20",)
    assert [one.label for one in text.sums] == ["Total"]


def test_given_several_rates_when_they_are_summed_then_each_names_its_share_and_what_it_is_taken_on():
    reduced = VAT | {"id": "txr_7", "display_name": "VAT reduced", "effective_percentage": 7.0}
    invoice = an_invoice(
        default_tax_rates=[VAT, reduced],
        total_taxes=[a_tax(1900, 10000), a_tax(1400, 20000, "txr_7")],
        total_excluding_tax=30000,
    )

    assert sums(invoice)[1:4] == [
        ("Total excluding tax", "€300.00"),
        ("VAT 19% on €100.00", "€19.00"),
        ("VAT reduced 7% on €200.00", "€14.00"),
    ]


def test_given_a_rate_that_stripe_names_by_id_only_when_it_is_summed_then_the_share_is_left_out():
    invoice = an_invoice(total_taxes=[a_tax(1900, 10000)], lines=[a_line(taxes=[a_tax(1900, 10000)])])

    assert ("Tax on €100.00", "€19.00") in sums(invoice)
    assert read_invoice(invoice, ENGLISH).entries[0].tax == ""


def test_given_a_rate_that_came_expanded_when_it_is_summed_then_its_share_is_known():
    tax = a_tax(1900, 10000) | {
        "tax_rate_details": {"tax_rate": VAT | {"percentage": 19.25, "effective_percentage": None}}
    }

    assert ("VAT 19.25% on €100.00", "€19.00") in sums(an_invoice(total_taxes=[tax]))


def test_given_a_reverse_charge_when_it_is_read_then_it_is_named_though_nothing_is_taken():
    invoice = an_invoice(
        total_taxes=[a_tax(0, 47600, taxability_reason="reverse_charge")],
        default_tax_rates=[VAT | {"effective_percentage": 0.0}],
    )

    text = read_invoice(invoice, ENGLISH)

    assert ("VAT 0%, reverse charge", "€0.00") in sums(invoice)
    assert text.notes == ("Reverse charge: the recipient owes the tax.",)


def test_given_taxes_that_are_not_collected_when_it_is_summed_then_they_are_not_named():
    invoice = an_invoice(total_taxes=[a_tax(0, 47600, taxability_reason="not_collecting")])

    assert sums(invoice) == [("Total", "€476.00")]


@pytest.mark.parametrize(
    ("changes", "rows"),
    [
        (
            {"starting_balance": -10000, "ending_balance": -2000, "amount_remaining": 39600},
            [("Credit applied", "−€80.00"), ("Amount due", "€396.00")],
        ),
        (
            {"starting_balance": 500, "ending_balance": 0, "amount_remaining": 48100},
            [("Earlier balance", "€5.00"), ("Amount due", "€481.00")],
        ),
        (
            {"pre_payment_credit_notes_amount": 1000, "amount_remaining": 46600},
            [("Credit notes", "−€10.00"), ("Amount due", "€466.00")],
        ),
        (
            {"amount_paid": 47600, "amount_remaining": 0, "post_payment_credit_notes_amount": 4760},
            [("Paid", "−€476.00"), ("Amount due", "€0.00"), ("Credited after payment", "−€47.60")],
        ),
        ({"starting_balance": -10000, "ending_balance": None}, []),
    ],
)
def test_given_what_settles_an_invoice_when_it_is_summed_then_the_total_leads_to_what_is_due(changes, rows):
    assert sums(an_invoice(**changes)) == [("Total", "€476.00"), *rows]


def test_given_shipping_when_it_is_summed_then_it_stands_before_the_taxes():
    invoice = a_paid_invoice(shipping_cost={"amount_subtotal": 990, "amount_tax": 188, "amount_total": 1178})

    assert [label for label, _ in sums(invoice)][:4] == [
        "Subtotal",
        "Shipping",
        "Total excluding tax",
        "VAT 19% on €400.00",
    ]


def test_given_an_invoice_in_german_when_it_is_read_then_figures_and_days_are_german():
    text = read_invoice(a_paid_invoice(), Speech("de", "Europe/Berlin", "eur"))

    assert text.headline[1] == "476,00\u00a0€"
    assert text.entries[0].tax == "19\u00a0%"
    assert "3. November 2026" in text.headline[2]


def test_given_a_delivery_elsewhere_when_it_is_read_then_the_second_address_is_told():
    shipping = {"name": "Aalto Lager", "address": {"line1": "Satama 1", "city": "Turku", "country": "FI"}}

    text = read_invoice(an_invoice(customer_shipping=shipping), ENGLISH)

    assert text.shipped_to == ("Aalto Lager", "Satama 1", "Turku", "Finland")


def test_given_a_delivery_to_the_same_address_when_it_is_read_then_it_is_told_once():
    invoice = an_invoice()
    invoice["customer_shipping"] = {"name": "Aalto", "address": invoice["customer_address"]}

    assert read_invoice(invoice, ENGLISH).shipped_to == ()


def test_given_a_metered_price_and_a_fraction_of_a_piece_when_it_is_read_then_no_digit_is_dropped():
    line = a_line(125, "API calls", quantity=500, quantity_decimal="500.25", pricing={"unit_amount_decimal": "0.25"})

    entry = read_invoice(an_invoice(lines=[line]), ENGLISH).entries[0]

    assert (entry.quantity, entry.unit_price, entry.amount) == ("500.25", "€0.0025", "€1.25")
