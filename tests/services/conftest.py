"""A desk of its own for each test, on SQLite and, where it runs, on PostgreSQL."""

from collections.abc import Iterator

import pytest

from portal_app.security.visitor import SYSTEM
from portal_app.services.desk import Desk, open_desk
from tests.services.portal_database import database

__all__ = ["database"]


@pytest.fixture
def desk(database) -> Iterator[Desk]:
    """An empty portal's desk, without a gateway."""
    with open_desk(actor=SYSTEM) as opened:
        yield opened
