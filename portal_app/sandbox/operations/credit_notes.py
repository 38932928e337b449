"""Credit notes: an invoice that was too high, put right."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing import credits
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.events import changing, emit
from portal_app.sandbox.listing import list_page, page_of
from portal_app.sandbox.registry import operation, retrieves
from portal_app.sandbox.rendering import Shown, render
from portal_app.sandbox.store import Query
from portal_app.sandbox.values import assign


@operation("POST", "/v1/credit_notes")
def create(account: Account, params: Object) -> Object:
    """Credit a part of a finalized invoice: what is open gets less, what was paid is given back."""
    return credits.issue(account, params)


@operation("GET", "/v1/credit_notes/preview")
def preview(account: Account, params: Object) -> Object:
    """Tell what a credit note would say."""
    shown = Shown()
    with account.rehearsal():
        shown = Shown(render(account, credits.issue(account, params), account.expand))
    return shown


@operation("GET", "/v1/credit_notes")
def list_all(account: Account, params: Object) -> Object:
    """List credit notes."""
    query = Query("credit_note", customer=params.get("customer"), ref=params.get("invoice"))
    return list_page(account, query, params, "/v1/credit_notes")


retrieves("/v1/credit_notes/{id}", "credit_note")


@operation("POST", "/v1/credit_notes/{id}")
def update(account: Account, params: Object, note_id: str) -> Object:
    """Change the memo."""
    note = account.get("credit_note", note_id)
    with changing(account, note, "credit_note.updated"):
        assign(note, params, "memo")
    return note


@operation("GET", "/v1/credit_notes/{credit_note}/lines")
def list_lines(account: Account, params: Object, note_id: str) -> Object:
    """List a credit note's lines."""
    note = account.get("credit_note", note_id)
    return page_of(account, note["lines"], params, f"/v1/credit_notes/{note_id}/lines")


@operation("POST", "/v1/credit_notes/{id}/void")
def void(account: Account, params: Object, note_id: str) -> Object:
    """Take back a credit note on an open invoice."""
    note = account.get("credit_note", note_id)
    invoice = account.get("invoice", note["invoice"])
    if note["status"] == "void" or invoice["status"] != "open":
        raise invalid("Only issued credit notes of open invoices can be voided.")
    note |= {"status": "void", "voided_at": account.now(note["customer"])}
    account.put(note)
    with changing(account, invoice, "invoice.updated"):
        credits.reduce(invoice, -note["pre_payment_amount"])
    emit(account, "credit_note.voided", note)
    return note
