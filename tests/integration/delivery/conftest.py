"""What the tests of delivery share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Urls
from tests.integration.delivery.late_ward import TOLD_AT, LateWard, late_ward


@pytest.fixture
def ward(database_urls: Urls, tmp_path: Path) -> Iterator[LateWard]:
    """Give a ward whose one notice is due, on each kind of database."""
    with late_ward(database_urls, tmp_path) as given:
        given.clock.now = TOLD_AT
        yield given
