"""What every test shares: databases of both kinds, and generated examples that no clock of a busy machine judges."""

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.databases import PostgresqlServer, Urls, migrated_sqlite_file
from workflow.persistence.engine import Database, open_database

settings.register_profile(
    "house", max_examples=60, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")

# A command that is to be refused is refused at once, in the processes that tests start too; tests of waiting set it.
os.environ["COURSEWATCH_WAIT_FOR_DATABASE"] = "0"

DIALECTS = ("sqlite", "postgresql")
SECRET = b"a secret of the tests, at least 32 bytes"


def pytest_collection_finish() -> None:
    """Leave thousands of collected tests out of every later search for garbage: they stay until the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Start one PostgreSQL server for this process of the test run."""
    server = PostgresqlServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated SQLite file to copy."""
    return migrated_sqlite_file(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(params=DIALECTS)
def database_urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Urls]:
    """Give a migrated database of each kind, as owner and as app."""
    if request.param == "sqlite":
        file = tmp_path / "coursewatch.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield Urls(owner=f"sqlite:///{file}", app=f"sqlite:///{file}")
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    urls = server.migrated()
    yield urls
    server.drop(urls)


@pytest.fixture(params=DIALECTS)
def empty_urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Urls]:
    """Give a database of each kind without any table."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        yield Urls(owner=url, app=url)
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    urls = server.empty()
    yield urls
    server.drop(urls)


@pytest.fixture
def database_url(database_urls: Urls) -> str:
    """Return the URL by which the app reaches a migrated database; the test runs once on each kind."""
    return database_urls.app


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Open a migrated database of each kind as the app role; its clock is its own."""
    opened = open_database(database_url, secret=SECRET)
    yield opened
    opened.dispose()
