"""Finn's company: ten years of invoices, sent and paid by bank transfer."""

from portal_app.sandbox.account import Object
from portal_app.sandbox.billing.invoices import Draft, finalize, make_draft, mark_paid
from portal_app.sandbox.billing.lines import Line
from portal_app.sandbox.shop.story import DAY, Story

DUBLIN = {"line1": "14 Sir John Rogerson's Quay", "postal_code": "D02 T380", "city": "Dublin", "country": "IE"}
# With three open ones and the one of the credit note, twelve hundred in all.
PAID_EARLIER = 1_196
YEARS = 10
LONG_ONE = 1_100
TERM = 30


def finn(story: Story) -> None:
    """1,200 invoices over ten years, three of them open, credit on the balance, a credit note."""

    def arrive() -> None:
        customer = story.customer(
            "finn",
            (),
            name="Harbour Freight Ltd",
            description="Finn Murphy, accounts",
            address=DUBLIN,
            tax_exempt="reverse",
        )
        story.post(f"customers/{customer}/tax_ids", type="eu_vat", value="IE6388047V")

    story.at(story.day(-YEARS * 365), arrive)
    span = YEARS * 365 - 60
    for number in range(PAID_EARLIER):
        bill_moment = story.day(-YEARS * 365 + 1 + number * span // PAID_EARLIER, 7, number % 60)
        story.at(bill_moment, lambda number=number: _paid(story, number))
    story.at(story.day(-52), lambda: _credited(story))
    story.at(story.day(-40), lambda: _open(story, "overdue", 38))
    story.at(story.day(-20), lambda: _subscribe(story))
    story.at(story.day(-6), lambda: _open(story, "open", 5))
    story.at(story.day(-2), lambda: _thank(story))


def _paid(story: Story, number: int) -> None:
    """One of the many: made like any other, and paid by transfer some weeks later."""
    account = story.account
    customer = account.get("customer", story.names["finn"]["customer"])
    now = account.now(customer)
    seats = 5 + (number * 7) % 31
    lines = [Line(seats * 4_900, "eur", f"{seats} × Team (at €49.00 / seat)", now, now + 3 * DAY, quantity=seats)]
    if number == LONG_ONE:
        lines = [Line(1_500 + 10 * n, "eur", f"Brush collection no. {n + 1}", now, now) for n in range(60)]
    invoice = make_draft(account, customer, Draft("manual", "eur", lines, collection_method="send_invoice"))
    finalize(account, invoice, has_payment=False)
    account.moment = now + (9 + number % 17) * DAY
    mark_paid(account, invoice, invoice["amount_due"], is_out_of_band=True)
    account.moment = now


def _draft(story: Story, seats: int, words: str) -> Object:
    customer = story.names["finn"]["customer"]
    draft = story.post("invoices", customer=customer, collection_method="send_invoice", days_until_due=TERM)
    story.post(
        "invoiceitems",
        customer=customer,
        invoice=draft["id"],
        currency="eur",
        quantity=seats,
        unit_amount_decimal="4900",
        description=words,
    )
    return draft


def _open(story: Story, name: str, seats: int) -> None:
    draft = _draft(story, seats, f"{seats} additional Team seats")
    story.post(f"invoices/{draft['id']}/send")
    story.note("finn", **{name: draft["id"]})


def _credited(story: Story) -> None:
    draft = _draft(story, 20, "20 additional Team seats")
    story.post(f"invoices/{draft['id']}/send")
    story.post(f"invoices/{draft['id']}/pay", paid_out_of_band=True)
    note = story.post(
        "credit_notes",
        invoice=draft["id"],
        amount=24_500,
        credit_amount=24_500,
        reason="order_change",
        memo="Five seats were not needed after all.",
    )
    story.note("finn", credited=draft["id"], credit_note=note["id"])


def _thank(story: Story) -> None:
    customer = story.names["finn"]["customer"]
    story.post(f"customers/{customer}/balance_transactions", amount=-15_000, currency="eur", description="Ten years")


def _subscribe(story: Story) -> None:
    subscription = story.subscribe(
        "finn",
        "subscription",
        "team_monthly_eur",
        quantity=25,
        collection_method="send_invoice",
        days_until_due=TERM,
    )
    invoice = story.get(f"subscriptions/{subscription}")["latest_invoice"]
    story.note("finn", of_subscription=invoice)
