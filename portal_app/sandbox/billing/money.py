"""Rounding, and amounts as they appear in invoice descriptions."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

ZERO_DECIMALS = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf".split()  # noqa: SIM905
)
THREE_DECIMALS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
SIGNS = {"eur": "€", "usd": "$", "gbp": "£", "jpy": "¥"}
# What a card network takes at least, in minor units; smaller invoices move to the customer's balance.
# Source: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
MINIMUM_CHARGES = {"usd": 50, "eur": 50, "chf": 50, "gbp": 30, "jpy": 50, "kwd": 100}


def half_up(value: Decimal | Fraction | int) -> int:
    """The nearest whole minor unit; halves go away from zero."""
    if isinstance(value, Fraction):
        sign = -1 if value < 0 else 1
        return sign * int(abs(value) + Fraction(1, 2))
    return int(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP))


def share(amount: int, part: int, whole: int) -> int:
    """`amount × part / whole`, rounded."""
    return half_up(Fraction(amount * part, whole)) if whole else 0


def percent_of(amount: int, percent: float) -> int:
    """A percentage of an amount, rounded."""
    return half_up(Decimal(amount) * Decimal(str(percent)) / 100)


def decimals_of(currency: str) -> int:
    """How many decimals a currency has at Stripe."""
    if currency in ZERO_DECIMALS:
        return 0
    return 3 if currency in THREE_DECIMALS else 2


def written(amount: Decimal | int, currency: str) -> str:
    """An amount as Stripe writes it into a line's description: €29.00, ¥5280, KWD 1.500, €0.005."""
    digits = decimals_of(currency)
    value = Decimal(amount).scaleb(-digits)
    number = f"{value:.{digits}f}" if value == round(value, digits) else f"{value.normalize():f}"
    sign = SIGNS.get(currency)
    return f"{sign}{number}" if sign else f"{currency.upper()} {number}"


def minimum_charge(currency: str) -> int:
    """The least that is charged."""
    return MINIMUM_CHARGES.get(currency, 50)
