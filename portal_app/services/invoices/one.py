"""One invoice in full: its sum, whom it is made out to, and each try to pay it."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import bindparam, select

from portal_app.kit.errors import NotFound
from portal_app.kit.money import Money
from portal_app.models import mirror
from portal_app.services import catalogue, configuration, sums
from portal_app.services.billing_details import Address, address_of
from portal_app.services.desk import Desk
from portal_app.services.invoices import payments, rows
from portal_app.services.invoices.payments import Attempt
from portal_app.services.invoices.rows import InvoiceRow
from portal_app.services.reading import Json, entries, moment, money, part, text
from portal_app.services.sums import Sum

_invoices = mirror.Invoice.__table__.c  # type: ignore[attr-defined]
_ONE = select(*rows.COLUMNS, _invoices.data).where(
    _invoices.customer_id == bindparam("customer_id"),
    _invoices.id == bindparam("invoice_id"),
    _invoices.status != "draft",
    ~_invoices.is_deleted,
)


@dataclass(frozen=True)
class Recipient:
    """Whom an invoice is made out to, as it was when it was finalized."""

    name: str
    email: str
    address: Address
    tax_ids: tuple[str, ...]


@dataclass(frozen=True)
class Invoice:
    """One invoice with all tries to pay it; `hosted_url` is Stripe's own page, where an open one can be paid.

    `fields` are the merchant's own lines on it, a purchase order number for instance.
    """

    row: InvoiceRow
    sum: Sum
    paid: Money
    credited: Money  # by credit notes, before it was paid
    recipient: Recipient
    fields: tuple[tuple[str, str], ...]
    attempts: tuple[Attempt, ...]
    is_charged_automatically: bool
    finalized_at: datetime | None = None
    paid_at: datetime | None = None
    voided_at: datetime | None = None
    written_off_at: datetime | None = None
    hosted_url: str = ""
    footer: str = ""
    memo: str = ""


def get(desk: Desk, customer_id: str, invoice_id: str) -> Invoice:
    """One invoice of this customer.

    Raises:
        NotAllowed: the merchant does not show invoices here.
        NotFound: there is none of that id, it is a draft, or it is another customer's.
    """
    configuration.require(desk, "invoice_history")
    row = desk.row(_ONE, {"customer_id": customer_id, "invoice_id": invoice_id})
    if row is None:
        raise NotFound
    data = cast(Json, row.data)
    known = catalogue.products(desk, sums.product_ids(data))
    total = sums.sum_of(data, known, catalogue.coupons(desk, sums.coupon_ids(data)))
    attempts = payments.attempts_for(desk, customer_id, [invoice_id]).get(invoice_id, [])
    return _read(rows.read(desk, customer_id, [row])[0], data, total, attempts)


def _read(row: InvoiceRow, data: Json, total: Sum, attempts: list[Attempt]) -> Invoice:
    happened = part(data, "status_transitions")
    fields = ((text(field.get("name")), text(field.get("value"))) for field in entries(data.get("custom_fields")))
    return Invoice(
        row=row,
        sum=total,
        paid=money(data.get("amount_paid"), row.total.currency),
        credited=money(data.get("pre_payment_credit_notes_amount"), row.total.currency),
        recipient=_recipient(data),
        fields=tuple(fields),
        attempts=tuple(attempts),
        is_charged_automatically=data.get("collection_method") != "send_invoice",
        finalized_at=moment(happened.get("finalized_at")),
        paid_at=moment(happened.get("paid_at")),
        voided_at=moment(happened.get("voided_at")),
        written_off_at=moment(happened.get("marked_uncollectible_at")),
        hosted_url=text(data.get("hosted_invoice_url")),
        footer=text(data.get("footer")),
        memo=text(data.get("description")),
    )


def _recipient(data: Json) -> Recipient:
    tax_ids = (text(tax_id.get("value")) for tax_id in entries(data.get("customer_tax_ids")))
    return Recipient(
        text(data.get("customer_name")),
        text(data.get("customer_email")),
        address_of(part(data, "customer_address")),
        tuple(filter(None, tax_ids)),
    )
