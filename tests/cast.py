"""The people of the stories: two customers who must never see each other, and the merchant's team."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert

from portal_app.kit.clock import now
from portal_app.models import base
from portal_app.models.access import Staff
from portal_app.models.mirror import Customer
from portal_app.security import sessions
from portal_app.security.visitor import Visitor

# Stands in what is Ada's and nowhere else: no frame of anybody else may hold it.
CANARY = "CANARY-ADA"


@dataclass(frozen=True)
class Person:
    """Somebody with an address."""

    name: str
    email: str
    customer_id: str = ""
    staff_id: str = ""
    role: str = ""

    @property
    def visitor(self) -> Visitor:
        """This person in a call that no session stands behind."""
        kind = "staff" if self.staff_id else "customer"
        return Visitor(kind, email=self.email, customer_id=self.customer_id, staff_id=self.staff_id, role=self.role)

    def sign_in(self, **opening) -> tuple[str, str]:
        """Open a session without a mail; returns the cookie and the session's id."""
        kind = "staff" if self.staff_id else "customer"
        who = {"email": self.email, "customer_id": self.customer_id, "staff_id": self.staff_id}
        return sessions.open_session(kind, **{**who, **opening})


ADA = Person(f"Ada {CANARY}", "ada@example.com", customer_id="cus_ada")
BEA = Person("Bea Example", "bea@example.com", customer_id="cus_bea")
MIA = Person("Mia Owner", "owner@example.com", staff_id="staff_mia", role="owner")
SAM = Person("Sam Viewer", "viewer@example.com", staff_id="staff_sam", role="read_only")
EVERYBODY = (ADA, BEA, MIA, SAM)


def let_in(*people: Person, moment: datetime | None = None) -> None:
    """Write customers and staff into the database."""
    moment = moment or now()
    with base.writing() as connection:
        for person in people:
            if person.staff_id:
                row = {"id": person.staff_id, "email": person.email, "name": person.name, "role": person.role}
                connection.execute(insert(Staff.__table__).values(**row, created_at=moment))
            else:
                row = {"id": person.customer_id, "email": person.email, "name": person.name, "revision": 1}
                stamps = {"created_at": moment, "synced_at": moment, "is_deleted": False, "data": {}}
                blanks = {"currency": "eur", "balance": 0, "default_payment_method_id": ""}
                connection.execute(insert(Customer.__table__).values(**row, **stamps, **blanks))
