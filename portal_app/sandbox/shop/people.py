"""Linnet's customers and what they have been through."""

from datetime import UTC, datetime

from portal_app.sandbox.shop.story import DAY, HOUR, Story

BERLIN = {"line1": "Oranienstraße 12", "postal_code": "10999", "city": "Berlin", "country": "DE"}
PORTLAND = {"line1": "820 NW Glisan St", "postal_code": "97209", "city": "Portland", "state": "OR", "country": "US"}
HAMBURG = {"line1": "Am Sandtorkai 5", "postal_code": "20457", "city": "Hamburg", "country": "DE"}
ZURICH = {"line1": "Langstrasse 88", "postal_code": "8004", "city": "Zürich", "country": "CH"}
TOKYO = {"line1": "2-11-3 Meguro", "postal_code": "153-0063", "city": "Tokyo", "country": "JP"}
MALMO = {"line1": "Södra Förstadsgatan 4", "postal_code": "211 43", "city": "Malmö", "country": "SE"}
KUWAIT = {"line1": "Salem Al Mubarak St 21", "postal_code": "20001", "city": "Salmiya", "country": "KW"}


def ada(story: Story) -> None:
    """Pro monthly with a second seat and an add-on: fourteen paid invoices, a backup card, a VAT id."""
    start = story.months_before(story.day(12), 14)

    def arrive() -> None:
        customer = story.customer(
            "ada", ("visa", "mastercard"), name="Ada Winter", address=BERLIN, phone="+49 30 5551234"
        )
        story.post(f"customers/{customer}/tax_ids", type="eu_vat", value="DE129273398")
        rates = [story.names["tax_rates"]["vat"]]
        story.subscribe("ada", "subscription", "pro_monthly_eur", default_tax_rates=rates)

    def add_seat() -> None:
        story.post(f"subscription_items/{_item(story, 'ada')}", quantity=2, proration_behavior="none")

    def add_storage() -> None:
        price = story.names["prices"]["storage_100_monthly_eur"]
        story.post("subscription_items", subscription=story.names["ada"]["subscription"], price=price)

    story.at(start, arrive)
    story.at(story.months_before(story.day(12), 9) - HOUR, add_seat)
    story.at(story.months_before(story.day(12), 5) - 15 * DAY, add_storage)


def bea(story: Story) -> None:
    """Team, past due: the card has expired, the second invoice is open and has been tried twice."""
    due = story.day(-5)

    def arrive() -> None:
        customer = story.customer("bea", name="Bea Okafor", address=PORTLAND)
        story.subscribe("bea", "subscription", "team_monthly_usd", quantity=3, customer=customer)

    def change_card() -> None:
        person = story.names["bea"]
        card = story.card(person["customer"], "chargeCustomerFail")
        story.prefer(person["customer"], card)
        story.post(f"payment_methods/{person['cards'][0]}/detach")
        story.note("bea", cards=[card])

    def expire() -> None:
        year, month = _month_before(story)
        card = story.names["bea"]["cards"][0]
        story.post(f"payment_methods/{card}", card={"exp_year": year, "exp_month": month})

    story.at(story.months_before(due, 1), arrive)
    story.at(due - 10 * DAY, change_card)
    story.at(due - 9 * DAY, expire)


def carl(story: Story) -> None:
    """A payment plan with three of six instalments paid, and four orders, one refunded in part."""
    start = story.months_before(story.day(20), 3)

    def arrive() -> None:
        customer = story.customer("carl", name="Carl Brandt", address=HAMBURG)
        item = {"price": story.names["prices"]["course_instalment_eur"], "quantity": 1}
        phase = {
            "items": [item],
            "duration": {"interval": "month", "interval_count": 6},
            "default_tax_rates": [story.names["tax_rates"]["vat"]],
        }
        made = story.post(
            "subscription_schedules", customer=customer, start_date="now", end_behavior="cancel", phases=[phase]
        )
        story.note("carl", schedule=made["id"], subscription=made["subscription"])

    story.at(start, arrive)
    story.at(story.day(-62), lambda: _order(story, "ebook_eur"))
    story.at(story.day(-41), lambda: _order(story, "fonts_eur"))
    story.at(story.day(-23), lambda: _buy(story, 1_785, "Brush collection"))
    story.at(story.day(-16), lambda: _buy(story, 4_641, "Poster templates"))
    story.at(story.day(-12), lambda: _refund(story))


def _order(story: Story, key: str) -> None:
    person, rates = story.names["carl"], [story.names["tax_rates"]["vat"]]
    draft = story.post("invoices", customer=person["customer"], default_tax_rates=rates)
    pricing = {"price": story.names["prices"][key]}
    story.post("invoiceitems", customer=person["customer"], invoice=draft["id"], pricing=pricing)
    story.post(f"invoices/{draft['id']}/pay")
    story.note("carl", orders=[*person.get("orders", []), draft["id"]])


def _buy(story: Story, amount: int, words: str) -> None:
    person = story.names["carl"]
    made = story.post(
        "payment_intents",
        customer=person["customer"],
        amount=amount,
        currency="eur",
        description=words,
        payment_method=person["cards"][0],
        confirm=True,
    )
    story.note("carl", orders=[*person.get("orders", []), made["id"]])


def _refund(story: Story) -> None:
    bought = story.names["carl"]["orders"][-1]
    made = story.post("refunds", payment_intent=bought, amount=1_500, reason="requested_by_customer")
    story.note("carl", refund=made["id"])


def dora(story: Story) -> None:
    """Pro yearly in francs: five days of trial left, a promotion code for the first year."""

    def arrive() -> None:
        customer = story.customer("dora", name="Dora Keller", address=ZURICH, preferred_locales=["de"])
        story.subscribe(
            "dora",
            "subscription",
            "pro_yearly_chf",
            customer=customer,
            trial_end=story.day(5),
            discounts=[{"promotion_code": story.names["promotion_codes"]["welcome"]}],
        )

    story.at(story.day(-9), arrive)


def emil(story: Story) -> None:
    """Yen: one subscription canceling, one paused, one over."""

    def arrive() -> None:
        customer = story.customer("emil", ("jcb",), name="Emil Sato", address=TOKYO, preferred_locales=["ja"])
        story.subscribe("emil", "ended", "basic_monthly_jpy", customer=customer)

    def end() -> None:
        story.post(
            f"subscriptions/{story.names['emil']['ended']}",
            cancel_at_period_end=True,
            cancellation_details={"feedback": "switched_service"},
        )

    def upgrade() -> None:
        story.subscribe("emil", "canceling", "pro_monthly_jpy")
        story.subscribe("emil", "paused", "storage_1000_monthly_jpy")

    story.at(story.months_before(story.day(-4), 10), arrive)
    story.at(story.months_before(story.day(-4), 6) + 4 * DAY, end)
    story.at(story.months_before(story.day(9), 5), upgrade)
    story.at(story.day(-37), lambda: _pause(story))
    story.at(story.day(-3), lambda: _cancel(story))


def _pause(story: Story) -> None:
    settings = {"unused_time_from": {"type": "none"}}
    story.post(f"subscriptions/{story.names['emil']['paused']}/pause", type="subscription", bill_for=settings)


def _cancel(story: Story) -> None:
    story.post(
        f"subscriptions/{story.names['emil']['canceling']}",
        cancel_at_period_end=True,
        cancellation_details={"feedback": "too_expensive", "comment": "I only draw in winter."},
    )


def gus(story: Story) -> None:
    """One address, two customers: a private one and a studio."""

    def arrive() -> None:
        private = story.customer("gus", name="Gus Lindqvist", address=MALMO)
        story.subscribe("gus", "subscription", "basic_monthly_eur", customer=private)

    def found_studio() -> None:
        person = story.names["gus"] | {}
        studio = story.customer("gus", ("mastercard",), name="Lindqvist Studio AB", address=MALMO)
        subscription = story.subscribe("gus", "studio_subscription", "pro_yearly_eur", quantity=4, customer=studio)
        story.note("gus", customer=person["customer"], cards=person["cards"], studio=studio)
        story.note("gus", subscription=person["subscription"], studio_subscription=subscription)

    story.at(story.months_before(story.day(17), 4), arrive)
    story.at(story.day(-64), found_studio)


def hana(story: Story) -> None:
    """A card whose bank asks each time, a name written from right to left, a first payment not approved yet."""

    def arrive() -> None:
        customer = story.customer(
            "hana", ("authenticationRequired",), name="هناء الصباح", address=KUWAIT, preferred_locales=["ar"]
        )
        story.subscribe("hana", "subscription", "pro_monthly_kwd", customer=customer)

    story.at(story.now - 2 * HOUR, arrive)


def _item(story: Story, person: str) -> str:
    subscription = story.get(f"subscriptions/{story.names[person]['subscription']}")
    return subscription["items"]["data"][0]["id"]


def _month_before(story: Story) -> tuple[int, int]:
    first = datetime.fromtimestamp(story.now, UTC).replace(day=1)
    return (first.year - 1, 12) if first.month == 1 else (first.year, first.month - 1)
