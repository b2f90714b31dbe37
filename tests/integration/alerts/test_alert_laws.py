"""The laws of alerts on both databases, whatever is recorded, corrected, moved and handed over, and whoever looks."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.databases import PostgresqlServer
from tests.integration.alerts.hospitals import HandClock, Hospitals
from tests.integration.alerts.machine import Alerts


@pytest.fixture(params=["sqlite", "postgresql"])
def two_urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Give two migrated databases of each kind."""
    if request.param == "sqlite":
        files = (tmp_path / "swept.sqlite3", tmp_path / "alone.sqlite3")
        for file in files:
            shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{files[0]}", f"sqlite:///{files[1]}"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    both = (server.migrated(), server.migrated())
    yield both[0].app, both[1].app
    for urls in both:
        server.drop(urls)


def test_a_threshold_is_an_alert_once_if_it_passed_in_what_was_known_however_often_one_looks(
    two_urls: tuple[str, str], tmp_path: Path
) -> None:
    houses = [
        Hospitals(url, tmp_path / name, HandClock()) for url, name in zip(two_urls, ("swept", "alone"), strict=True)
    ]

    class OfTheseHouses(Alerts):
        def __init__(self) -> None:
            super().__init__(houses[0], houses[1])

    try:
        run_state_machine_as_test(OfTheseHouses, settings=settings(max_examples=10, stateful_step_count=25))
    finally:
        for each in houses:
            each.house.close()
