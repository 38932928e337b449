"""What the merchant sells, by name: products and coupons of the mirror, for lists that hold only their ids."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import bindparam, select

from portal_app.kit.money import Money
from portal_app.models import mirror
from portal_app.services.desk import Desk
from portal_app.services.reading import Json, decimal, entries, money, number, part, text

_product = mirror.Product.__table__.c  # type: ignore[attr-defined]
_price = mirror.Price.__table__.c  # type: ignore[attr-defined]
_coupon = mirror.Coupon.__table__.c  # type: ignore[attr-defined]
_PRODUCTS = select(_product.id, _product.name, _product.data).where(_product.id.in_(bindparam("ids", expanding=True)))
_PRICES = select(_price.id, _price.product_id).where(_price.id.in_(bindparam("ids", expanding=True)))
_COUPONS = select(_coupon.id, _coupon.data).where(_coupon.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True)
class Product:
    """A product in the merchant's words. `features` are the lines that its price table shows."""

    id: str
    name: str
    unit_label: str = ""
    features: tuple[str, ...] = ()
    is_payment_plan: bool = False


@dataclass(frozen=True)
class Coupon:
    """A discount's terms; one of `percent_off` and `amount_off` is given."""

    id: str
    name: str
    percent_off: Decimal | None = None
    amount_off: Money | None = None
    months: int = 0


def products(desk: Desk, ids: Iterable[str]) -> dict[str, Product]:
    """The named products, tombstones included: what was sold keeps its name."""
    wanted = sorted({*ids} - {""})
    rows = desk.rows(_PRODUCTS, {"ids": wanted}) if wanted else []
    return {row.id: _product_of(row.id, row.name, row.data) for row in rows}


def products_of(desk: Desk, price_ids: Iterable[str]) -> dict[str, str]:
    """Which product each of these prices is of, by id."""
    wanted = sorted({*price_ids} - {""})
    return {row.id: row.product_id for row in desk.rows(_PRICES, {"ids": wanted})} if wanted else {}


def coupons(desk: Desk, ids: Iterable[str]) -> dict[str, Coupon]:
    """The named coupons, tombstones included."""
    wanted = sorted({*ids} - {""})
    rows = desk.rows(_COUPONS, {"ids": wanted}) if wanted else []
    return {row.id: coupon_of(row.data) for row in rows}


def coupon_of(data: Json) -> Coupon:
    """A coupon as Stripe sends it."""
    currency = text(data.get("currency"))
    amount_off = money(data.get("amount_off"), currency) if currency and data.get("amount_off") else None
    months = number(data.get("duration_in_months"))
    return Coupon(text(data.get("id")), text(data.get("name")), decimal(data.get("percent_off")), amount_off, months)


def _product_of(id_: str, name: str, data: Json) -> Product:
    features = tuple(filter(None, (text(one.get("name")) for one in entries(data.get("marketing_features")))))
    is_plan = part(data, "metadata").get("portal_kind") == "payment_plan"
    return Product(id_, name, text(data.get("unit_label")), features, is_plan)
