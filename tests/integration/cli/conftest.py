"""Where the commands of a test run: a folder of its own, with or without a database."""

from pathlib import Path

import pytest

from tests.databases import Urls
from tests.integration.cli.running import at_home
from workflow.settings import Settings


@pytest.fixture
def home(tmp_path: Path, database_urls: Urls, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Let commands run on a migrated database; the test runs once on each kind."""
    return at_home(tmp_path, database_urls, monkeypatch)


@pytest.fixture
def new_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let commands run in an empty folder, as on the first day."""
    at_home(tmp_path, None, monkeypatch)
    return tmp_path
