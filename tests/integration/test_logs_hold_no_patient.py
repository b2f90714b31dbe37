"""Unmistakable marks in every text there is go through every door; no log, metric, trace or fault tells of them."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from httpx2 import Response
from opentelemetry.sdk.trace import TracerProvider
from sqlalchemy import create_engine
from starlette.routing import Route
from starlette.testclient import TestClient

from api.app import create_app
from api.log_fields import LEFT_OUT
from api.logs import configure_logs
from api.tracing import traced
from scheduler.delivering import Deliveries
from scheduler.jobs import JOBS, sweeping, tick
from tests.api.collector import Collector, collecting
from tests.api.conftest import logging_restored  # noqa: F401 -- a fixture
from tests.api.ward import BASE, REGISTRATION, UNKNOWN_PATIENT, Ward, as_person, opened_ward
from tests.databases import Urls
from workflow.domain.contacts import EMAIL
from workflow.domain.messages import Message
from workflow.persistence.engine import parse_url
from workflow.services.rounds import Rounds

# What stands in the database, and what only a request brings: an answer may repeat what was sent, and nothing else.
STORED, SENT = "ZQSTORED", "ZQSENT"
MAIL = f"{STORED.lower()}@north.example"
OVERRIDE = {"code": "clinical_decision", "reason": f"{STORED} override"}
FACTS: tuple[tuple[str, str, dict[str, Any], dict[str, Any]], ...] = (
    ("relapse_diagnosed", "2025-01-06", {"relapse_site": "isolated_bm"}, {"note": f"{STORED} note"}),
    ("protocol_chosen", "2025-01-07", {"protocol": "all-rez-bfm-2002"}, {}),
    ("block_started", "2025-01-08", {"element": "R1"}, {"external_id": f"{STORED}-external"}),
    ("toxicity_recorded", "2025-01-09", {"kind": f"{STORED} toxicity"}, {}),
    ("owner_changed", "2025-01-09", {"actor": f"{STORED} owner", "deputy": f"{STORED} deputy"}, {}),
    ("contact_recorded", "2025-01-10", {"on": "2025-01-10", "result": f"{STORED} result"}, {}),
    ("note_added", "2025-01-10", {"text": f"{STORED} text"}, {}),
    ("block_started", "2025-01-15", {"element": "R2"}, {"override": OVERRIDE}),
)
ANY_BODY = {"type": SENT, "occurred_on": SENT, "pseudonym": SENT, "reason": SENT, "data": {SENT: SENT}, SENT: [SENT]}


@dataclass(slots=True)
class Doors:
    """A ward whose log, traces and answers are kept."""

    ward: Ward
    log: io.StringIO
    collector: Collector
    client: TestClient
    traces: TracerProvider
    patient: str = ""
    answers: list[Response] = field(default_factory=list)

    def ask(self, method: str, path: str, **told: Any) -> Response:  # noqa: ANN401 -- what the client takes
        """Send something as somebody who may do everything, and keep the answer."""
        headers = {**as_person("admin"), **told.pop("headers", {})}
        answer = self.client.request(method, path, headers=headers, **told)
        self.answers.append(answer)
        return answer

    def everywhere(self) -> None:
        """Send marks to every route by every method that it takes: as ids, parameters, bodies, and headers."""
        for path, method in routes_of(self.client.app):  # type: ignore[arg-type]
            for name in (SENT, UNKNOWN_PATIENT, self.patient):
                place = path.replace("{patient_id}", name).replace("{", "").replace("}", "")
                self.ask(method, place)
                self.ask(method, place, params={SENT: SENT, "as_of": SENT}, headers={"If-Match": SENT, "Cookie": SENT})
                if method in {"POST", "PUT"}:
                    self.ask(method, place, json=ANY_BODY, headers={"Idempotency-Key": SENT})
                    self.ask(method, place, content=f'{{"{SENT}": NaN', headers={"Content-Type": "application/json"})

    def require_silence(self) -> None:
        """Nothing of the marks has come out of any place that people watch."""
        lines = [json.loads(line) for line in self.log.getvalue().splitlines()]
        assert len(lines) > len(FACTS)
        assert [line for line in lines if LEFT_OUT in line] == []
        assert self.traces.force_flush()
        assert self.collector.bodies
        metrics = self.client.get("/metrics").text
        for place in (self.log.getvalue(), metrics, b"".join(self.collector.bodies).decode("latin-1")):
            assert STORED.lower() not in place.lower()
            assert SENT.lower() not in place.lower()
        for answer in self.answers:
            if answer.status_code >= 400:
                assert STORED not in answer.text, answer.request.url
            if answer.status_code >= 500:
                assert SENT not in answer.text, answer.request.url


def routes_of(app: FastAPI) -> list[tuple[str, str]]:
    """Return every route with every method that it takes."""
    found = [context for context in iter_route_contexts(app.routes) if isinstance(context.original_route, Route)]
    return sorted((str(route.path_format), method) for route in found for method in (route.methods or ()))


@pytest.fixture
def doors(database_url: str, tmp_path: Path, logging_restored: None) -> Iterator[Doors]:  # noqa: F811
    """Open a ward on each kind of database whose one patient has a mark in every text."""
    log = io.StringIO()
    with collecting() as collector, opened_ward(database_url, tmp_path) as ward:
        settings = replace(ward.house.settings, traces_url=collector.url)
        with traced(settings, "coursewatch-api") as provider:
            assert provider is not None
            app = create_app(ward.house, traces=provider)
            doors = Doors(ward, log, collector, TestClient(app, raise_server_exceptions=False), provider)
            configure_logs(log, strict=True)
            site = {"name": f"{STORED} hospital", "time_zone": "UTC", "contacts": [MAIL]}
            assert doors.ask("PUT", f"{BASE}/sites/north", json=site).status_code == 200
            made = doors.ask("POST", f"{BASE}/patients", json={**REGISTRATION, "pseudonym": f"{STORED}-1"})
            doors.patient = made.json()["id"]
            for fact_type, on, data, more in FACTS:
                fact = {"type": fact_type, "occurred_on": on, "data": data, **more}
                answer = doors.ask("POST", f"{BASE}/patients/{doors.patient}/facts", json=fact)
                assert answer.status_code == 201, answer.text
            yield doors


def test_what_is_asked_rightly_and_wrongly_of_every_route_stays_within_the_answer(doors: Doors) -> None:
    early = {"type": "block_started", "occurred_on": "2025-01-20", "data": {"element": SENT}, "note": SENT}
    doors.ask("POST", f"{BASE}/patients/{doors.patient}/facts", json=early)
    doors.ask("POST", f"{BASE}/patients", json={**REGISTRATION, "pseudonym": f"{STORED}-1"})
    doors.ask("GET", f"{BASE}/patients", headers={"Authorization": f"Bearer {SENT}"})
    doors.everywhere()
    codes = {answer.status_code for answer in doors.answers}
    assert {200, 201, 401, 404, 409, 422} <= codes
    # Nobody has swept yet, so it is not ready.
    assert {answer.request.url.path for answer in doors.answers if answer.status_code >= 500} == {"/health/ready"}
    doors.require_silence()


# What stands there cannot be read any more, and who adds to it is told of rows: by triggers, and on PostgreSQL by the
# server itself, which quotes the whole row that a constraint refused.
QUOTING = {
    "sqlite": (
        "UPDATE patient SET state_json = '{\"' || pseudonym || '\": 1}'",
        f"CREATE TRIGGER quoting BEFORE INSERT ON fact BEGIN SELECT RAISE(ABORT, '{STORED} row'); END",
        f"CREATE TRIGGER refusing BEFORE INSERT ON patient BEGIN SELECT RAISE(ABORT, '{SENT} row'); END",
    ),
    "postgresql": (
        "UPDATE patient SET state_json = '{\"' || pseudonym || '\": 1}'",
        (
            "CREATE FUNCTION quoting() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN RAISE EXCEPTION '{STORED} row %% ', NEW; END $$"
        ),
        "CREATE TRIGGER quoting BEFORE INSERT ON fact FOR EACH ROW EXECUTE FUNCTION quoting()",
        f"ALTER TABLE patient ADD CONSTRAINT refusing CHECK (pseudonym NOT LIKE '{SENT}%%')",
    ),
}


def test_a_database_whose_errors_quote_rows_makes_nobody_tell_them(doors: Doors, database_urls: Urls) -> None:
    owner = create_engine(parse_url(database_urls.owner))
    with owner.begin() as connection:
        for statement in QUOTING[owner.dialect.name]:
            connection.exec_driver_sql(statement)
    owner.dispose()
    doors.everywhere()
    note = {"type": "note_added", "occurred_on": "2025-01-10", "data": {"text": SENT}}
    broken = (
        doors.ask("POST", f"{BASE}/patients/{doors.patient}/facts", json=note),
        doors.ask("POST", f"{BASE}/patients", json={**REGISTRATION, "pseudonym": f"{SENT}-2"}),
    )
    assert [answer.status_code for answer in broken] == [500, 500]
    assert '"request failed"' in doors.log.getvalue()
    doors.require_silence()


def test_neither_jobs_nor_deliveries_that_fail_tell_what_they_were_about(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Quoting:
        kind = EMAIL

        def send(self, message: Message, *, timeout_seconds: float) -> None:  # noqa: ARG002
            raise RuntimeError(f"{message.recipient}: {message.subject} {message.text}")

    jobs = (sweeping(Rounds()), *JOBS)
    for _ in range(2):
        doors.ward.clock.now += timedelta(days=3)
        for job in jobs:
            tick(job, doors.ward.house, "0a1b2c3d")
        deliveries = Deliveries(doors.ward.house, {EMAIL: Quoting()}, "0a1b2c3d")
        deliveries.tick()
        deliveries.close()

    def breaks(*_: object, **__: object) -> None:
        raise ValueError(f"{STORED} of north")

    monkeypatch.setattr("workflow.services.sweep.judged_now", breaks)
    object.__setattr__(doors.ward.house, "judged_by", "the rules of another release")
    for job in jobs:
        tick(job, doors.ward.house, "0a1b2c3d")
    events = {json.loads(line)["event"] for line in doors.log.getvalue().splitlines()}
    assert {"swept", "sealed", "attempted", "patient_not_judged"} <= events
    doors.require_silence()


def test_an_import_tells_its_faults_by_row_and_not_by_what_stands_in_it(doors: Doors, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    rows = [
        "pseudonym,site,type,occurred_on,data,note",
        f"{SENT}-1,{SENT},patient_registered,{SENT},{SENT},{SENT}",
        f'{SENT}-2,north,note_added,2025-01-06,"{{""text"": ""{SENT}""}}",{SENT}',
        f"{SENT}-3,north,{SENT}",
    ]
    file.write_text("\n".join(rows), encoding="utf-8")
    house = doors.ward.house.settings
    ran = subprocess.run(
        [sys.executable, "-m", "workflow.cli", "import", str(file), "--database", house.database],
        env={"COURSEWATCH_SECRET_FILE": str(house.secret_file), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr
    assert SENT not in ran.stderr
    assert STORED not in ran.stderr
