"""Finn's company: ten years of invoices, sent and paid by bank transfer."""

from portal_app.sandbox.account import Object
from portal_app.sandbox.billing.invoices import Draft, finalize, make_draft, mark_paid
from portal_app.sandbox.billing.lines import Line
from portal_app.sandbox.shop.story import DAY, Story

DUBLIN = {"line1": "14 Sir John Rogerson's Quay", "postal_code": "D02 T380", "city": "Dublin", "country": "IE"}
# With three open ones and the one of the credit note, twelve hundred in all.
PAID_EARLIER = 1_196
YEARS = 10
TERM = 30
SEAT = 4_900
LONG_ONE = 1_100
SIXTY = [(1_500 + 10 * n, f"Brush collection no. {n + 1}") for n in range(60)]
AMOUNTS = ("amount_due", "amount_paid", "amount_paid_off_stripe", "subtotal", "subtotal_excluding_tax", "total")
AMOUNTS += ("total_excluding_tax",)
MOMENTS = ("created", "effective_at", "period_start", "period_end", "webhooks_delivered_at")


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
    story.at(_moment(story, 0), lambda: _begin(story))
    story.at(_moment(story, LONG_ONE), lambda: _write_long_one(story))
    story.at(story.day(-52), lambda: _credited(story))
    story.at(story.day(-40), lambda: _open(story, "overdue", 38))
    story.at(story.day(-20), lambda: _subscribe(story))
    story.at(story.day(-6), lambda: _open(story, "open", 5))
    story.at(story.day(-2), lambda: _thank(story))


def _moment(story: Story, number: int) -> int:
    """When one of the many was written."""
    span = YEARS * 365 - 60
    return story.day(-YEARS * 365 + 1 + number * span // PAID_EARLIER, 7, number % 60)


def _write_long_one(story: Story) -> None:
    _bill(story, LONG_ONE, SIXTY)


def _begin(story: Story) -> None:
    """The first is made like any other; those that follow are written down after its model."""
    model = _bill(story, 0, [(_seats(0) * SEAT, _words(0))])
    customer = story.account.get("customer", story.names["finn"]["customer"])
    for number in range(1, PAID_EARLIER):
        if number != LONG_ONE:
            story.account.put(_like(story, model, number))
    # The sixty-line invoice, made later, finds its number free.
    customer["next_invoice_sequence"] = LONG_ONE + 1
    story.account.put(customer)


def _seats(number: int) -> int:
    return 5 + (number * 7) % 31


def _words(number: int) -> str:
    return f"{_seats(number)} × Team (at €49.00 / seat)"


def _bill(story: Story, number: int, lines: list[tuple[int, str]]) -> Object:
    """A sent invoice, paid by transfer some weeks later."""
    account = story.account
    customer = account.get("customer", story.names["finn"]["customer"])
    now = account.now(customer)
    drafted = [Line(amount, "eur", words, now, now) for amount, words in lines]
    invoice = make_draft(account, customer, Draft("manual", "eur", drafted, collection_method="send_invoice"))
    finalize(account, invoice, has_payment=False)
    account.moment = now + _days_to_pay(number)
    mark_paid(account, invoice, invoice["amount_due"], is_out_of_band=True)
    account.moment = now
    if number:
        customer["next_invoice_sequence"] = PAID_EARLIER + 1
        account.put(customer)
    return invoice


def _days_to_pay(number: int) -> int:
    return (9 + number % 17) * DAY


def _like(story: Story, model: Object, number: int) -> Object:
    """An invoice after the model, with its own number, day and amount."""
    account, written, amount = story.account, _moment(story, number), _seats(number) * SEAT
    sums = dict.fromkeys(AMOUNTS, amount)
    line = model["lines"][0] | {
        "id": account.new_id("line_item"),
        "amount": amount,
        "subtotal": amount,
        "description": _words(number),
        "period": {"start": written, "end": written},
    }
    made = model | sums
    made |= {
        "id": account.new_id("invoice"),
        "number": f"{model['number'].rpartition('-')[0]}-{number + 1:04d}",
        "lines": [line],
        "status_transitions": model["status_transitions"]
        | {"finalized_at": written, "paid_at": written + _days_to_pay(number)},
        "due_date": written + TERM * DAY,
    }
    made |= dict.fromkeys(MOMENTS, written)
    line["invoice"] = made["id"]
    page = f"{account.base_url}/_sandbox/invoices/{made['id']}"
    return made | {"hosted_invoice_url": page, "invoice_pdf": f"{page}/pdf"}


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
