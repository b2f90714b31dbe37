"""A mistake of ours, planted: the repositories forget to ask whose patient it is; over the API nothing comes out."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Connection, true
from structlog.testing import capture_logs

from tests.api.people import NORTH, SOUTH
from tests.api.ward import REGISTRATION, Ward, opened_ward
from tests.databases import PostgresqlServer, Urls
from workflow.domain.roles import Role
from workflow.persistence.engine import Database
from workflow.persistence.patient_reads import lock_patient
from workflow.persistence.reach import Reach
from workflow.persistence.sites import SiteSetting
from workflow.rules.judgement import Caution

STRANGER = "other_hospital"
PSEUDONYM = "NORTH-0007"
NOTE = {"type": "note_added", "occurred_on": "2025-06-01", "data": {"text": "seen"}}


@pytest.fixture(params=["postgresql", "postgresql without the fence"])
def urls(request: pytest.FixtureRequest, postgresql_server: PostgresqlServer) -> Iterator[Urls]:
    """Give a database as the app role reaches it, and one where everybody is the owner, whom no fence holds."""
    made = postgresql_server.migrated()
    yield made if request.param == "postgresql" else Urls(owner=made.owner, app=made.owner)
    postgresql_server.drop(made)


@pytest.fixture
def forgetful(urls: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Ward, str]]:
    """Give a ward with a patient in the north who has an alert, where whose patient it is is asked nowhere any more."""
    with opened_ward(urls.app, tmp_path) as ward:
        patient = ward.in_first_block(pseudonym=PSEUDONYM)
        ward.register(pseudonym="SOUTH-0001", site=SOUTH)

        def nobody_asks(*_: object, **__: object) -> ColumnElement[bool]:
            return true()

        def lock_any(database: Database, connection: Connection, patient_id: str, _: Reach) -> object:
            return lock_patient(database, connection, patient_id, Reach.everywhere())

        for name, module in list(sys.modules.items()):
            if name.startswith("workflow."):
                for forgotten, instead in (("member_of", nobody_asks), ("lock_patient", lock_any)):
                    if hasattr(module, forgotten):
                        monkeypatch.setattr(module, forgotten, instead)
        yield ward, patient


def told(ward: Ward, patient: str) -> dict[str, tuple[int, str]]:
    """Return everything that somebody of the south is answered who asks for everybody, and for the patient by id."""
    alert = ward.get("/alerts", "admin").json()["items"][0]["id"]
    asked: dict[str, Any] = {
        path: ward.get(path, STRANGER)
        for path in (
            "/patients",
            "/patients?state=reinduction.block",
            "/patients?as_of=2025-02-01",
            "/worklist?status=critical",
            "/worklist?as_of=2025-02-20",
            "/cohort/states",
            "/cohort/states?as_of=2025-02-01",
            "/alerts",
            "/alerts?known_at=2025-06-30T08:00:00Z",
            f"/alerts/{alert}",
            f"/alerts/{alert}/explanation",
            f"/patients/{patient}",
            f"/patients/{patient}/history",
            f"/patients/{patient}/windows",
            f"/patients/{patient}/next-steps",
        )
    }
    asked["search"] = ward.post("/patients/search", {"pseudonym": PSEUDONYM}, STRANGER)
    asked["record"] = ward.post(f"/patients/{patient}/facts", NOTE, STRANGER)
    asked["acknowledge"] = ward.post(f"/alerts/{alert}/acknowledge", {"reason": "seen"}, STRANGER)
    return {path: (answer.status_code, answer.text) for path, answer in asked.items()}


def test_a_forgotten_condition_gives_nothing_away(forgetful: tuple[Ward, str], urls: Urls) -> None:
    ward, patient = forgetful
    answers = told(ward, patient)
    leaks = {path for path, (_, text) in answers.items() if PSEUDONYM in text or f'"{patient}"' in text}
    counted = {path for path in answers if path.startswith("/cohort") and '"reinduction.block"' in answers[path][1]}
    if urls.app == urls.owner:
        # So it is a mistake that would have been one.
        assert {"/patients", "/alerts", "search", "/worklist?as_of=2025-02-20"} <= leaks
        assert len(counted) == 2
        return
    assert leaks | counted == set()
    assert {answers[path][0] for path in answers if patient in path or "/alerts/" in path} == {404}
    assert (answers["record"][0], answers["acknowledge"][0]) == (404, 404)
    assert not [path for path, (status, _) in answers.items() if status >= 500]


def test_a_forgotten_check_of_a_write_stores_nothing_and_is_called_a_fault_of_the_program(
    forgetful: tuple[Ward, str], urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward, _ = forgetful

    def any_site(*_: object, **__: object) -> tuple[SiteSetting, tuple[Caution, ...]]:
        return SiteSetting(id=NORTH, name="North", time_zone="UTC"), ()

    monkeypatch.setattr("workflow.services.register_patient.site_for_registration", any_site)
    monkeypatch.setattr("workflow.services.register_patient.role_for", lambda *_: Role.ADMIN)
    with capture_logs() as lines:
        answer = ward.post("/patients", {**REGISTRATION, "pseudonym": "NORTH-0008"}, STRANGER)

    if urls.app == urls.owner:
        # So it is a mistake that would have been one.
        assert answer.status_code == 201
        return
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "NORTH-0008" not in answer.text
    assert [line["error"] for line in lines if line["event"] == "request failed"] == ["OutOfReachError"]
    found = ward.post("/patients/search", {"pseudonym": "NORTH-0008"}, "admin")
    assert found.json()["items"] == []
