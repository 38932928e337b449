"""What an invoice adds up to: taxes, discounts, credit, currencies."""

from decimal import Decimal

import pytest
import stripe

from tests.sandbox.test_invoices import an_invoice


def vat(merchant, percentage: float = 19, is_inclusive: bool = False):
    """A tax rate."""
    return merchant.v1.tax_rates.create(
        {"display_name": "VAT", "percentage": percentage, "inclusive": is_inclusive, "country": "DE"}
    )


def test_tax_is_added_line_by_line(merchant):
    rate = vat(merchant)
    prices = [merchant.a_price(2900), merchant.a_price(600)]
    items = [{"price": prices[0].id, "quantity": 2}, {"price": prices[1].id}]

    subscription = merchant.a_subscription(items=items, default_tax_rates=[rate.id], expand=["latest_invoice"])

    invoice = subscription.latest_invoice
    assert (invoice.subtotal, invoice.total_excluding_tax, invoice.total) == (6400, 6400, 7616)
    assert [line.taxes[0].amount for line in invoice.lines.data] == [1102, 114]
    assert invoice.total_taxes[0].amount == 1216
    assert invoice.total_taxes[0].taxable_amount == 6400
    assert invoice.total_taxes[0].tax_rate_details.tax_rate == rate.id
    assert subscription.default_tax_rates[0].percentage == 19


def test_inclusive_tax_is_inside_the_price(merchant):
    rate = vat(merchant, 20, is_inclusive=True)

    invoice = an_invoice(merchant, merchant.a_customer(), 1200, default_tax_rates=[rate.id])

    assert (invoice.subtotal, invoice.total, invoice.total_excluding_tax) == (1200, 1200, 1000)
    assert invoice.total_taxes[0].amount == 200


def test_reverse_charge_adds_no_tax_and_says_so(merchant):
    customer = merchant.a_customer(tax_exempt="reverse")

    invoice = an_invoice(merchant, customer, 1000, default_tax_rates=[vat(merchant).id])

    assert invoice.total == 1000
    assert invoice.total_taxes[0].taxability_reason == "reverse_charge"


def test_a_coupon_for_three_months_ends_after_three_invoices(merchant):
    coupon = merchant.v1.coupons.create({"percent_off": 20, "duration": "repeating", "duration_in_months": 3})
    subscription = merchant.a_subscription(discounts=[{"coupon": coupon.id}])

    merchant.advance(days=130)

    assert [i.total for i in merchant.invoices_of(subscription)][:5] == [800, 800, 800, 1000, 1000]


def test_a_code_is_good_for_one_invoice_and_then_taken_off(merchant):
    coupon = merchant.v1.coupons.create({"amount_off": 300, "currency": "eur", "duration": "once"})
    code = merchant.v1.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "HELLO", "max_redemptions": 1}
    )
    found = merchant.v1.promotion_codes.list({"code": "hello", "active": True}).data[0]

    subscription = merchant.a_subscription(discounts=[{"promotion_code": found.id}], expand=["latest_invoice"])

    invoice = subscription.latest_invoice
    assert (invoice.subtotal, invoice.total) == (1000, 700)
    assert invoice.total_discount_amounts[0].amount == 300
    assert subscription.discounts == []
    assert merchant.v1.promotion_codes.retrieve(code.id).times_redeemed == 1
    with pytest.raises(stripe.InvalidRequestError):
        merchant.a_subscription(discounts=[{"promotion_code": found.id}])


def test_tax_comes_after_the_discount(merchant):
    coupon = merchant.v1.coupons.create({"percent_off": 50, "duration": "forever"})

    subscription = merchant.a_subscription(
        discounts=[{"coupon": coupon.id}], default_tax_rates=[vat(merchant).id], expand=["latest_invoice", "discounts"]
    )

    assert subscription.latest_invoice.total == 595
    assert subscription.discounts[0].source.coupon == coupon.id


# Balance and credit notes ----------------------------------------------------------------------------------------


def test_credit_is_used_up_by_invoices(merchant):
    customer = merchant.a_customer()
    merchant.v1.customers.balance_transactions.create(customer.id, {"amount": -1400, "currency": "eur"})

    subscription = merchant.a_subscription(customer, expand=["latest_invoice"])
    merchant.advance(days=32)

    first, second = merchant.invoices_of(subscription)
    assert (first.starting_balance, first.ending_balance, first.amount_due) == (-1400, -400, 0)
    assert (second.starting_balance, second.ending_balance, second.amount_due) == (-400, 0, 600)
    moved = merchant.v1.customers.balance_transactions.list(customer.id).data
    assert [(t.amount, t.type) for t in moved] == [
        (400, "applied_to_invoice"),
        (1000, "applied_to_invoice"),
        (-1400, "adjustment"),
    ]


def test_a_credit_note_lowers_what_is_open(merchant):
    customer = merchant.a_customer()
    invoice = merchant.v1.invoices.finalize_invoice(
        an_invoice(merchant, customer, 1000, default_tax_rates=[vat(merchant).id]).id
    )

    note = merchant.v1.credit_notes.create({"invoice": invoice.id, "amount": 119})

    after = merchant.v1.invoices.retrieve(invoice.id)
    assert (note.type, note.total, note.subtotal, note.total_taxes[0].amount) == ("pre_payment", 119, 100, 19)
    assert (after.amount_remaining, after.pre_payment_credit_notes_amount) == (1071, 119)
    assert merchant.v1.invoices.pay(invoice.id).amount_paid == 1071


def test_a_credit_note_gives_back_what_was_paid(merchant):
    subscription = merchant.a_subscription()
    invoice = merchant.invoices_of(subscription)[0]
    v1 = merchant.v1

    note = v1.credit_notes.create({"invoice": invoice.id, "amount": 500, "refund_amount": 200, "credit_amount": 300})

    assert (note.type, note.post_payment_amount) == ("post_payment", 500)
    assert v1.refunds.list().data[0].amount == 200
    assert v1.customers.retrieve(subscription.customer).balance == -300
    assert v1.invoices.retrieve(invoice.id).post_payment_credit_notes_amount == 500


@pytest.mark.parametrize("parts", [{}, {"refund_amount": 400}, {"credit_amount": 400, "refund_amount": 200}])
def test_the_parts_of_a_credit_note_must_add_up(merchant, parts):
    invoice = merchant.invoices_of(merchant.a_subscription())[0]

    with pytest.raises(stripe.InvalidRequestError):
        merchant.v1.credit_notes.create({"invoice": invoice.id, "amount": 500} | parts)


def test_a_credit_note_can_be_previewed(merchant):
    invoice = merchant.invoices_of(merchant.a_subscription())[0]

    preview = merchant.v1.credit_notes.preview({"invoice": invoice.id, "amount": 500, "credit_amount": 500})

    assert preview.total == 500
    assert merchant.v1.credit_notes.list().data == []


# Currencies ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("currency", "amount", "words"),
    [("jpy", 5280, "¥5280"), ("kwd", 9500, "KWD 9.500"), ("eur", 2900, "€29.00"), ("chf", 29000, "CHF 290.00")],
)
def test_each_currency_has_its_own_minor_unit(merchant, currency, amount, words):
    subscription = merchant.a_subscription(price=merchant.a_price(amount, currency), expand=["latest_invoice"])

    invoice = subscription.latest_invoice
    assert (invoice.currency, invoice.total, invoice.status) == (currency, amount, "paid")
    assert invoice.lines.data[0].description == f"1 × Pro (at {words} / month)"


def test_yen_are_prorated_to_whole_yen(merchant):
    subscription = merchant.a_subscription(price=merchant.a_price(1000, "jpy"))
    item = subscription["items"].data[0]
    third = item.current_period_start + (item.current_period_end - item.current_period_start) // 3
    merchant.advance(to=third)

    merchant.v1.subscriptions.update(
        subscription.id,
        {
            "items": [{"id": item.id, "price": merchant.a_price(2000, "jpy").id}],
            "proration_behavior": "always_invoice",
            "proration_date": third,
        },
    )

    assert [line.amount for line in merchant.invoices_of(subscription)[-1].lines.data] == [-667, 1333]


def test_a_price_may_have_fractions_of_a_cent(merchant):
    price = merchant.v1.prices.create(
        {
            "unit_amount_decimal": Decimal("0.25"),
            "currency": "eur",
            "product_data": {"name": "Sheet"},
            "recurring": {"interval": "month"},
        }
    )

    subscription = merchant.a_subscription(items=[{"price": price.id, "quantity": 1001}], expand=["latest_invoice"])

    line = subscription.latest_invoice.lines.data[0]
    assert (price.unit_amount, line.amount, line.description) == (None, 250, "1001 × Sheet (at €0.0025 / month)")
