"""Opens a ward for a test: on both databases where stories are told, on SQLite where only the edge is meant."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.ward import Ward, opened_ward


@pytest.fixture
def ward(database_url: str, tmp_path: Path) -> Iterator[Ward]:
    """Open a ward on each kind of database."""
    with opened_ward(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def edge(sqlite_template: Path, tmp_path: Path) -> Iterator[Ward]:
    """Open a ward on SQLite, for what happens before and after a use case."""
    file = tmp_path / "coursewatch.sqlite3"
    shutil.copy(sqlite_template, file)
    with opened_ward(f"sqlite:///{file}", tmp_path) as opened:
        yield opened
