"""Invoices by hand, their sums, taxes, discounts, credit and currencies."""

import pytest
import stripe

from tests.sandbox.merchant import DAY


def an_invoice(merchant, customer, *amounts: int, **more):
    """A draft with a line for each amount."""
    draft = merchant.v1.invoices.create({"customer": customer.id} | more)
    for number, amount in enumerate(amounts):
        merchant.v1.invoice_items.create(
            {
                "customer": customer.id,
                "invoice": draft.id,
                "amount": amount,
                "currency": draft.currency,
                "description": f"Line {number + 1}",
            }
        )
    return merchant.v1.invoices.retrieve(draft.id)


def vat(merchant, percentage: float = 19, is_inclusive: bool = False):
    """A tax rate."""
    return merchant.v1.tax_rates.create(
        {"display_name": "VAT", "percentage": percentage, "inclusive": is_inclusive, "country": "DE"}
    )


def test_a_draft_is_finalized_numbered_and_paid(merchant):
    customer = merchant.a_customer()
    draft = an_invoice(merchant, customer, 1200, 300)
    assert (draft.status, draft.total, draft.number, draft.hosted_invoice_url) == ("draft", 1500, None, None)

    open_one = merchant.v1.invoices.finalize_invoice(draft.id)
    paid = merchant.v1.invoices.pay(draft.id, {"expand": ["payments.data.payment.payment_intent"]})

    assert (open_one.status, open_one.amount_due, open_one.amount_remaining) == ("open", 1500, 1500)
    assert open_one.number.endswith("-0001")
    assert open_one.hosted_invoice_url.startswith(merchant.url)
    assert (paid.status, paid.amount_paid, paid.amount_remaining) == ("paid", 1500, 0)
    assert paid.payments.data[0].payment.payment_intent.amount_received == 1500


def test_long_invoices_show_ten_lines_and_list_the_rest(merchant):
    draft = an_invoice(merchant, merchant.a_customer(), *range(100, 1300, 100))

    lines = list(merchant.v1.invoices.line_items.list(draft.id, {"limit": 5}).auto_paging_iter())

    assert (len(draft.lines.data), draft.lines.has_more) == (10, True)
    assert [line.amount for line in lines] == list(range(100, 1300, 100))


def test_pending_items_go_out_with_the_next_renewal(merchant):
    subscription = merchant.a_subscription()
    merchant.v1.invoice_items.create(
        {"customer": subscription.customer, "amount": 250, "currency": "eur", "description": "Extra"}
    )

    merchant.advance(days=32)

    assert [line.amount for line in merchant.invoices_of(subscription)[-1].lines.data] == [250, 1000]
    assert merchant.v1.invoice_items.list({"pending": True}).data == []


def test_states_follow_each_other_only_as_stripe_allows(merchant):
    customer = merchant.a_customer()
    v1 = merchant.v1.invoices
    given_up = v1.finalize_invoice(an_invoice(merchant, customer, 500).id)

    given_up = v1.mark_uncollectible(given_up.id)
    assert (given_up.status, given_up.status_details.uncollectible.reason) == ("uncollectible", "user_forgiven")
    assert v1.pay(given_up.id).status == "paid"
    for deed in (v1.pay, v1.void_invoice, v1.finalize_invoice, v1.mark_uncollectible):
        with pytest.raises(stripe.InvalidRequestError):
            deed(given_up.id)


def test_a_void_invoice_cancels_its_payment(merchant):
    invoice = merchant.v1.invoices.finalize_invoice(an_invoice(merchant, merchant.a_customer(), 500).id)

    void = merchant.v1.invoices.void_invoice(invoice.id, {"expand": ["payments"]})

    assert (void.status, void.payments.data[0].status) == ("void", "canceled")
    assert void.status_transitions.voided_at


def test_a_draft_can_be_deleted_and_a_bill_cannot(merchant):
    customer = merchant.a_customer()
    draft, bill = an_invoice(merchant, customer, 500), an_invoice(merchant, customer, 500)
    merchant.v1.invoices.finalize_invoice(bill.id)

    merchant.v1.invoices.delete(draft.id)

    with pytest.raises(stripe.InvalidRequestError):
        merchant.v1.invoices.delete(bill.id)
    assert [i.id for i in merchant.v1.invoices.list().data] == [bill.id]


def test_an_invoice_paid_elsewhere_is_paid_without_a_charge(merchant):
    customer = merchant.a_customer(card=None)
    draft = an_invoice(merchant, customer, 900, collection_method="send_invoice", days_until_due=10)

    sent = merchant.v1.invoices.send_invoice(draft.id)
    paid = merchant.v1.invoices.pay(sent.id, {"paid_out_of_band": True})

    assert sent.due_date == pytest.approx(merchant.now() + 10 * DAY, abs=5)
    assert (paid.status, paid.amount_paid) == ("paid", 900)
    assert merchant.v1.charges.list().data == []
    assert len(merchant.events("invoice.sent")) == 1


def test_nothing_to_pay_is_paid_at_once(merchant):
    invoice = merchant.v1.invoices.finalize_invoice(an_invoice(merchant, merchant.a_customer(card=None), 0).id)

    assert (invoice.status, invoice.amount_due) == ("paid", 0)


def test_too_little_for_a_card_is_owed_with_the_next_invoice(merchant):
    customer = merchant.a_customer()

    invoice = merchant.v1.invoices.finalize_invoice(an_invoice(merchant, customer, 30).id)

    assert (invoice.status, invoice.ending_balance) == ("paid", 30)
    assert merchant.v1.customers.retrieve(customer.id).balance == 30
    assert merchant.v1.charges.list().data == []


# Taxes and discounts ---------------------------------------------------------------------------------------------


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
