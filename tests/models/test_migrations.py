"""The schema: up on both databases, equal to the tables, safe when several processes start at once."""

import os
import subprocess
import sys

from sqlalchemy import inspect
from sqlmodel import SQLModel

from portal_app import migrations
from portal_app.models import base

AGAIN = "from portal_app import migrations; migrations.upgrade(); assert migrations.is_at_head()"


def test_when_it_is_migrated_then_tables_and_database_agree(each_database):
    assert migrations.is_at_head()
    assert migrations.differences() == []


def test_when_it_is_migrated_again_then_nothing_happens(each_database):
    migrations.upgrade()

    assert migrations.is_at_head()


def test_given_an_empty_database_when_it_is_looked_at_then_it_is_behind(each_database):
    with base.writing() as connection:
        SQLModel.metadata.drop_all(connection)
        connection.exec_driver_sql("drop table alembic_version")

    assert not migrations.is_at_head()
    assert migrations.differences() != []


def test_given_an_empty_database_when_several_processes_start_then_all_find_it_migrated(each_database):
    with base.writing() as connection:
        SQLModel.metadata.drop_all(connection)
        connection.exec_driver_sql("drop table alembic_version")
    base.dispose()

    started = [subprocess.Popen([sys.executable, "-c", AGAIN], env={**os.environ}) for _ in range(3)]

    assert [process.wait(60) for process in started] == [0, 0, 0]
    assert migrations.differences() == []


def test_when_an_open_intent_is_looked_for_then_the_database_itself_allows_one(each_database):
    indexes = {index["name"]: index for index in inspect(base.engine()).get_indexes("operation")}

    assert indexes["operation_open"]["unique"]
