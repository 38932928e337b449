"""Invoices, their lines and their payments."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing.collection import Attempt, collect
from portal_app.sandbox.billing.discounts import Owner, redeem
from portal_app.sandbox.billing.intervals import DAY
from portal_app.sandbox.billing.invoices import (
    HOUR,
    Draft,
    close,
    finalize,
    make_draft,
    mark_paid,
    note_discounts_used,
    subscription_of,
)
from portal_app.sandbox.billing.lines import line_of_invoice_item
from portal_app.sandbox.billing.previews import preview
from portal_app.sandbox.billing.subscriptions import tax_rates
from portal_app.sandbox.billing.totals import total
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.events import changing, emit
from portal_app.sandbox.listing import list_page, matches, page_of, search_page
from portal_app.sandbox.registry import operation, retrieves
from portal_app.sandbox.store import Query
from portal_app.sandbox.values import assign

PLAIN = ("custom_fields", "default_payment_method", "description", "footer", "statement_descriptor", "effective_at")
WHEN_DRAFT = {"collection_method", "currency", "days_until_due", "default_tax_rates", "discounts", "due_date"}


@operation("POST", "/v1/invoices")
def create(account: Account, params: Object) -> Object:
    """Draft an invoice; the customer's pending items go onto it only when asked for."""
    if "customer" not in params:
        raise invalid("Missing required param: customer.", "customer", "parameter_missing")
    customer = account.refer("customer", params["customer"], "customer")
    waiting = [i for i in account.all("invoiceitem", customer=customer["id"]) if i["invoice"] is None]
    if params.get("pending_invoice_items_behavior") != "include":
        waiting = []
    subscription = None
    if "subscription" in params:
        subscription = account.refer("subscription", params["subscription"], "subscription")
    currency = params.get("currency") or (waiting[0]["currency"] if waiting else customer["currency"]) or "eur"
    draft = Draft(
        reason="manual",
        currency=currency.lower(),
        lines=[line_of_invoice_item(account, item) for item in waiting],
        subscription=subscription,
        collection_method=params.get("collection_method", "charge_automatically"),
        discounts=redeem(account, params.get("discounts"), Owner(customer)),
    )
    made = make_draft(account, customer, draft)
    for item in waiting:
        item["invoice"] = made["id"]
        account.put(item)
    made["auto_advance"] = False
    _take(account, made, params)
    account.put(made)
    note_discounts_used(account, made)
    return made


def _take(account: Account, invoice: Object, params: Object) -> None:
    assign(invoice, params, *PLAIN)
    if "auto_advance" in params:
        invoice["auto_advance"] = params["auto_advance"]
        is_draft = invoice["status"] == "draft" and params["auto_advance"]
        invoice["automatically_finalizes_at"] = account.now(invoice["customer"]) + HOUR if is_draft else None
    if "collection_method" in params:
        invoice["collection_method"] = params["collection_method"]
    if "days_until_due" in params:
        invoice["_days_until_due"] = params["days_until_due"]
    if params.get("due_date"):
        invoice["due_date"] = params["due_date"]
    if "default_tax_rates" in params:
        invoice["default_tax_rates"] = tax_rates(account, params["default_tax_rates"], "default_tax_rates")
    if invoice["collection_method"] == "send_invoice" and not invoice["due_date"] and "_days_until_due" in invoice:
        invoice["due_date"] = account.now(invoice["customer"]) + (invoice["_days_until_due"] or 30) * DAY
    if invoice["status"] == "draft":
        total(account, invoice)


@operation("POST", "/v1/invoices/{invoice}")
def update(account: Account, params: Object, invoice_id: str) -> Object:
    """Change an invoice; most of it only while it is a draft."""
    invoice = account.get("invoice", invoice_id)
    frozen = WHEN_DRAFT & set(params)
    if invoice["status"] != "draft" and frozen:
        name = sorted(frozen)[0]
        raise invalid(f"Finalized invoices can't be updated in this way: `{name}`.", name, "invoice_not_editable")
    with changing(account, invoice, "invoice.updated"):
        if "discounts" in params:
            owner = Owner(account.get("customer", invoice["customer"]), invoice=invoice_id)
            invoice["discounts"] = redeem(account, params["discounts"], owner)
        _take(account, invoice, params)
    return invoice


@operation("GET", "/v1/invoices")
def list_all(account: Account, params: Object) -> Object:
    """List invoices."""
    same = matches(params, "status", "collection_method")
    query = Query("invoice", customer=params.get("customer"), ref=params.get("subscription"), keep=same)
    return list_page(account, query, params, "/v1/invoices")


@operation("GET", "/v1/invoices/search")
def search(account: Account, params: Object) -> Object:
    """Search invoices."""
    return search_page(account, "invoice", params)


@operation("POST", "/v1/invoices/create_preview")
def create_preview(account: Account, params: Object) -> Object:
    """Tell what would be billed, without billing it."""
    return preview(account, params)


retrieves("/v1/invoices/{invoice}", "invoice")


@operation("DELETE", "/v1/invoices/{invoice}")
def delete(account: Account, params: Object, invoice_id: str) -> Object:
    """Delete a draft that belongs to no subscription."""
    invoice = account.get("invoice", invoice_id)
    if invoice["status"] != "draft" or subscription_of(account, invoice):
        raise invalid("You can only delete draft invoices that do not belong to a subscription.")
    for item in account.all("invoiceitem", customer=invoice["customer"]):
        if item["invoice"] == invoice_id:
            account.forget(item)
    emit(account, "invoice.deleted", invoice)
    return account.bury(invoice)


@operation("GET", "/v1/invoices/{invoice}/lines")
def list_lines(account: Account, params: Object, invoice_id: str) -> Object:
    """List an invoice's lines."""
    invoice = account.get("invoice", invoice_id)
    return page_of(account, invoice["lines"], params, f"/v1/invoices/{invoice_id}/lines")


@operation("POST", "/v1/invoices/{invoice}/finalize")
def finalize_now(account: Account, params: Object, invoice_id: str) -> Object:
    """Turn a draft into a bill."""
    invoice = account.get("invoice", invoice_id)
    if "auto_advance" in params:
        invoice["auto_advance"] = params["auto_advance"]
    return finalize(account, invoice)


@operation("POST", "/v1/invoices/{invoice}/pay")
def pay(account: Account, params: Object, invoice_id: str) -> Object:
    """Pay an invoice now; off session unless told otherwise, so a card that asks for the customer is declined."""
    invoice = account.get("invoice", invoice_id)
    if invoice["status"] == "paid":
        raise invalid("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] == "draft":
        finalize(account, invoice)
        if invoice["status"] == "paid":
            return invoice
    if invoice["status"] == "void":
        raise invalid("Invoice is no longer payable")
    if params.get("paid_out_of_band"):
        mark_paid(account, invoice, invoice["amount_remaining"], is_out_of_band=True)
        return invoice
    attempt = Attempt(params.get("payment_method"), params.get("off_session", True), is_automatic=False)
    refusal = collect(account, invoice, attempt)
    if refusal:
        refusal.keeps_work = True
        raise refusal
    return invoice


@operation("POST", "/v1/invoices/{invoice}/send")
def send(account: Account, params: Object, invoice_id: str) -> Object:
    """Send an invoice to the customer."""
    invoice = account.get("invoice", invoice_id)
    if invoice["collection_method"] != "send_invoice":
        raise invalid("You can only manually send an invoice if its collection method is 'send_invoice'.")
    if invoice["status"] == "draft":
        finalize(account, invoice)
    emit(account, "invoice.sent", invoice)
    account.count("invoice_sent", invoice_id)
    return invoice


@operation("POST", "/v1/invoices/{invoice}/void")
def void(account: Account, params: Object, invoice_id: str) -> Object:
    """Void an open invoice for good."""
    invoice = account.get("invoice", invoice_id)
    if invoice["status"] not in ("open", "uncollectible"):
        raise invalid("You can only pass in open invoices. This invoice isn't open.")
    return close(account, invoice, "void")


@operation("POST", "/v1/invoices/{invoice}/mark_uncollectible")
def mark_uncollectible(account: Account, params: Object, invoice_id: str) -> Object:
    """Give up on an open invoice."""
    invoice = account.get("invoice", invoice_id)
    if invoice["status"] != "open":
        raise invalid("You can only pass in open invoices. This invoice isn't open.")
    return close(account, invoice, "uncollectible", "user_forgiven")


# Payments of invoices ------------------------------------------------------------------------------------------


@operation("GET", "/v1/invoice_payments")
def list_payments(account: Account, params: Object) -> Object:
    """List payments of invoices."""
    payment = params.get("payment") or {}
    intent, same = payment.get("payment_intent"), matches(params, "status")
    query = Query(
        "invoice_payment",
        ref=params.get("invoice"),
        keep=lambda p: same(p) and intent in (None, p["payment"].get("payment_intent")),
    )
    return list_page(account, query, params, "/v1/invoice_payments")


retrieves("/v1/invoice_payments/{invoice_payment}", "invoice_payment")
