"""An upgrade while others work at the tables: it waits for its turn, and nobody waits long for it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests.databases import APP, Urls
from workflow.bootstrap import migrate
from workflow.persistence.engine import parse_url
from workflow.persistence.errors import DatabaseBusyError, WrongRevisionError
from workflow.persistence.migrations import current_revision, downgrade, newest_revision, patience, upgrade
from workflow.settings import Settings

pytestmark = pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)

LONGEST_SECONDS = 60.0
# The table that migration 0006 alters.
READ = "SELECT count(*) FROM installation"
# As the app's connections wait for a lock.
AS_A_REQUEST = "-c lock_timeout=3s"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an upgrade try again soon."""
    monkeypatch.setattr(patience, "PAUSE_SECONDS", 0.1)


@contextmanager
def long_reader(urls: Urls) -> Iterator[psycopg.Connection]:
    """Read a table in a transaction that lasts, as a backup does."""
    with psycopg.connect(urls.owner) as reader:
        reader.execute(READ)
        yield reader


def test_requests_go_on_while_an_upgrade_waits_for_a_table_that_somebody_reads_for_long(database_urls: Urls) -> None:
    downgrade(database_urls.owner, revision="0005")
    waits = Event()
    with ThreadPoolExecutor(1) as elsewhere, long_reader(database_urls) as reader:
        upgrading = elsewhere.submit(upgrade, database_urls.owner, tell=lambda _: waits.set())
        assert waits.wait(LONGEST_SECONDS)
        queued = 0
        with (
            psycopg.connect(database_urls.app, autocommit=True, options=AS_A_REQUEST) as app,
            psycopg.connect(database_urls.owner, autocommit=True) as watcher,
        ):
            # Several of its turns long: whoever comes while it asks for the table stands behind it for a moment.
            while queued < 3:
                queued += is_asking(watcher)
                app.execute(READ)
        assert not upgrading.done()
        reader.commit()
        upgrading.result(LONGEST_SECONDS)
    assert current_revision(database_urls.owner) == newest_revision()


def is_asking(connection: psycopg.Connection) -> bool:
    """Whether somebody waits for a lock at this moment."""
    waiting = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    row = waiting.fetchone()
    return row is not None and row[0] > 0


def test_an_upgrade_that_gets_no_turn_says_so_and_what_it_did_stays_done(
    database_urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    downgrade(database_urls.owner, revision="0004")
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0.0)
    with long_reader(database_urls) as reader:
        with pytest.raises(DatabaseBusyError, match="a backup, a check or an import; run the upgrade again"):
            upgrade(database_urls.owner)
        assert current_revision(database_urls.owner) == "0005"
        reader.commit()
    upgrade(database_urls.owner)
    assert current_revision(database_urls.owner) == newest_revision()


def test_an_upgrade_waits_for_another_one(database_urls: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_WAIT_FOR_ANOTHER", text("SET lock_timeout = '100ms'"))
    engine = create_engine(parse_url(database_urls.owner))
    with patience.alone(engine), pytest.raises(DatabaseBusyError):
        upgrade(database_urls.owner)
    upgrade(database_urls.owner)
    engine.dispose()


def of_newer_release(urls: Urls, *, usable_from: str | None) -> None:
    with psycopg.connect(urls.owner, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.execute("UPDATE installation SET usable_from = %s", [usable_from])
        connection.execute(f"REVOKE UPDATE ON heartbeat FROM {APP}")


def test_the_release_before_leaves_the_tables_of_a_newer_one_as_they_are_where_it_can_work_on_them(
    database_urls: Urls, tmp_path: object
) -> None:
    of_newer_release(database_urls, usable_from=newest_revision())
    told: list[str] = []
    settings = Settings.from_environment(
        {"COURSEWATCH_DATABASE": database_urls.owner, "COURSEWATCH_DATA_DIR": str(tmp_path)}
    )
    migrate(settings, tell=told.append)
    assert told == ["The database is at 9999, of a newer release; this one works on its tables."]
    assert current_revision(database_urls.owner) == "9999"
    with psycopg.connect(database_urls.app) as connection:
        (row,) = connection.execute("SELECT has_table_privilege('heartbeat', 'UPDATE')").fetchall()
    assert row == (False,)


@pytest.mark.parametrize("usable_from", ["9999", None])
def test_the_release_before_refuses_tables_that_it_cannot_work_on(database_urls: Urls, usable_from: str | None) -> None:
    of_newer_release(database_urls, usable_from=usable_from)
    with pytest.raises(WrongRevisionError, match=r"9999, of a newer release.*restore a backup from before its upgrade"):
        upgrade(database_urls.owner)
