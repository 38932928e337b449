"""Coupons and promotion codes, redeemed into discounts."""

from dataclasses import dataclass

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.intervals import add_interval
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.errors import StripeError, invalid
from portal_app.sandbox.events import changing, emit


@dataclass(frozen=True)
class Owner:
    """What a discount is given to."""

    customer: Object
    subscription: str | None = None
    subscription_item: str | None = None
    invoice: str | None = None


def redeem(account: Account, given: list[Object] | str | None, owner: Owner, param: str = "discounts") -> list[str]:
    """The ids of the discounts that a list of coupons, codes and existing discounts stands for."""
    if not given or isinstance(given, str):
        return []
    return [_redeem(account, one, owner, f"{param}[{place}]") for place, one in enumerate(given)]


def _redeem(account: Account, given: Object, owner: Owner, param: str) -> str:
    if "discount" in given:
        return account.refer("discount", given["discount"], f"{param}[discount]")["id"]
    code: Object | None = None
    if "promotion_code" in given:
        code = account.refer("promotion_code", given["promotion_code"], f"{param}[promotion_code]")
        _check_code(account, code, owner.customer, f"{param}[promotion_code]")
        coupon = account.refer("coupon", code["promotion"]["coupon"], f"{param}[promotion_code]")
    else:
        coupon = account.refer("coupon", given["coupon"], f"{param}[coupon]")
    if not is_redeemable(account, coupon):
        raise invalid(f"Coupon expired: {coupon['id']}", f"{param}[coupon]", "coupon_expired")
    return _make(account, coupon, code, owner)["id"]


def is_redeemable(account: Account, coupon: Object) -> bool:
    """Whether a coupon can still be given to somebody."""
    is_late = coupon["redeem_by"] is not None and coupon["redeem_by"] <= account.wall()
    is_used_up = coupon["max_redemptions"] is not None and coupon["times_redeemed"] >= coupon["max_redemptions"]
    return coupon["valid"] and not is_late and not is_used_up


def _check_code(account: Account, code: Object, customer: Object, param: str) -> None:
    is_late = code["expires_at"] is not None and code["expires_at"] <= account.now(customer)
    is_used_up = code["max_redemptions"] is not None and code["times_redeemed"] >= code["max_redemptions"]
    if not code["active"] or is_late or is_used_up:
        raise invalid("This promotion code is not active.", param, "promotion_code_inactive")
    if code["customer"] not in (None, customer["id"]):
        raise _unfit("This promotion code cannot be redeemed by this customer.", param)
    if code["restrictions"]["first_time_transaction"] and _has_paid(account, customer):
        raise _unfit(
            "This promotion code cannot be redeemed because the associated customer has prior transactions.", param
        )


def _unfit(message: str, param: str) -> StripeError:
    return invalid(message, param, "promotion_code_customer_not_first_time")


def _has_paid(account: Account, customer: Object) -> bool:
    return any(i["status"] == "paid" and i["total"] > 0 for i in account.all("invoice", customer=customer["id"]))


def _make(account: Account, coupon: Object, code: Object | None, owner: Owner) -> Object:
    start = account.now(owner.customer)
    end = None
    if coupon["duration"] == "repeating":
        end = add_interval(start, "month", coupon["duration_in_months"])
    made = account.new("discount", owner.customer) | {
        "start": start,
        "end": end,
        "source": part("discount", "source", type="coupon", coupon=coupon["id"]),
        "promotion_code": code["id"] if code else None,
        "subscription": owner.subscription,
        "subscription_item": owner.subscription_item,
        "invoice": owner.invoice,
    }
    account.put(made)
    for redeemed in filter(None, (coupon, code)):
        redeemed["times_redeemed"] += 1
        if redeemed["object"] == "coupon":
            redeemed["valid"] = is_redeemable(account, redeemed)
        account.put(redeemed)
    account.count("discount", owner.subscription or owner.customer["id"])
    emit(account, "customer.discount.created", made)
    return made


def coupon_of(account: Account, discount: Object) -> Object:
    """The coupon behind a discount."""
    return account.get("coupon", discount["source"]["coupon"])


def live(account: Account, ids: list[str], moment: int) -> list[str]:
    """Those of some discounts that still apply at a moment."""
    found = []
    for discount_id in ids:
        discount = account.find(discount_id)
        if discount and (discount["end"] is None or discount["end"] > moment):
            found.append(discount_id)
    return found


def clear_discount(account: Account, discount: Object) -> None:
    """Take a discount off whatever carries it. Invoices that used it keep showing it."""
    customer = account.find(discount["customer"])
    if customer and customer.get("discount") == discount["id"]:
        with changing(account, customer, "customer.updated"):
            customer["discount"] = None
    carriers = [account.find(discount["subscription"]), account.find(discount["subscription_item"])]
    for carrier in filter(None, carriers):
        if discount["id"] in carrier["discounts"]:
            kind = "customer.subscription.updated" if carrier["object"] == "subscription" else None
            with changing(account, carrier, kind):
                carrier["discounts"] = [d for d in carrier["discounts"] if d != discount["id"]]
    emit(account, "customer.discount.deleted", discount)


def use_up(account: Account, ids: list[str]) -> None:
    """Take off the discounts that were good for one invoice."""
    for discount_id in ids:
        discount = account.find(discount_id)
        if discount and coupon_of(account, discount)["duration"] == "once" and not discount["invoice"]:
            clear_discount(account, discount)


def replace(account: Account, carrier: Object, given: list[Object] | str, owner: Owner) -> None:
    """Exchange the discounts of a subscription or an item; an empty text removes all."""
    kept = redeem(account, given, owner)
    for discount_id in carrier["discounts"]:
        gone = account.find(discount_id)
        if discount_id not in kept and gone:
            emit(account, "customer.discount.deleted", gone)
    carrier["discounts"] = kept
