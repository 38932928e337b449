"""The merchant's team: who may sign in at `/admin/login`, and as what. Nobody has a password."""

import secrets
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from portal_app.environment import environment
from portal_app.kit.clock import now
from portal_app.kit.errors import Conflict, InvalidInput
from portal_app.kit.i18n import N_
from portal_app.models.access import Staff
from portal_app.security.addresses import clean_email
from portal_app.services import audit
from portal_app.services.desk import Desk

ROLES = ("owner", "admin", "support", "finance", "read_only")

_staff = Staff.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Member:
    """Somebody in the team."""

    id: str
    email: str
    name: str
    role: str


def find_by_email(desk: Desk, email: str) -> Member | None:
    """The member with this address, unless disabled."""
    row = desk.row(
        select(_staff.c.id, _staff.c.email, _staff.c.name, _staff.c.role).where(
            _staff.c.email == email, _staff.c.disabled_at.is_(None)
        )
    )
    return Member(*row) if row else None


def add(desk: Desk, email: str, role: str) -> Member:
    """Let somebody in, or back in after having been disabled.

    Raises:
        InvalidInput: the address or the role is none.
        Conflict: this address belongs to the team already.
    """
    cleaned = clean_email(email)
    _require_role(role)
    with desk.transaction():
        if find_by_email(desk, cleaned):
            raise Conflict(N_("This address belongs to the team already."))
        return _enter(desk, cleaned, role)


def ensure(desk: Desk, email: str, role: str) -> Member:
    """Like `add`, for a start that happens again and again: whoever is there already stays as they are.

    Raises:
        InvalidInput: the address or the role is none.
    """
    cleaned = clean_email(email)
    _require_role(role)
    if found := find_by_email(desk, cleaned):
        return found
    with desk.transaction():
        return find_by_email(desk, cleaned) or _enter(desk, cleaned, role)


def ensure_owner(desk: Desk) -> Member | None:
    """Make `PORTAL_ADMIN_EMAIL` the owner as long as the team has none; a portal without it is left alone.

    Raises:
        InvalidInput: the setting is no mail address.
    """
    email = environment().admin_email
    if not email:
        return None
    owner = select(_staff.c.id).where(_staff.c.role == "owner", _staff.c.disabled_at.is_(None))
    if desk.value(owner):
        return find_by_email(desk, clean_email(email))
    with desk.transaction():
        return None if desk.value(owner) else _enter(desk, clean_email(email), "owner")


def _require_role(role: str) -> None:
    if role not in ROLES:
        raise InvalidInput(N_("Choose one of the roles: {roles}."), field="role", roles=", ".join(ROLES))


def _enter(desk: Desk, email: str, role: str) -> Member:
    known = desk.row(select(_staff.c.id, _staff.c.name).where(_staff.c.email == email))
    member = Member(known.id if known else "stf_" + secrets.token_hex(8), email, known.name if known else "", role)
    if known:
        desk.run(update(_staff).where(_staff.c.id == known.id).values(role=role, disabled_at=None))
    else:
        desk.run(
            insert(_staff).values(id=member.id, email=email, name="", role=role, created_at=now(), disabled_at=None)
        )
    audit.record(desk, "staff.added", member.id, after={"role": role})
    return member
