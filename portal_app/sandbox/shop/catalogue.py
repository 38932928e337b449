"""What Linnet sells."""

from dataclasses import dataclass, field

from portal_app.sandbox.shop.story import Story

MERCHANT = {
    "name": "Linnet",
    "support_email": "help@linnet.example",
    "support_url": "https://linnet.example/help",
    "primary_color": "#00737a",
}


@dataclass(frozen=True)
class Plan:
    """A product with its prices: `key` → (amount in minor units, currency, interval)."""

    key: str
    name: str
    description: str
    prices: dict[str, tuple[int, str, str | None]]
    features: tuple[str, ...] = ()
    unit: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)


PLANS = (
    Plan(
        "basic",
        "Basic",
        "For one person and a handful of projects.",
        {
            "basic_monthly_eur": (900, "eur", "month"),
            "basic_yearly_eur": (9_000, "eur", "year"),
            "basic_monthly_usd": (900, "usd", "month"),
            "basic_monthly_jpy": (1_650, "jpy", "month"),
        },
        ("Ten projects", "Version history, 7 days"),
        unit="seat",
        metadata={"rank": "1"},
    ),
    Plan(
        "pro",
        "Pro",
        "Unlimited projects and priority support.",
        {
            "pro_monthly_eur": (2_900, "eur", "month"),
            "pro_yearly_eur": (29_000, "eur", "year"),
            "pro_monthly_usd": (2_900, "usd", "month"),
            "pro_yearly_chf": (29_000, "chf", "year"),
            "pro_monthly_jpy": (5_280, "jpy", "month"),
            "pro_monthly_kwd": (9_500, "kwd", "month"),
        },
        ("Unlimited projects", "Version history, 90 days", "Priority support", "Two devices for each seat"),
        unit="seat",
        metadata={"rank": "2"},
    ),
    Plan(
        "team",
        "Team",
        "Everything in Pro, for people who work together.",
        {
            "team_monthly_eur": (4_900, "eur", "month"),
            "team_yearly_eur": (49_000, "eur", "year"),
            "team_monthly_usd": (4_900, "usd", "month"),
        },
        ("Everything in Pro", "Single sign-on", "Audit log", "Shared library"),
        unit="seat",
        metadata={"rank": "3"},
    ),
    Plan(
        "storage_100",
        "Storage, 100 GB",
        "More room for large projects.",
        {"storage_100_monthly_eur": (600, "eur", "month")},
        metadata={"kind": "add_on"},
    ),
    Plan(
        "storage_1000",
        "Storage, 1 TB",
        "Room for everything.",
        {"storage_1000_monthly_jpy": (880, "jpy", "month"), "storage_1000_monthly_eur": (1_900, "eur", "month")},
        metadata={"kind": "add_on"},
    ),
    Plan(
        "course",
        "Course: Drawing letters",
        "Twelve lessons and one year of feedback, paid in six instalments.",
        {"course_instalment_eur": (4_900, "eur", "month")},
        metadata={"portal_kind": "payment_plan"},
    ),
    Plan("ebook", "Book: The shape of letters", "320 pages, as PDF and EPUB.", {"ebook_eur": (2_900, "eur", None)}),
    Plan("fonts", "Linnet Sans, desktop licence", "Eighteen styles.", {"fonts_eur": (12_000, "eur", None)}),
    Plan("brushes", "Brush collection", "Forty brushes for ink and chalk.", {"brushes_eur": (1_500, "eur", None)}),
    Plan("templates", "Poster templates", "Twenty-four layouts.", {"templates_eur": (3_900, "eur", None)}),
)


def fill(story: Story) -> None:
    """Put the catalogue into the account: products, prices, a tax rate, coupons and their codes."""
    story.account.state["settings"] |= MERCHANT
    for plan in PLANS:
        _add(story, plan)
    story.note(
        "tax_rates",
        vat=story.post(
            "tax_rates",
            display_name="VAT",
            percentage=19,
            inclusive=False,
            country="DE",
            jurisdiction="DE",
            tax_type="vat",
            description="VAT Germany",
        )["id"],
    )
    welcome = story.post("coupons", id="WELCOME20", name="Welcome: 20 % off", percent_off=20, duration="once")
    three = story.post(
        "coupons",
        id="STAY20",
        name="20 % off for three months",
        percent_off=20,
        duration="repeating",
        duration_in_months=3,
    )
    code = story.post("promotion_codes", promotion={"type": "coupon", "coupon": welcome["id"]}, code="WELCOME20")
    story.note("coupons", welcome=welcome["id"], stay=three["id"])
    story.note("promotion_codes", welcome=code["id"])


def _add(story: Story, plan: Plan) -> None:
    made = story.post(
        "products",
        name=plan.name,
        description=plan.description,
        marketing_features=[{"name": feature} for feature in plan.features],
        metadata=plan.metadata,
        **({"unit_label": plan.unit} if plan.unit else {}),
    )
    story.note("products", **{plan.key: made["id"]})
    for key, (amount, currency, interval) in plan.prices.items():
        recurring = {"recurring": {"interval": interval}} if interval else {}
        price = story.post(
            "prices", product=made["id"], unit_amount=amount, currency=currency, lookup_key=key, **recurring
        )
        story.note("prices", **{key: price["id"]})
