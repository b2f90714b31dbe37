"""Migrations go up, down and up again on both databases, and make exactly what the tables say."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, create_engine, inspect, text
from sqlalchemy.dialects.postgresql.base import PGDialect

from tests.databases import Urls
from workflow.persistence.engine import Database, open_database, parse_url
from workflow.persistence.errors import UnsupportedServerError, WrongRevisionError
from workflow.persistence.migrations import current_revision, downgrade, newest_revision, require_current, upgrade
from workflow.persistence.tables import METADATA


@contextmanager
def as_owner(urls: Urls) -> Iterator[Connection]:
    engine = create_engine(parse_url(urls.owner))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def tables(urls: Urls) -> set[str]:
    with as_owner(urls) as connection:
        return set(inspect(connection).get_table_names())


def differences(urls: Urls) -> list[object]:
    with as_owner(urls) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, METADATA))


def test_up_down_up_ends_where_the_tables_say(empty_urls: Urls) -> None:
    upgrade(empty_urls.owner)
    assert tables(empty_urls) == {*METADATA.tables, "alembic_version"}
    downgrade(empty_urls.owner)
    assert tables(empty_urls) == {"alembic_version"}
    assert current_revision(empty_urls.owner) is None
    upgrade(empty_urls.owner)
    assert differences(empty_urls) == []
    assert current_revision(empty_urls.owner) == newest_revision()


def test_upgrading_twice_changes_nothing(database_urls: Urls) -> None:
    upgrade(database_urls.owner)
    assert differences(database_urls) == []


def test_partial_indexes_and_checks_of_the_tables_are_in_the_database(database_urls: Urls) -> None:
    with as_owner(database_urls) as connection:
        inspector = inspect(connection)
        dialect = connection.dialect.name
        for name, table in METADATA.tables.items():
            found = {str(index["name"]): index.get("dialect_options", {}) for index in inspector.get_indexes(name)}
            for index in table.indexes:
                partial = index.dialect_options[dialect]["where"] is not None
                assert partial == (f"{dialect}_where" in found[str(index.name)]), index.name
            assert {short(name, check["name"]) for check in inspector.get_check_constraints(name)} == {
                short(name, constraint.name)
                for constraint in table.constraints
                if isinstance(constraint, CheckConstraint)
            }


@pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
def test_what_is_left_of_delivered_notices_does_not_wait_for_a_fifth_of_the_table(database_urls: Urls) -> None:
    with as_owner(database_urls) as connection:
        options = connection.scalar(text("SELECT reloptions FROM pg_class WHERE oid = 'notice'::regclass"))
    assert options == ["autovacuum_vacuum_scale_factor=0.01"]


def short(table: str, constraint: object) -> str:
    return str(constraint).removeprefix(f"ck_{table}_")


def test_a_database_of_another_revision_is_refused_with_the_way_out(empty_urls: Urls) -> None:
    database = open_database(empty_urls.app, secret=b"unused")
    with pytest.raises(WrongRevisionError, match=rf"none, .* works with {newest_revision()}; run `coursewatch"):
        require_current(database)
    database.dispose()


def test_a_database_of_the_newest_revision_is_accepted(database: Database) -> None:
    require_current(database)


@pytest.mark.parametrize("empty_urls", ["postgresql"], indirect=True)
def test_a_server_that_is_too_old_is_refused_before_anything_is_changed(
    empty_urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(PGDialect, "_get_server_version_info", lambda *_: (14, 20))
        with pytest.raises(UnsupportedServerError, match=r"is PostgreSQL 14\.20, .* needs 15 or later"):
            upgrade(empty_urls.owner)
    assert tables(empty_urls) == set()

    with monkeypatch.context() as oldest:
        oldest.setattr(PGDialect, "_get_server_version_info", lambda *_: (15, 0))
        upgrade(empty_urls.owner)
    assert current_revision(empty_urls.owner) == newest_revision()
