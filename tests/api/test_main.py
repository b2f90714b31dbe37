"""The process entry: the application as the environment describes it, and as a real server answers."""

import shutil
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from api.main import app_from_environment
from tests.api.serving import served
from tests.api.ward import BASE, Ward, as_person
from workflow.persistence.errors import WrongRevisionError
from workflow.services.house import House
from workflow.settings import SettingsError

TWENTY_MEGABYTES = 20_000_000


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logging_restored: None) -> Path:
    """Point the environment at an empty folder; return where its database will be."""
    monkeypatch.setenv("COURSEWATCH_DATA_DIR", str(tmp_path))
    return tmp_path / "coursewatch.sqlite3"


def test_the_environment_makes_the_application_and_its_end_closes_the_house(
    environment: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[House] = []
    close = House.close

    def seen_to_close(house: House) -> None:
        close(house)
        closed.append(house)

    monkeypatch.setattr(House, "close", seen_to_close)
    shutil.copy(sqlite_template, environment)

    with TestClient(app_from_environment()) as client:
        assert client.get("/health/ready").json()["database"] == "ok"
        assert closed == []

    assert len(closed) == 1


def test_a_database_of_another_revision_is_not_served_and_not_migrated(environment: Path) -> None:
    with pytest.raises(WrongRevisionError, match="coursewatch db upgrade"):
        app_from_environment()


def test_a_setting_that_cannot_be_read_is_named(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSEWATCH_PORT", "a door")

    with pytest.raises(SettingsError, match="COURSEWATCH_PORT"):
        app_from_environment()


def test_a_real_server_answers_a_body_of_20_megabytes_with_413_and_goes_on(edge: Ward) -> None:
    with served(edge.client.app) as address, httpx2.Client(headers=as_person("admin"), timeout=None) as client:
        refused = client.post(f"{address}{BASE}/patients", content=b" " * TWENTY_MEGABYTES)
        after = client.get(f"{address}{BASE}/patients")

    assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")
    assert after.status_code == 200
