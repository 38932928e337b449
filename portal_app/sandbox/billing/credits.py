"""What a credit note does to its invoice, to the balance and to the money."""

from portal_app.sandbox.account import Account, Object
from portal_app.sandbox.billing import balance
from portal_app.sandbox.billing.invoices import mark_paid, open_payment
from portal_app.sandbox.billing.money import share
from portal_app.sandbox.contract.blanks import part
from portal_app.sandbox.errors import invalid
from portal_app.sandbox.events import changing, emit
from portal_app.sandbox.payments.charges import Refund, refund


def issue(account: Account, params: Object) -> Object:
    """Make a credit note.

    Raises:
        StripeError: more than is left, or the parts do not add up to what was already paid.
    """
    invoice = account.refer("invoice", params["invoice"], "invoice")
    if invoice["status"] not in ("open", "paid", "uncollectible"):
        raise invalid("Credit notes can only be created for finalized invoices.", "invoice")
    lines = _lines(account, invoice, params)
    total = sum(line["amount"] + _tax_of(line) for line in lines)
    _check_total(account, invoice, total)
    post = total if invoice["status"] == "paid" else 0
    made = account.new("credit_note", invoice["customer"]) | _sums(invoice, lines, total, post)
    made |= {
        "customer": invoice["customer"],
        "invoice": invoice["id"],
        "number": f"{invoice['number']}-CN-{len(account.all('credit_note', ref=invoice['id'])) + 1:02d}",
        "memo": params.get("memo"),
        "reason": params.get("reason"),
        "metadata": dict(params.get("metadata") or {}),
        "effective_at": params.get("effective_at") or account.now(invoice["customer"]),
        "out_of_band_amount": params.get("out_of_band_amount"),
    }
    made["pdf"] = f"{account.base_url}/_sandbox/credit_notes/{made['id']}/pdf"
    account.put(made)
    if post:
        _give_back(account, invoice, made, params)
    else:
        _lower(account, invoice, total)
    account.put(made)
    account.count("credit_note", invoice["id"])
    emit(account, "credit_note.created", made)
    return made


def _lines(account: Account, invoice: Object, params: Object) -> list[Object]:
    if params.get("lines"):
        return [_line(account, invoice, given, place) for place, given in enumerate(params["lines"])]
    if "amount" not in params:
        raise invalid("Missing required param: amount.", "amount", "parameter_missing")
    # A plain amount is gross; its tax is its share of the invoice's.
    amount = params["amount"]
    tax = share(sum(t["amount"] for t in invoice["total_taxes"]), amount, invoice["total"])
    line = _make_line(account, amount - tax, "Credit", 1)
    if tax:
        rate = invoice["total_taxes"][0]["tax_rate_details"]
        line["taxes"] = [_tax(tax, rate, amount - tax)]
    return [line]


def _line(account: Account, invoice: Object, given: Object, place: int) -> Object:
    if given["type"] == "custom_line_item":
        amount = given.get("unit_amount", 0) * given.get("quantity", 1)
        return _make_line(account, amount, given.get("description") or "Credit", given.get("quantity", 1))
    wanted = given.get("invoice_line_item")
    source = next((line for line in invoice["lines"] if line["id"] == wanted), None)
    if source is None:
        param = f"lines[{place}][invoice_line_item]"
        raise invalid(f"No such invoice line item: '{wanted}'", param, "resource_missing")
    quantity = given.get("quantity", source["quantity"] or 1)
    amount = given.get("amount", share(source["amount"], quantity, source["quantity"] or 1))
    line = _make_line(account, amount, source["description"], quantity)
    line |= {"type": "invoice_line_item", "invoice_line_item": source["id"]}
    line["taxes"] = [
        _tax(share(tax["amount"], amount, source["amount"]), tax["tax_rate_details"], amount)
        for tax in source["taxes"]
        if tax["tax_behavior"] == "exclusive"
    ]
    return line


def _make_line(account: Account, amount: int, words: str | None, quantity: int) -> Object:
    return account.new("credit_note_line_item") | {
        "amount": amount,
        "description": words,
        "quantity": quantity,
        "taxes": [],
        "type": "custom_line_item",
        "unit_amount": share(amount, 1, quantity),
        "unit_amount_decimal": str(share(amount, 1, quantity)),
    }


def _tax(amount: int, rate: Object, taxable: int) -> Object:
    return part(
        "credit_note",
        "total_taxes",
        amount=amount,
        tax_behavior="exclusive",
        tax_rate_details=dict(rate),
        taxability_reason="standard_rated",
        taxable_amount=taxable,
        type="tax_rate_details",
    )


def _tax_of(line: Object) -> int:
    return sum(tax["amount"] for tax in line["taxes"])


def _check_total(account: Account, invoice: Object, total: int) -> None:
    credited = sum(n["amount"] for n in account.all("credit_note", ref=invoice["id"]) if n["status"] == "issued")
    left = invoice["total"] - credited
    if invoice["status"] != "paid":
        left = min(left, invoice["amount_remaining"])
    if not 0 < total <= left:
        raise invalid(
            f"The credit note amount ({total}) must be positive and at most the amount left to credit ({left}).",
            "amount",
        )


def _sums(invoice: Object, lines: list[Object], total: int, post: int) -> Object:
    taxes: dict[str, Object] = {}
    for line in lines:
        for tax in line["taxes"]:
            rate = tax["tax_rate_details"]["tax_rate"]
            kept = taxes.setdefault(rate, tax | {"amount": 0, "taxable_amount": 0})
            kept["amount"] += tax["amount"]
            kept["taxable_amount"] += tax["taxable_amount"]
    net = sum(line["amount"] for line in lines)
    return {
        "amount": total,
        "currency": invoice["currency"],
        "lines": lines,
        "post_payment_amount": post,
        "pre_payment_amount": total - post,
        "status": "issued",
        "subtotal": net,
        "subtotal_excluding_tax": net,
        "total": total,
        "total_excluding_tax": net,
        "total_taxes": list(taxes.values()),
        "type": "post_payment" if post else "pre_payment",
    }


def _give_back(account: Account, invoice: Object, note: Object, params: Object) -> None:
    """What was paid already goes to the balance, back to the card, or was settled elsewhere; all of it."""
    post = note["post_payment_amount"]
    credit, back = params.get("credit_amount", 0), params.get("refund_amount", 0)
    elsewhere = params.get("out_of_band_amount", 0)
    given = [r.get("amount_refunded", 0) for r in params.get("refunds") or []]
    if credit + back + elsewhere + sum(given) != post:
        raise invalid(
            f"The sum of credit amount, refund amount and out of band amount ({credit + back + elsewhere + sum(given)})"
            f" must equal the post payment credit note amount ({post}).",
            "amount",
        )
    if credit:
        customer = account.get("customer", invoice["customer"])
        entry = balance.Entry(
            -credit, invoice["currency"], "credit_note", invoice=invoice["id"], credit_note=note["id"]
        )
        note["customer_balance_transaction"] = balance.add(account, customer, entry)["id"]
    if back:
        note["refunds"] = [_refund(account, invoice, back)]
    with changing(account, invoice, "invoice.updated"):
        invoice["post_payment_credit_notes_amount"] += post


def _refund(account: Account, invoice: Object, amount: int) -> Object:
    paid = next((p for p in account.all("invoice_payment", ref=invoice["id"]) if p["status"] == "paid"), None)
    intent = account.find(paid["payment"]["payment_intent"]) if paid else None
    charge = account.find(intent["latest_charge"]) if intent else None
    if charge is None:
        raise invalid("This invoice has no payment that could be refunded.", "refund_amount")
    made = refund(account, charge, Refund(amount))
    return part("credit_note", "refunds", amount_refunded=amount, refund=made["id"], type="refund")


def _lower(account: Account, invoice: Object, amount: int) -> None:
    with changing(account, invoice, "invoice.updated"):
        reduce(invoice, amount)
    payment = open_payment(account, invoice)
    if invoice["amount_remaining"] == 0:
        mark_paid(account, invoice, invoice["amount_paid"])
    elif payment:
        payment["amount_requested"] = invoice["amount_remaining"]
        account.put(payment)
        intent = account.get("payment_intent", payment["payment"]["payment_intent"])
        account.put(intent | {"amount": invoice["amount_remaining"]})


def reduce(invoice: Object, amount: int) -> None:
    """Lower what an open invoice asks for."""
    invoice["pre_payment_credit_notes_amount"] += amount
    invoice["amount_due"] -= amount
    invoice["amount_remaining"] -= amount
