"""What several tests of a whole house start from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Urls
from tests.integration.recorded import Recorded, recorded


@pytest.fixture
def courses(database_urls: Urls, tmp_path: Path) -> Iterator[Recorded]:
    """Give two courses recorded fact by fact, on each kind of database."""
    with recorded(database_urls, tmp_path) as given:
        yield given
