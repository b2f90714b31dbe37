"""Gives the tests of a module one PostgreSQL database of two hospitals; what they change is undone."""

from collections.abc import Iterator

import pytest

from tests.databases import APP, PostgresqlServer
from tests.integration.fence.two_hospitals import TwoHospitals, two_hospitals
from workflow.persistence.migrations import upgrade


@pytest.fixture(scope="module")
def hospitals(postgresql_server: PostgresqlServer) -> Iterator[TwoHospitals]:
    """Give the database of Berlin and Wien."""
    urls = postgresql_server.migrated()
    # What is granted on a database itself is not copied with it.
    upgrade(urls.owner, app_role=APP)
    with two_hospitals(urls) as opened:
        yield opened
    postgresql_server.drop(urls)
