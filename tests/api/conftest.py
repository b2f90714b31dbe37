"""Opens a ward for a test: on both databases where stories are told, on SQLite where only the edge is meant."""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.api.ward import Ward, opened_ward


@pytest.fixture
def logging_restored() -> Iterator[None]:
    """Put both kinds of logging back as they were, after a test that sets them up as in production."""
    root, access = logging.getLogger(), logging.getLogger("uvicorn.access")
    handlers, level, disabled = root.handlers, root.level, access.disabled
    yield
    structlog.reset_defaults()
    root.handlers, root.level, access.disabled = handlers, level, disabled


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


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return an empty folder for the hospital's own protocols."""
    folder = tmp_path / "own"
    folder.mkdir()
    return folder
