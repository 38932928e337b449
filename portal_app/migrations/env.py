"""How Alembic reaches the database: by the connection it is handed, or by the configured one."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from portal_app import models
from portal_app.models import base

__all__ = ["models"]


def _render(kind: str, thing: Any, _context: Any) -> str | Literal[False]:
    """Write SQLAlchemy's own types into migrations, so that old ones do not depend on another package's names."""
    if kind == "type" and isinstance(thing, AutoString):
        return "sa.String()"
    if kind == "type" and isinstance(thing, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _migrate(connection: Connection) -> None:
    # SQLite alters a table by copying it.
    is_sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=is_sqlite,
        render_item=_render,
        compare_type=True,
        # Half a migration is worse than none, and both databases can take one back.
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _migrate(given)
else:
    with base.engine().connect() as opened:
        _migrate(opened)
