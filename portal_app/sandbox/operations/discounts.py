"""Coupons and promotion codes."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.events import changing, emit
from portal_app.sandbox.listing import list_page, matches
from portal_app.sandbox.registry import lists, operation, retrieves
from portal_app.sandbox.store import Query
from portal_app.sandbox.values import assign

COUPON = ("amount_off", "duration", "duration_in_months", "max_redemptions", "name", "percent_off", "redeem_by")


@operation("POST", "/v1/coupons")
def create_coupon(account: Account, params: Object) -> Object:
    """Create a coupon: a percentage or an amount off, once, for some months or for ever."""
    if ("percent_off" in params) == ("amount_off" in params):
        raise invalid("You must pass either `percent_off` or `amount_off`, but not both.", "percent_off")
    if "amount_off" in params and "currency" not in params:
        raise invalid("Missing required param: currency.", "currency", "parameter_missing")
    if params.get("duration") == "repeating" and "duration_in_months" not in params:
        raise invalid("Missing required param: duration_in_months.", "duration_in_months", "parameter_missing")
    made = account.new("coupon", duration="once", times_redeemed=0, valid=True)
    if "id" in params:
        if account.find(params["id"]):
            raise invalid("Coupon already exists.", "id", "resource_already_exists")
        made["id"] = params["id"]
    assign(made, params, *COUPON)
    made["currency"] = params["currency"].lower() if "amount_off" in params else None
    made["_products"] = (params.get("applies_to") or {}).get("products")
    account.put(made)
    emit(account, "coupon.created", made)
    return made


@operation("POST", "/v1/coupons/{coupon}")
def update_coupon(account: Account, params: Object, coupon_id: str) -> Object:
    """Change a coupon's name or metadata."""
    coupon = account.get("coupon", coupon_id)
    with changing(account, coupon, "coupon.updated"):
        assign(coupon, params, "name")
    return coupon


lists("/v1/coupons", "coupon")
retrieves("/v1/coupons/{coupon}", "coupon")


@operation("DELETE", "/v1/coupons/{coupon}")
def delete_coupon(account: Account, params: Object, coupon_id: str) -> Object:
    """Stop a coupon from being redeemed; who has it keeps it."""
    coupon = account.get("coupon", coupon_id)
    coupon["valid"] = False
    coupon["_is_deleted"] = True
    account.put(coupon)
    emit(account, "coupon.deleted", coupon)
    return {"id": coupon_id, "object": "coupon", "deleted": True}


@operation("POST", "/v1/promotion_codes")
def create_code(account: Account, params: Object) -> Object:
    """Create a code that customers can type."""
    coupon = account.refer("coupon", params["promotion"].get("coupon", ""), "promotion[coupon]")
    code = params.get("code") or account.new_id("coupon").upper()
    if any(c["code"].lower() == code.lower() and c["active"] for c in account.all("promotion_code")):
        raise invalid(
            f"An active promotion code with `code: {code}` already exists.", "code", "resource_already_exists"
        )
    restrictions = params.get("restrictions") or {}
    made = account.new("promotion_code") | {
        "active": params.get("active", True),
        "code": code,
        "customer": params.get("customer"),
        "promotion": part("promotion_code", "promotion", type="coupon", coupon=coupon["id"]),
        "restrictions": part(
            "promotion_code",
            "restrictions",
            first_time_transaction=restrictions.get("first_time_transaction", False),
            minimum_amount=restrictions.get("minimum_amount"),
            minimum_amount_currency=restrictions.get("minimum_amount_currency"),
        ),
    }
    assign(made, params, "expires_at", "max_redemptions")
    account.put(made)
    emit(account, "promotion_code.created", made)
    return made


@operation("POST", "/v1/promotion_codes/{promotion_code}")
def update_code(account: Account, params: Object, code_id: str) -> Object:
    """Switch a code on or off."""
    code = account.get("promotion_code", code_id)
    with changing(account, code, "promotion_code.updated"):
        assign(code, params, "active")
    return code


@operation("GET", "/v1/promotion_codes")
def list_codes(account: Account, params: Object) -> Object:
    """List codes; the text is compared without regard to case."""
    code, coupon = params.get("code"), params.get("coupon")
    same = matches(params, "active")

    def keep(found: Object) -> bool:
        is_same_text = code is None or found["code"].lower() == code.lower()
        return same(found) and is_same_text and coupon in (None, found["promotion"]["coupon"])

    query = Query("promotion_code", customer=params.get("customer"), keep=keep)
    return list_page(account, query, params, "/v1/promotion_codes")


retrieves("/v1/promotion_codes/{promotion_code}", "promotion_code")
