"""Stripe's objects, copied: columns for what is queried, the object as JSON beside them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Field

from portal_app.models.base import Record


class MirrorRow(Record):
    """What every copied object has.

    `synced_at` is the moment our knowledge is from by our clock: taken before the fetch, or when an event was applied.
    `version_at` is by Stripe's clock: the creation second of the event that was applied, None after a fetch. A
    deleted object stays as a tombstone.
    """

    id: str = Field(primary_key=True)
    created_at: datetime
    synced_at: datetime
    version_at: datetime | None = None
    is_deleted: bool = False
    data: dict[str, Any] = Field(sa_type=JSON)


class Customer(MirrorRow, table=True):
    """`revision` rises with every change that an open page may show; one counter for all customers."""

    __tablename__ = "customer"

    email: str = Field(default="", index=True)
    name: str = ""
    currency: str = ""
    balance: int = Field(default=0, sa_type=BigInteger)
    default_payment_method_id: str = ""
    revision: int = Field(default=0, index=True, sa_type=BigInteger)


class Product(MirrorRow, table=True):
    __tablename__ = "product"

    name: str = ""
    is_active: bool = True


class Price(MirrorRow, table=True):
    __tablename__ = "price"

    product_id: str = Field(default="", index=True)
    is_active: bool = True


class Coupon(MirrorRow, table=True):
    __tablename__ = "coupon"


class PromotionCode(MirrorRow, table=True):
    __tablename__ = "promotion_code"

    code: str = ""


class Subscription(MirrorRow, table=True):
    __tablename__ = "subscription"

    customer_id: str = Field(index=True)
    status: str
    schedule_id: str = ""
    default_payment_method_id: str = ""
    cancel_at: datetime | None = None
    canceled_at: datetime | None = None
    ended_at: datetime | None = None
    current_period_end: datetime | None = None


class SubscriptionSchedule(MirrorRow, table=True):
    __tablename__ = "subscription_schedule"

    customer_id: str = Field(index=True)
    subscription_id: str = Field(default="", index=True)
    status: str = ""


class Invoice(MirrorRow, table=True):
    """`data.lines.data` is complete, however many pages Stripe needed for it.

    `about` is what a list says it is for: product id, Stripe's words and quantity of its first lines.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        Index("invoice_page", "customer_id", "created_at", "id"),
        Index("invoice_open", "customer_id", "status"),
    )

    customer_id: str
    subscription_id: str = Field(default="", index=True)
    number: str = Field(default="", index=True)
    status: str
    currency: str
    total: int = Field(sa_type=BigInteger)
    amount_due: int = Field(sa_type=BigInteger)
    amount_remaining: int = Field(sa_type=BigInteger)
    due_at: datetime | None = None
    description: str = ""
    about: list[list[Any]] = Field(default_factory=list, sa_type=JSON)


class PaymentMethod(MirrorRow, table=True):
    """Detached methods are tombstones; `data` keeps brand and last four for old receipts."""

    __tablename__ = "payment_method"

    customer_id: str = Field(default="", index=True)
    type: str = ""
    last4: str = ""


class Payment(MirrorRow, table=True):
    """A payment intent or, for older invoices, a charge."""

    __tablename__ = "payment"
    __table_args__ = (Index("payment_latest", "customer_id", "created_at"),)

    customer_id: str = ""
    status: str = ""
    amount: int = Field(default=0, sa_type=BigInteger)
    currency: str = ""


class InvoicePayment(MirrorRow, table=True):
    """Which payment paid which invoice; `payment_id` is a row of `payment`."""

    __tablename__ = "invoice_payment"

    invoice_id: str = Field(default="", index=True)
    payment_id: str = Field(default="", index=True)
    status: str = ""
    amount: int = Field(default=0, sa_type=BigInteger)
    currency: str = ""


class Refund(MirrorRow, table=True):
    __tablename__ = "refund"

    payment_id: str = Field(default="", index=True)
    status: str = ""
    amount: int = Field(default=0, sa_type=BigInteger)
    currency: str = ""


class CreditNote(MirrorRow, table=True):
    __tablename__ = "credit_note"

    customer_id: str = Field(default="", index=True)
    invoice_id: str = Field(default="", index=True)
    number: str = ""
    total: int = Field(default=0, sa_type=BigInteger)
    currency: str = ""


class TaxId(MirrorRow, table=True):
    __tablename__ = "tax_id"

    customer_id: str = Field(default="", index=True)
    type: str = ""
    value: str = ""


class UpcomingInvoice(Record, table=True):
    """What Stripe would charge next for one subscription, asked by the worker; `data` is the preview as sent.

    Stale when `revision` is below the customer's.
    """

    __tablename__ = "upcoming_invoice"

    subscription_id: str = Field(primary_key=True)
    customer_id: str = Field(index=True)
    revision: int = Field(sa_type=BigInteger)
    asked_at: datetime
    amount_due: int = Field(default=0, sa_type=BigInteger)
    total: int = Field(default=0, sa_type=BigInteger)
    currency: str = ""
    due_at: datetime | None = None
    data: dict[str, Any] | None = Field(default=None, sa_type=JSON)
