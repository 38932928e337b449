"""The world of the access table: the sample shop, mirrored, behind a served portal; and everybody who may call."""

import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal, get_args

import httpx
from sqlalchemy import insert, select, update
from sqlmodel import SQLModel

from portal_app.environment import environment
from portal_app.kit.clock import now
from portal_app.models import base
from portal_app.models.access import Session, SignInRequest
from portal_app.models.mirror import Customer
from portal_app.security import magic_links
from portal_app.security.signing import hashed
from portal_app.security.visitor import SYSTEM
from portal_app.services import staff
from portal_app.services.desk import open_desk
from portal_app.services.sync import backfill
from tests.cast import Person
from tests.served import ROOT, Served, a_served_portal, free_port

Identity = Literal["nobody", "bea", "ada", "unused link", "expired session", "viewer", "owner"]
IDENTITIES: tuple[Identity, ...] = get_args(Identity)

# What a call may change by being a call: signs of life and counted tries.
_NOT_COMPARED: dict[str, frozenset[str]] = {"session": frozenset({"seen_at"})}
_IGNORED = frozenset({"rate_counter"})


@dataclass
class World:
    """Who and what the table's rows may name."""

    served: Served
    database: Path
    ada: Person
    bea: Person
    viewer: Person
    owner: Person
    adas_ids: frozenset[str] = frozenset()
    _cookies: dict[str, str] = field(default_factory=dict)

    def adas(self, table: type[SQLModel], **where: object) -> str:
        """The id of something of Ada's: `world.adas(Subscription, status="active")`."""
        columns = table.__table__.c
        narrowed = [
            columns.customer_id == self.ada.customer_id,
            *(columns[name] == value for name, value in where.items()),
        ]
        with base.reading() as connection:
            found = connection.scalar(select(columns.id).where(*narrowed).order_by(columns.id))
        assert found, f"Ada has no {table.__name__} with {where}"
        return found

    def canaries(self) -> frozenset[str]:
        """What nobody but Ada and the merchant's team may be shown."""
        return self.adas_ids | {self.ada.name, self.ada.email, self.ada.customer_id}

    def cookie(self, identity: Identity) -> str:
        """A browser's cookie for somebody; opened anew for each call, since a call may end it."""
        match identity:
            case "nobody":
                return ""
            case "unused link":
                return self._unused_link()
            case "expired session":
                cookie, session_id = self.ada.sign_in()
                long_ago = now() - timedelta(minutes=31)
                with base.writing() as connection:
                    sessions = Session.__table__
                    connection.execute(update(sessions).where(sessions.c.id == session_id).values(seen_at=long_ago))
                return cookie
        return {"bea": self.bea, "ada": self.ada, "viewer": self.viewer, "owner": self.owner}[identity].sign_in()[0]

    def _unused_link(self) -> str:
        request_id, moment = magic_links.new_request_id(), now()
        token = magic_links.link_token(request_id)
        row = {
            "id": request_id,
            "audience": "customer",
            "email": self.ada.email,
            "token_hash": hashed(token),
            "created_at": moment,
            "expires_at": moment + timedelta(seconds=magic_links.LIFETIME_SECONDS),
        }
        blanks = {"code_hash": "", "browser_hash": "", "next_path": "", "tries": 0}
        with base.writing() as connection:
            connection.execute(insert(SignInRequest.__table__).values(**blanks, **row))
        return token


class Ledger:
    """Notices which tables another process has changed, byte for byte."""

    def __init__(self, database: Path) -> None:
        self._connection = sqlite3.connect(database, isolation_level=None)
        self._version = self._read_version()
        self._digests = self._read_digests()

    def changes(self) -> set[str]:
        """The tables that have changed since the last time of asking."""
        # SQLite counts commits of other connections: none, and every byte is as it was.
        if (version := self._read_version()) == self._version:
            return set()
        self._version = version
        before, self._digests = self._digests, self._read_digests()
        return {name for name, digest in self._digests.items() if before.get(name) != digest}

    def close(self) -> None:
        self._connection.close()

    def _read_version(self) -> int:
        return self._connection.execute("pragma data_version").fetchone()[0]

    def _read_digests(self) -> dict[str, str]:
        listed = self._connection.execute("select name from sqlite_master where type = 'table'").fetchall()
        return {name: self._digest(name) for (name,) in listed if name not in _IGNORED}

    def _digest(self, table: str) -> str:
        named = [row[1] for row in self._connection.execute(f"pragma table_info({table})")]
        columns = ", ".join(f'"{name}"' for name in named if name not in _NOT_COMPARED.get(table, ()))
        digest = hashlib.sha256()
        for row in self._connection.execute(f"select {columns} from {table} order by 1"):
            digest.update(repr(row).encode())
        return digest.hexdigest()


@contextmanager
def a_world(folder: Path) -> Iterator[World]:
    """Start sandbox and portal, and mirror the shop."""
    port = free_port()
    command = [sys.executable, "-m", "portal_app.sandbox", "--port", str(port), "--shop", "small"]
    sandbox = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        settings = {
            "STRIPE_SECRET_KEY": "sk_test_demo",
            "STRIPE_API_BASE": f"http://127.0.0.1:{port}",
            "PORTAL_TRUSTED_PROXY_HOPS": "1",
        }
        _wait_for(f"http://127.0.0.1:{port}/_sandbox/health")
        with a_served_portal(folder, settings=settings) as served:
            yield _fill(served)
    finally:
        sandbox.terminate()
        sandbox.wait(15)


def _fill(served: Served) -> World:
    backfill.run(lambda _kind, _done: None)
    with open_desk(actor=SYSTEM) as desk:
        owner = staff.ensure(desk, "owner@example.com", "owner")
        viewer = staff.ensure(desk, "viewer@example.com", "read_only")
    ada, bea = _customer("ada@example.com"), _customer("bea@example.com")
    return World(
        served,
        environment().data_dir / "portal.db",
        ada,
        bea,
        Person(viewer.name, viewer.email, staff_id=viewer.id, role=viewer.role),
        Person(owner.name, owner.email, staff_id=owner.id, role=owner.role),
        adas_ids=_ids_of(ada.customer_id),
    )


def _customer(email: str) -> Person:
    customers = Customer.__table__
    with base.reading() as connection:
        row = connection.execute(select(customers).where(customers.c.email == email)).one()
    return Person(row.name, email, customer_id=row.id)


def _ids_of(customer_id: str) -> frozenset[str]:
    """Every id in the database that belongs to a customer."""
    found: set[str] = set()
    with base.reading() as connection:
        for table in SQLModel.metadata.sorted_tables:
            if "customer_id" in table.c and "id" in table.c:
                found |= set(connection.scalars(select(table.c.id).where(table.c.customer_id == customer_id)))
    return frozenset(str(one) for one in found)


def _wait_for(address: str) -> None:
    transport = httpx.HTTPTransport(retries=10)
    with httpx.Client(transport=transport, timeout=30) as client:
        assert client.get(address).status_code == httpx.codes.OK
