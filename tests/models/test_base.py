"""The database: writers wait for each other and nobody hears of a lock."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select, update

from portal_app.models import base
from portal_app.models.journal import Fact

_facts = Fact.__table__
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_when_twenty_writers_count_together_then_no_count_is_lost(each_database):
    with base.writing() as connection:
        connection.execute(insert(_facts).values(name="count", value="0", changed_at=NOON))

    def count() -> None:
        for _ in range(10):
            with base.writing() as connection:
                value = int(connection.execute(select(_facts.c.value)).scalar())
                connection.execute(update(_facts).values(value=str(value + 1)))

    threads = [threading.Thread(target=count) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with base.reading() as connection:
        assert connection.execute(select(_facts.c.value)).scalar() == "200"


def test_given_a_long_reader_when_somebody_writes_then_neither_waits(each_database):
    with base.reading() as reader:
        before = reader.execute(select(_facts)).all()
        with base.writing() as writer:
            writer.execute(insert(_facts).values(name="new", value="1", changed_at=NOON))

        assert before == []
    with base.reading() as later:
        assert later.execute(select(_facts.c.changed_at)).scalar() == NOON


def test_when_a_write_fails_then_nothing_of_it_stays(each_database):
    def half() -> None:
        with base.writing() as connection:
            connection.execute(insert(_facts).values(name="half", value="1", changed_at=NOON))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()

    with base.reading() as connection:
        assert connection.execute(select(_facts)).all() == []
