"""Migrations go up, down and up again on both databases, and make exactly what the tables say."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, inspect

from tests.databases import Urls
from workflow.persistence.engine import Database, open_database, parse_url
from workflow.persistence.errors import WrongRevisionError
from workflow.persistence.migrations import current_revision, downgrade, newest_revision, require_current, upgrade
from workflow.persistence.tables import METADATA


def tables(urls: Urls) -> set[str]:
    engine = create_engine(parse_url(urls.owner))
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def differences(urls: Urls) -> list[object]:
    engine = create_engine(parse_url(urls.owner))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        found = compare_metadata(context, METADATA)
    engine.dispose()
    return list(found)


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
    engine = create_engine(parse_url(database_urls.owner))
    inspector = inspect(engine)
    for name, table in METADATA.tables.items():
        found = {index["name"]: index for index in inspector.get_indexes(name)}
        for index in table.indexes:
            where = index.dialect_options[engine.dialect.name]["where"]
            options = found[str(index.name)].get("dialect_options", {})
            assert (where is None) == (options.get(f"{engine.dialect.name}_where") is None), index.name
        checks = {check["name"] for check in inspector.get_check_constraints(name)}
        wanted = {
            str(constraint.name) for constraint in table.constraints if constraint.__visit_name__ == "check_constraint"
        }
        assert {str(check).removeprefix(f"ck_{name}_") for check in checks} == wanted
    engine.dispose()


def test_a_database_of_another_revision_is_refused_with_the_way_out(empty_urls: Urls) -> None:
    database = open_database(empty_urls.app, secret=b"unused")
    with pytest.raises(WrongRevisionError, match="at revision none, this release works with 0001; run `coursewatch db"):
        require_current(database)
    database.dispose()


def test_a_database_of_the_newest_revision_is_accepted(database: Database) -> None:
    require_current(database)
