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
