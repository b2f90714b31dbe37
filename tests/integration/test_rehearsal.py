"""A rehearsal database alone lives at another time; a real one refuses to, and never becomes a rehearsal."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.databases import Urls
from workflow.bootstrap import RehearsalOnlyError, build, migrate
from workflow.clock import utc_now
from workflow.domain.actor import LOCAL_ADMIN
from workflow.persistence.unit_of_work import reading
from workflow.services.register_patient import register
from workflow.settings import Settings

LONG_AGO = datetime(2025, 1, 31, 10, 0, tzinfo=UTC)
REGISTRATION = {"pseudonym": "A", "site": "berlin", "diagnosis_date": "2020-01-01", "phenotype": "BCP"}


def _settings(urls: Urls, folder: Path, **more: str) -> Settings:
    return Settings.from_environment(
        {"COURSEWATCH_DATABASE": urls.app, "COURSEWATCH_DATA_DIR": str(folder / "data"), **more}
    )


def test_a_real_database_refuses_a_moved_clock(database_urls: Urls, tmp_path: Path) -> None:
    with pytest.raises(RehearsalOnlyError, match="COURSEWATCH_NOW"):
        build(_settings(database_urls, tmp_path, COURSEWATCH_NOW=LONG_AGO.isoformat()))


def test_a_rehearsal_lives_at_its_own_time(database_urls: Urls, tmp_path: Path) -> None:
    migrate(_settings(database_urls, tmp_path).with_(database=database_urls.owner), rehearsal=True)
    house = build(_settings(database_urls, tmp_path, COURSEWATCH_NOW=LONG_AGO.isoformat()))
    with reading(house.database, LOCAL_ADMIN) as unit:
        assert timedelta(0) <= unit.instant() - LONG_AGO < timedelta(minutes=5)
    assert house.clock() < utc_now() - timedelta(days=1)
    assert house.rehearsal
    house.close()


def test_a_database_with_patients_never_becomes_a_rehearsal(database_urls: Urls, tmp_path: Path) -> None:
    house = build(_settings(database_urls, tmp_path))
    register(house, LOCAL_ADMIN, REGISTRATION)
    assert not house.rehearsal
    house.close()
    with pytest.raises(RehearsalOnlyError, match="holds patients"):
        migrate(_settings(database_urls, tmp_path).with_(database=database_urls.owner), rehearsal=True)
