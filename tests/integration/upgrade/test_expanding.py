"""A release only adds what the release before can do without: its processes go on while the database is upgraded."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text

from tests.databases import PostgresqlServer, Urls
from tests.integration.upgrade.expanding import Statements, Tables, harm, tables_of
from workflow.persistence.engine import parse_url
from workflow.persistence.migrations import USABLE_FROM, upgrade


@pytest.fixture(scope="module")
def engine(postgresql_server: PostgresqlServer) -> Iterator[Engine]:
    """Reach a database of this release as its owner."""
    urls = postgresql_server.migrated()
    engine = create_engine(parse_url(urls.owner))
    yield engine
    engine.dispose()
    postgresql_server.drop(urls)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """Change what you like; nothing of it stays."""
    with engine.connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def statements() -> Iterator[Statements]:
    """Take down what is sent to any database."""
    taken = Statements()
    event.listen(Engine, "before_cursor_execute", taken.listen)
    yield taken
    event.remove(Engine, "before_cursor_execute", taken.listen)


@pytest.mark.parametrize("empty_urls", ["postgresql"], indirect=True)
def test_whoever_works_since_usable_from_can_work_on_the_tables_of_this_release(
    empty_urls: Urls, statements: Statements
) -> None:
    upgrade(empty_urls.owner, revision=USABLE_FROM)
    before = tables_at(empty_urls)
    statements.sent.clear()
    upgrade(empty_urls.owner)
    assert harm(before, tables_at(empty_urls)) == []
    assert statements.blocking_indexes(before) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("DROP TABLE heartbeat", "heartbeat is gone"),
        ("ALTER TABLE heartbeat RENAME TO pulse", "heartbeat is gone"),
        ("ALTER TABLE patient DROP COLUMN deputy", "patient.deputy is gone"),
        ("ALTER TABLE patient RENAME COLUMN deputy TO second", "patient.deputy is gone"),
        ("ALTER TABLE patient ALTER COLUMN owner SET NOT NULL", "patient.owner was VARCHAR and is VARCHAR NOT NULL"),
        (
            "ALTER TABLE patient ALTER COLUMN site_id DROP NOT NULL",
            "patient.site_id was VARCHAR NOT NULL and is VARCHAR",
        ),
        ("ALTER TABLE seal ALTER COLUMN hash TYPE char(64)", "seal.hash was VARCHAR NOT NULL and is CHAR(64) NOT NULL"),
        (
            "ALTER TABLE patient ADD COLUMN ward text NOT NULL",
            "patient.ward is new, and has no default for who does not know it",
        ),
        (
            "ALTER TABLE patient ADD CONSTRAINT ck_owner CHECK (owner <> '')",
            "patient.ck_owner refuses rows: check owner::text <> ''::text",
        ),
        ("CREATE UNIQUE INDEX uq_one ON patient (owner)", "patient.uq_one refuses rows: unique ['owner']"),
        (
            "ALTER TABLE patient ADD CONSTRAINT fk_owner FOREIGN KEY (owner) REFERENCES actor (id)",
            "patient.fk_owner refuses rows: ['owner'] of actor",
        ),
    ],
)
def test_what_would_break_the_release_before_is_found(connection: Connection, change: str, found: str) -> None:
    before = tables_of(connection)
    connection.execute(text(change))
    assert found in harm(before, tables_of(connection))


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE patient ADD COLUMN ward text",
        "ALTER TABLE patient ADD COLUMN ward text NOT NULL DEFAULT ''",
        "CREATE TABLE ward (id text PRIMARY KEY, name text NOT NULL)",
        "CREATE INDEX ix_ward ON patient (owner)",
    ],
)
def test_what_the_release_before_can_do_without_is_no_harm(connection: Connection, change: str) -> None:
    before = tables_of(connection)
    connection.execute(text(change))
    assert harm(before, tables_of(connection)) == []


def test_an_index_that_keeps_writers_waiting_is_found(
    engine: Engine, connection: Connection, statements: Statements
) -> None:
    before = tables_of(connection)
    blocking = "CREATE INDEX ix_owner ON patient (owner)"
    for change in (blocking, "CREATE TABLE ward (id text)", "CREATE INDEX ix_ward ON ward (id)"):
        connection.execute(text(change))
    connection.rollback()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as beside:
        beside.execute(text("CREATE INDEX CONCURRENTLY ix_deputy ON patient (deputy)"))
        beside.execute(text("DROP INDEX ix_deputy"))
    assert statements.blocking_indexes(before) == [blocking]


def tables_at(urls: Urls) -> Tables:
    """Return the tables of a database."""
    engine = create_engine(parse_url(urls.owner))
    with engine.connect() as connection:
        tables = tables_of(connection)
    engine.dispose()
    return tables
