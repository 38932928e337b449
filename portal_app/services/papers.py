"""Documents that a customer may fetch: made once in a process of their own, then kept."""

import hashlib
import json
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import Any

from sqlalchemy import bindparam, select

from portal_app import documents as room
from portal_app.documents.invoice import invoice_pdf
from portal_app.documents.pool import documents
from portal_app.documents.seller import Seller
from portal_app.environment import environment
from portal_app.kit.errors import NotFound
from portal_app.models import mirror
from portal_app.services import configuration, pictures
from portal_app.services.configuration import Configuration
from portal_app.services.desk import Desk
from portal_app.services.reading import Json, entries, text

_invoices = mirror.Invoice.__table__.c  # type: ignore[attr-defined]
_ONE = select(_invoices.data, _invoices.number).where(
    _invoices.customer_id == bindparam("customer_id"),
    _invoices.id == bindparam("invoice_id"),
    _invoices.status != "draft",
    ~_invoices.is_deleted,
)


@dataclass(frozen=True)
class Paper:
    """A file to hand over; `name` is safe in a header and on any disk."""

    name: str
    content: bytes


def invoice(desk: Desk, customer_id: str, invoice_id: str) -> Paper:
    """The PDF of one invoice of this customer, in the actor's language and zone.

    Raises:
        NotAllowed: the merchant does not show invoices here.
        NotFound: there is none of that id, it is a draft, or it is another customer's.
    """
    configuration.require(desk, "invoice_history")
    row = desk.row(_ONE, {"customer_id": customer_id, "invoice_id": invoice_id})
    if row is None:
        raise NotFound
    seller = _seller(desk, configuration.current(desk), row.data)
    spoken = {"locale": desk.actor.locale, "zone": desk.actor.zone}
    path = _place(_fingerprint(row.data, seller, spoken))
    desk.close()  # what follows may wait for a process, and needs no database
    if not path.exists():
        _keep(path, documents.begin(invoice_pdf, row.data, seller, **spoken).result())
    return Paper(_file_name(row.number or invoice_id), path.read_bytes())


def close() -> None:
    """End the processes that make documents; for the end of the server."""
    documents.shut_down()


def _seller(desk: Desk, chosen: Configuration, data: Json) -> Seller:
    logo = pictures.find(desk, chosen.logo_id) if chosen.logo_id else None
    tax_ids = (text(tax_id.get("value")) for tax_id in entries(data.get("account_tax_ids")))
    return Seller(
        # Before the merchant has said a name, Stripe's own for the account stands there.
        name=chosen.business_name or text(data.get("account_name")),
        email=chosen.support_email,
        tax_id=next(filter(None, tax_ids), ""),
        logo_png=logo.content if logo else None,
        colour=chosen.brand_colour,
    )


def _fingerprint(data: Json, seller: Seller, spoken: dict[str, str]) -> str:
    """Names a document by all that goes into it, so that a kept one is never stale."""
    made_of: dict[str, Any] = {
        "invoice": data,
        "seller": [seller.name, seller.email, seller.tax_id, seller.colour],
        "logo": hashlib.sha256(seller.logo_png or b"").hexdigest(),
        "layout": _layout(),
        **spoken,
    }
    return hashlib.sha256(json.dumps(made_of, sort_keys=True, default=str).encode()).hexdigest()


@cache
def _layout() -> str:
    """The documents' own code: another version of the portal makes them anew."""
    sources = sorted(Path(str(room.__file__)).parent.glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


def _place(fingerprint: str) -> Path:
    return environment().data_dir / "documents" / fingerprint[:2] / f"{fingerprint}.pdf"


def _keep(path: Path, content: bytes) -> None:
    """Under its name only when it is whole: two requests may make the same at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_suffix(f".{token_hex(8)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    unfinished.replace(path)


def _file_name(number: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", number).strip("-.")[:80] + ".pdf"
