"""A desk on each database, for services whose selects must read the same on both."""

from collections.abc import Iterator

import pytest

from portal_app.security.visitor import SYSTEM
from portal_app.services.desk import Desk, open_desk


@pytest.fixture
def each_desk(each_database) -> Iterator[Desk]:
    """An empty portal's desk, on SQLite and, where it runs, on PostgreSQL."""
    with open_desk(actor=SYSTEM) as opened:
        yield opened
