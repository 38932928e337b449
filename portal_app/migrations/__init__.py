"""The database's schema, one step after the other, on SQLite and on PostgreSQL. May import: kit, models."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlmodel import SQLModel

from portal_app import models
from portal_app.models import base

__all__ = ["differences", "is_at_head", "models", "upgrade"]

# One process migrates, the others wait; any number that nothing else in this database takes.
_ALONE = text("select pg_advisory_lock(7076117)")
_NOT_ALONE = text("select pg_advisory_unlock(7076117)")


def upgrade() -> None:
    """Bring the configured database to this version's schema; does nothing where it is there already."""
    if is_at_head():
        return
    # On SQLite the write lock makes other processes wait, as the advisory lock does on PostgreSQL.
    with base.engine().connect().execution_options(portal_writes=True) as connection:
        is_shared = connection.dialect.name == "postgresql"
        if is_shared:
            connection.execute(_ALONE)
            connection.commit()
        try:
            settings = _settings()
            settings.attributes["connection"] = connection
            command.upgrade(settings, "head")
        finally:
            if is_shared:
                connection.rollback()
                connection.execute(_NOT_ALONE)
                connection.commit()


def is_at_head() -> bool:
    """Whether the configured database has this version's schema."""
    with base.engine().connect() as connection:
        found = MigrationContext.configure(connection).get_current_heads()
    return set(found) == set(ScriptDirectory.from_config(_settings()).get_heads())


def differences() -> list[str]:
    """What the tables of `models` have and the database does not, or the other way round; empty when they agree."""
    with base.engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [str(difference) for difference in compare_metadata(context, SQLModel.metadata)]


def _settings() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    return settings
