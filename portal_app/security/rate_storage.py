"""Keeps the counters of the rate limits in our database, since no storage of `limits` does on SQLite and PostgreSQL."""

import time

from limits.storage import Storage
from sqlalchemy import case, delete, func, select
from sqlalchemy.exc import SQLAlchemyError

from portal_app.models import base
from portal_app.models.access import RateCounter

_counter = RateCounter.__table__  # type: ignore[attr-defined]


class DatabaseStorage(Storage):
    """Counters that survive a restart and are shared by every process; each change is one statement.

    Not to be called inside an open write transaction: on SQLite it would wait for its own lock.
    """

    STORAGE_SCHEME = None

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        moment = time.time()
        with base.appending() as connection:
            adding = base.insert_into(connection, _counter).values(key=key, count=amount, expires_at=moment + expiry)
            is_over = _counter.c.expires_at <= moment
            counting = adding.on_conflict_do_update(
                index_elements=[_counter.c.key],
                set_={
                    "count": case((is_over, amount), else_=_counter.c.count + amount),
                    "expires_at": case((is_over, moment + expiry), else_=_counter.c.expires_at),
                },
            )
            return connection.execute(counting.returning(_counter.c.count)).scalar_one()

    def get(self, key: str) -> int:
        with base.reading() as connection:
            chosen = select(_counter.c.count).where(_counter.c.key == key, _counter.c.expires_at > time.time())
            return connection.execute(chosen).scalar() or 0

    def get_expiry(self, key: str) -> float:
        with base.reading() as connection:
            found = connection.execute(select(_counter.c.expires_at).where(_counter.c.key == key)).scalar()
            return found or time.time()

    def check(self) -> bool:
        try:
            with base.reading() as connection:
                connection.execute(select(func.count()).select_from(_counter))
        except SQLAlchemyError:
            return False
        return True

    def reset(self) -> int | None:
        with base.appending() as connection:
            return connection.execute(delete(_counter)).rowcount

    def clear(self, key: str) -> None:
        with base.appending() as connection:
            connection.execute(delete(_counter).where(_counter.c.key == key))
