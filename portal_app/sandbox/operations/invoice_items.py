"""Invoice items: what goes onto a customer's next invoice, or onto a draft."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.catalogue import make_price
from portal_app.sandbox.billing.discounts import Owner, redeem
from portal_app.sandbox.billing.lines import line_of_invoice_item, make_line, price_amount, pricing_of, product_name
from portal_app.sandbox.billing.subscriptions import tax_rates
from portal_app.sandbox.billing.totals import total
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.events import changing, emit
from portal_app.sandbox.listing import list_page
from portal_app.sandbox.registry import operation, retrieves
from portal_app.sandbox.store import Query
from portal_app.sandbox.values import assign


@operation("POST", "/v1/invoiceitems")
def create(account: Account, params: Object) -> Object:
    """Add an amount to a draft, or have it wait for the customer's next invoice."""
    if "customer" not in params:
        raise invalid("Missing required param: customer.", "customer", "parameter_missing")
    customer = account.refer("customer", params["customer"], "customer")
    invoice = _draft(account, params)
    price = _price(account, params)
    quantity = params.get("quantity", 1)
    amount = params["amount"] if "amount" in params else _amount(params, price, quantity)
    currency = price["currency"] if price else params.get("currency") or customer["currency"] or "eur"
    now = account.now(customer)
    made = account.new("invoiceitem", customer) | {
        "amount": amount,
        "net_amount": amount,
        "currency": currency.lower(),
        "date": now,
        "description": params.get("description") or (product_name(account, price) if price else None),
        "discountable": params.get("discountable", amount >= 0),
        "discounts": redeem(account, params.get("discounts"), Owner(customer)),
        "invoice": invoice["id"] if invoice else None,
        "parent": _parent(account, params),
        "period": params.get("period") or {"start": now, "end": now},
        "pricing": pricing_of("invoiceitem", price),
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "tax_rates": tax_rates(account, params.get("tax_rates"), "tax_rates"),
        "test_clock": customer["test_clock"],
    }
    assign(made, params)
    account.put(made)
    emit(account, "invoiceitem.created", made)
    if invoice:
        with changing(account, invoice, "invoice.updated"):
            invoice["lines"].append(make_line(account, invoice, line_of_invoice_item(account, made)))
            total(account, invoice)
    return made


def _draft(account: Account, params: Object) -> Object | None:
    if not params.get("invoice"):
        return None
    invoice = account.refer("invoice", params["invoice"], "invoice")
    if invoice["status"] != "draft":
        raise invalid("You can only add invoice items to draft invoices.", "invoice", "invoice_not_editable")
    return invoice


def _price(account: Account, params: Object) -> Object | None:
    if "price_data" in params:
        return make_price(account, params["price_data"])
    price_id = (params.get("pricing") or {}).get("price")
    return account.refer("price", price_id, "pricing[price]") if price_id else None


def _amount(params: Object, price: Object | None, quantity: int) -> int:
    if price:
        return price_amount(price, quantity)
    if "unit_amount_decimal" in params:
        return price_amount(params, quantity)
    raise invalid("Missing required param: amount.", "amount", "parameter_missing")


def _parent(account: Account, params: Object) -> Object | None:
    if not params.get("subscription"):
        return None
    subscription = account.refer("subscription", params["subscription"], "subscription")
    details = {"subscription": subscription["id"]}
    return part("invoiceitem", "parent", type="subscription_details", subscription_details=details)


@operation("GET", "/v1/invoiceitems")
def list_all(account: Account, params: Object) -> Object:
    """List invoice items."""
    pending, invoice = params.get("pending"), params.get("invoice")

    def keep(item: Object) -> bool:
        is_pending = item["invoice"] is None
        return pending in (None, is_pending) and invoice in (None, item["invoice"])

    query = Query("invoiceitem", customer=params.get("customer"), keep=keep)
    return list_page(account, query, params, "/v1/invoiceitems")


retrieves("/v1/invoiceitems/{invoiceitem}", "invoiceitem")


@operation("POST", "/v1/invoiceitems/{invoiceitem}")
def update(account: Account, params: Object, item_id: str) -> Object:
    """Change an item that waits."""
    item = account.get("invoiceitem", item_id)
    if item["invoice"]:
        raise invalid("Only pending invoice items can be updated.", code="invoice_not_editable")
    assign(item, params, "description", "amount", "discountable")
    item["net_amount"] = item["amount"]
    return account.put(item)


@operation("DELETE", "/v1/invoiceitems/{invoiceitem}")
def delete(account: Account, params: Object, item_id: str) -> Object:
    """Remove an item that waits or lies on a draft."""
    item = account.get("invoiceitem", item_id)
    invoice = account.find(item["invoice"])
    if invoice and invoice["status"] != "draft":
        raise invalid("You can only delete invoice items on draft invoices.", code="invoice_not_editable")
    if invoice:
        with changing(account, invoice, "invoice.updated"):
            invoice["lines"] = [line for line in invoice["lines"] if _source(line) != item_id]
            total(account, invoice)
    emit(account, "invoiceitem.deleted", item)
    return account.bury(item)


def _source(line: Object) -> str | None:
    details = line["parent"]["invoice_item_details"] or line["parent"]["subscription_item_details"] or {}
    return details.get("invoice_item")
