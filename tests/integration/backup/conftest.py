"""What the tests of backups start from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.backup.ward import Ward, opened
from tests.integration.recorded import Recorded


@pytest.fixture
def ward(
    courses: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Ward]:
    """Give a ward on each kind of database."""
    of_postgresql = courses.house.database.dialect == "postgresql"
    server = request.getfixturevalue("postgresql_server") if of_postgresql else None
    with opened(courses, tmp_path, server, monkeypatch) as given:
        yield given
