"""Opens one hospital on each kind of database: its tests race about patients of their own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import DIALECTS
from tests.databases import PostgresqlServer
from tests.integration.races.processes import Hospital, hospital
from tests.integration.races.soundness import patient_ids, sound_histories


@pytest.fixture(scope="package", params=DIALECTS)
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """Open a hospital on each kind of database, for all tests here; none of its answers may be a fault of its own."""
    folder: Path = tmp_path_factory.mktemp("hospital")
    if request.param == "sqlite":
        file = folder / "coursewatch.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        with hospital(f"sqlite:///{file}", folder) as running:
            yield running
            assert running.failures() == []
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    urls = server.migrated()
    with hospital(urls.app, folder) as running:
        yield running
        assert running.failures() == []
    server.drop(urls)


@pytest.fixture
def opened(standing: Hospital) -> Iterator[Hospital]:
    """Lend the hospital to a test; afterwards the histories of the patients that it brought along must be sound."""
    before = frozenset(patient_ids(standing.house))
    yield standing
    sound_histories(standing.house, but=before)
