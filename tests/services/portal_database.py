"""A database of its own for each test, on SQLite and, where it runs, on PostgreSQL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlmodel import SQLModel

import portal_app.models  # noqa: F401
from portal_app.environment import environment
from portal_app.models import base
from portal_app.security.visitor import Visitor

SERVER = "postgresql://postgres@127.0.0.1:5432"
OWNER = Visitor("staff", staff_id="staff_mia", email="owner@example.com", role="owner")
ADMIN = Visitor("staff", staff_id="staff_abe", email="admin@example.com", role="admin")
VIEWER = Visitor("staff", staff_id="staff_sam", email="viewer@example.com", role="read_only")
ADA = Visitor("customer", customer_id="cus_ada", email="ada@example.com")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path, monkeypatch) -> Iterator[str]:
    """The URL of an empty database that this process, and each it starts, uses."""
    made = _postgresql(tmp_path.name) if request.param == "postgresql" else _sqlite(tmp_path)
    with made as url:
        yield from _used(url, tmp_path, monkeypatch)


@pytest.fixture
def sqlite_database(tmp_path, monkeypatch) -> Iterator[str]:
    """The same, where the kind of database makes no difference."""
    with _sqlite(tmp_path) as url:
        yield from _used(url, tmp_path, monkeypatch)


def _used(url, folder, monkeypatch) -> Iterator[str]:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("PORTAL_DATA_DIR", str(folder))
    monkeypatch.setenv("PORTAL_MODE", "test")
    monkeypatch.setenv("PORTAL_SECRET_KEY", "0123456789abcdef0123456789abcdef")
    environment.cache_clear()
    base.dispose()
    SQLModel.metadata.create_all(base.engine())
    yield url
    base.dispose()
    environment.cache_clear()


@contextmanager
def _sqlite(folder) -> Iterator[str]:
    yield f"sqlite:///{folder / 'portal.db'}"


@contextmanager
def _postgresql(name: str) -> Iterator[str]:
    name = f"portal_merchant_{os.getpid()}_{abs(hash(name)) % 10**8}"
    try:
        server = psycopg.connect(f"{SERVER}/postgres", autocommit=True, connect_timeout=2)
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL on 127.0.0.1:5432")
    with server:
        server.execute(f"create database {name}")
        try:
            yield f"{SERVER}/{name}"
        finally:
            server.execute(f"drop database {name} with (force)")
