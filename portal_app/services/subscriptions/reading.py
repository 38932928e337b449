"""From the mirror's rows to subscriptions: a fixed number of selects, however many subscriptions there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Row, Select, bindparam, case, func, select

from portal_app.kit.clock import billing_now
from portal_app.kit.errors import NotFound
from portal_app.kit.money import Money
from portal_app.models import mirror
from portal_app.services import cards, catalogue, sums
from portal_app.services.cards import PaymentMethod
from portal_app.services.catalogue import Coupon, Product
from portal_app.services.desk import Desk
from portal_app.services.reading import Json, decimal, entries, id_of, moment, part, text
from portal_app.services.subscriptions import states
from portal_app.services.subscriptions.shapes import (
    Discount,
    Item,
    ScheduledChange,
    Subscription,
    Upcoming,
)

# More than this nobody reads on one page; Stripe itself allows 500 for a customer.
MOST = 100

_customer = mirror.Customer.__table__  # type: ignore[attr-defined]
_invoice = mirror.Invoice.__table__  # type: ignore[attr-defined]
_schedule = mirror.SubscriptionSchedule.__table__  # type: ignore[attr-defined]
_subscription = mirror.Subscription.__table__  # type: ignore[attr-defined]
_upcoming_invoice = mirror.UpcomingInvoice.__table__  # type: ignore[attr-defined]

_NEXT_TRY = (
    select(func.min(_invoice.c.data["next_payment_attempt"].as_integer()))
    .where(_invoice.c.subscription_id == _subscription.c.id, _invoice.c.status == "open", ~_invoice.c.is_deleted)
    .scalar_subquery()
)
# Only of those under a schedule: the others have no number of instalments to compare it with.
_PAID = case(
    (
        _subscription.c.schedule_id != "",
        select(func.count())
        .where(_invoice.c.subscription_id == _subscription.c.id, _invoice.c.status == "paid", _invoice.c.total > 0)
        .scalar_subquery(),
    ),
    else_=0,
)
_SELECT: Select[*tuple[Any, ...]] = (
    select(
        _subscription.c.id,
        _subscription.c.data,
        _schedule.c.data.label("schedule"),
        _upcoming_invoice.c.data.label("upcoming"),
        _upcoming_invoice.c.due_at,
        _upcoming_invoice.c.asked_at,
        _upcoming_invoice.c.revision,
        _customer.c.revision.label("customer_revision"),
        _customer.c.default_payment_method_id,
        _NEXT_TRY.label("next_try"),
        _PAID.label("paid"),
    )
    .join(_customer, _customer.c.id == _subscription.c.customer_id)
    .outerjoin(_upcoming_invoice, _upcoming_invoice.c.subscription_id == _subscription.c.id)
    .outerjoin(_schedule, _schedule.c.id == _subscription.c.schedule_id)
    .where(_subscription.c.customer_id == bindparam("customer_id"), ~_subscription.c.is_deleted)
)
_ALL = _SELECT.order_by(_subscription.c.created_at.desc(), _subscription.c.id).limit(MOST)
_ONE = _SELECT.where(_subscription.c.id == bindparam("subscription_id"))


@dataclass(frozen=True)
class _Known:
    """What the rows refer to by id."""

    products: Mapping[str, Product]
    prices: Mapping[str, str]
    coupons: Mapping[str, Coupon]
    methods: Mapping[str, PaymentMethod]


def list_for(desk: Desk, customer_id: str) -> list[Subscription]:
    """Every subscription of this customer: running ones first, then what is over, each the newest first."""
    rows = desk.rows(_ALL, {"customer_id": customer_id})
    known = _known(desk, customer_id, rows)
    return sorted((_read(row, known) for row in rows), key=lambda found: found.is_over)


def get(desk: Desk, customer_id: str, subscription_id: str) -> Subscription:
    """One subscription of this customer.

    Raises:
        NotFound: there is none of that id, or it is another customer's.
    """
    row = desk.row(_ONE, {"customer_id": customer_id, "subscription_id": subscription_id})
    if row is None:
        raise NotFound
    return _read(row, _known(desk, customer_id, [row]))


def _known(desk: Desk, customer_id: str, rows: Sequence[Row[Any]]) -> _Known:
    if not rows:
        return _Known({}, {}, {}, {})
    prices = catalogue.products_of(desk, (price_id for row in rows for price_id in _scheduled_prices(row.schedule)))
    product_ids, coupon_ids = {*prices.values()}, set[str]()
    for row in rows:
        product_ids.update(_product_id(item) for item in entries(row.data.get("items")))
        product_ids.update(sums.product_ids(row.upcoming or {}))
        coupon_ids.update(sums.coupon_ids(row.data))
        coupon_ids.update(sums.coupon_ids(row.upcoming or {}))
    return _Known(
        catalogue.products(desk, product_ids),
        prices,
        catalogue.coupons(desk, coupon_ids),
        cards.of_customer(desk, customer_id),
    )


def _read(row: Row[Any], known: _Known) -> Subscription:
    data, schedule = cast(Json, row.data), cast(Json, row.schedule or {})
    currency = text(data.get("currency")) or "usd"
    items = tuple(_item(item, currency, known.products) for item in entries(data.get("items")))
    upcoming = _upcoming(row, known)
    is_marked = any((found := known.products.get(item.product_id)) and found.is_payment_plan for item in items)
    plan = states.payment_plan_of(schedule, states.interval_of(data), row.paid, is_marked)
    state = states.state_of(data, plan)
    is_sent = data.get("collection_method") == "send_invoice"
    return Subscription(
        id=row.id,
        state=state,
        name=items[0].name if items else "",
        items=items,
        currency=currency,
        interval=states.interval_of(data),
        started_at=moment(data.get("start_date")) or moment(data.get("created")) or billing_now(),
        price=states.price_of([item.amount for item in items]),
        current_period_end=states.period_end(data),
        trial_ends_at=moment(data.get("trial_end")) if state == "trialing" else None,
        cancel_at=states.cancel_at(data),
        ended_at=moment(data.get("ended_at")),
        paused_at=moment(part(data, "status_details", "paused").get("transitioned_at")),
        resumes_at=moment(part(data, "pause_collection").get("resumes_at")),
        is_sent_as_invoice=is_sent,
        can_undo=state == "canceling" and bool(data.get("cancel_at_period_end")),
        next=states.next_event(data, state, upcoming, moment(row.next_try)),
        upcoming=upcoming,
        payment_method=None if is_sent else _payment_method(data, row.default_payment_method_id, known.methods),
        discounts=tuple(_discounts(data, known.coupons)),
        scheduled_change=_scheduled_change(schedule, items, known),
        payment_plan=plan,
        features=tuple(dict.fromkeys(_features(items, known.products))),
        schedule_id=id_of(data.get("schedule")),
    )


def _item(item: Json, currency: str, products: Mapping[str, Product]) -> Item:
    price = part(item, "price")
    unit_amount = decimal(price.get("unit_amount_decimal")) or decimal(price.get("unit_amount"))
    quantity = item.get("quantity") if isinstance(item.get("quantity"), int) else None
    is_flat = price.get("billing_scheme") != "tiered" and unit_amount is not None and quantity is not None
    amount = unit_amount * quantity if is_flat and unit_amount is not None and quantity is not None else None
    product = products.get(_product_id(item))
    return Item(
        id=id_of(item),
        name=product.name if product else text(price.get("nickname")),
        quantity=quantity,
        unit_amount=unit_amount if is_flat else None,
        amount=Money(int(amount), currency) if amount is not None and amount == int(amount) else None,
        unit_label=product.unit_label if product else "",
        product_id=_product_id(item),
        price_id=id_of(price),
    )


def _product_id(item: Json) -> str:
    return id_of(part(item, "price").get("product"))


def _upcoming(row: Row[Any], known: _Known) -> Upcoming | None:
    if not row.upcoming or row.due_at is None:
        return None
    found = sums.sum_of(row.upcoming, known.products, known.coupons, states.rates_of(row.data))
    # Asked before the last change: still the best we know, so it is shown with its age.
    as_of = row.asked_at if row.revision < row.customer_revision else None
    return Upcoming(row.due_at, found.amount_due, found, as_of)


def _payment_method(data: Json, default_id: str, methods: Mapping[str, PaymentMethod]) -> PaymentMethod | None:
    """What Stripe charges: the subscription's own method goes before the customer's default."""
    for found in (data.get("default_payment_method"), data.get("default_source"), default_id):
        if id_of(found):
            return methods.get(id_of(found))
    return None


def _discounts(data: Json, coupons: Mapping[str, Coupon]) -> list[Discount]:
    found = []
    for discount in entries(data.get("discounts")):
        inner = part(discount, "source", "coupon")
        coupon = catalogue.coupon_of(inner) if inner else coupons.get(id_of(part(discount, "source").get("coupon")))
        if coupon:
            found.append(Discount(coupon, moment(discount.get("end"))))
    return found


def _scheduled_change(schedule: Json, items: tuple[Item, ...], known: _Known) -> ScheduledChange | None:
    """The next phase of a running schedule, where it holds other prices or quantities than the present one."""
    if schedule.get("status") != "active":
        return None
    now = billing_now()
    present = {(item.price_id, item.quantity) for item in items}
    for phase in entries(schedule.get("phases")):
        starts_at = moment(phase.get("start_date"))
        wanted = {(id_of(item.get("price")), item.get("quantity")) for item in entries(phase.get("items"))}
        if starts_at and starts_at > now and wanted != present:
            prices = (id_of(item.get("price")) for item in entries(phase.get("items")))
            found = (known.products.get(known.prices.get(price_id, "")) for price_id in prices)
            return ScheduledChange(starts_at, tuple(product.name for product in found if product))
    return None


def _scheduled_prices(schedule: Json | None) -> list[str]:
    phases = entries((schedule or {}).get("phases"))
    # A single phase is what runs already.
    return [id_of(item.get("price")) for phase in phases[1:] for item in entries(phase.get("items"))]


def _features(items: tuple[Item, ...], products: Mapping[str, Product]) -> list[str]:
    return [feature for item in items if item.product_id in products for feature in products[item.product_id].features]
