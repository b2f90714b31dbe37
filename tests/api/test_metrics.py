"""What an installation tells Prometheus: what waits and who works, and never of whom."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.api.ward import BASE, REGISTRATION, Ward, as_person
from workflow.domain.alerts import SEVERITIES
from workflow.persistence.errors import DatabaseBusyError, DatabaseUnavailableError
from workflow.services import read_metrics
from workflow.services.look_around import look_around
from workflow.services.read_metrics import FRESH_FOR_SECONDS, Metrics
from workflow.services.run_sweep import run_sweep

PROCESS = "0a1b2c3d"
NOTE = {"type": "note_added", "occurred_on": "2025-01-10", "data": {"text": "seen in clinic"}}
LABELS = {
    *("method", "route", "status", "code", "le", "severity", "job_name", "pool", "error", "awaited"),
    *("release", "revision", "dialect", "implementation", "major", "minor", "patchlevel", "version"),
}


def told(ward: Ward) -> dict[tuple[str, tuple[str, ...]], float]:
    """Return every number by its name and its labels' values; reads anew, as after some seconds."""
    for collector in list(ward.client.app.state.metrics.registry._collector_to_names):  # type: ignore[attr-defined]  # noqa: SLF001
        if hasattr(collector, "metrics"):
            collector.metrics._last = None  # noqa: SLF001
    text = ward.client.get("/metrics").text
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {(sample.name, tuple(sample.labels.values())): sample.value for sample in samples}


def one(ward: Ward, name: str, *labels: str) -> float:
    return told(ward)[f"coursewatch_{name}", labels]


def test_before_the_first_sweep_there_is_no_lag_to_tell(ward: Ward) -> None:
    numbers = told(ward)
    assert numbers["coursewatch_database_up", ()] == 1
    assert ("coursewatch_sweep_lag_seconds", ()) not in numbers
    assert numbers["coursewatch_patients_waiting", ()] == 0


def test_the_lag_of_the_sweep_and_who_is_overdue_are_told_in_seconds(ward: Ward) -> None:
    ward.clock.now = datetime(2025, 1, 13, 9, tzinfo=UTC)
    ward.after_first_block()
    run_sweep(ward.house, PROCESS)
    ward.clock.now += timedelta(seconds=40)
    assert one(ward, "sweep_lag_seconds") == pytest.approx(40, abs=1)
    assert one(ward, "oldest_due_patient_seconds") == 0
    # The next block is to be planned from 2025-01-24 on.
    ward.clock.now = datetime(2025, 1, 24, 6, tzinfo=UTC)
    assert one(ward, "oldest_due_patient_seconds") == pytest.approx(6 * 3600, abs=1)
    assert one(ward, "patients_waiting") == 1


def test_jobs_tell_when_they_last_ended_well_and_how_often_they_run(ward: Ward) -> None:
    run_sweep(ward.house, PROCESS)
    ward.clock.now += timedelta(minutes=2)
    assert one(ward, "job_age_seconds", "sweep") == pytest.approx(120, abs=1)
    assert one(ward, "job_period_seconds", "sweep") == 60


def test_open_alerts_are_counted_by_severity_and_due_notices_with_the_oldest(ward: Ward) -> None:
    changed = {"contacts": ["ward@north.example"], "name": "Hospital north", "time_zone": "UTC"}
    assert ward.client.put(f"{BASE}/sites/north", json=changed, headers=as_person("admin")).status_code == 200
    ward.clock.now = datetime(2025, 1, 13, 9, tzinfo=UTC)
    ward.after_first_block()
    ward.clock.now = datetime(2025, 2, 3, 10, tzinfo=UTC)
    run_sweep(ward.house, PROCESS)
    numbers = told(ward)
    by_severity = {name: numbers["coursewatch_alerts_open", (name,)] for name in SEVERITIES}
    assert by_severity == {"info": 0, "task": 1, "warning": 1, "critical": 1}
    # Critical since this morning: what was to be told at half past seven is told since nobody swept then.
    assert numbers["coursewatch_notices_due", ()] == 1
    assert numbers["coursewatch_oldest_undelivered_notice_seconds", ()] == pytest.approx(2.5 * 3600, abs=1)


def test_a_database_that_does_not_answer_is_told_as_such_and_fails_no_scrape(
    edge: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    for fault in (DatabaseUnavailableError("gone"), DatabaseBusyError("busy"), ValueError("ALL-0007 of north")):

        def fails(*_: object, fault: Exception = fault) -> None:
            raise fault

        monkeypatch.setattr(read_metrics, "look_around", fails)
        numbers = told(edge)
        assert numbers["coursewatch_database_up", ()] == 0
        assert ("coursewatch_patients_waiting", ()) not in numbers
    assert "ALL-0007" not in edge.client.get("/metrics").text


def test_however_many_scrape_the_database_is_asked_once_in_some_seconds(
    edge: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, seconds = [], [0.0]

    def counted(*given: object) -> object:
        asked.append(given)
        return look_around(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(read_metrics, "look_around", counted)
    metrics = Metrics(house=edge.house, stopwatch=lambda: seconds[0])
    for _ in range(5):
        metrics.read()
    assert len(asked) == 1
    seconds[0] += FRESH_FOR_SECONDS + 0.1
    metrics.read()
    assert len(asked) == 2


def test_conflicts_stale_writes_and_refusals_are_counted_by_their_code(edge: Ward) -> None:
    patient = edge.after_first_block()
    assert edge.post("/patients", REGISTRATION, "admin").status_code == 409
    stale = edge.post(f"/patients/{patient}/facts", NOTE, headers={"If-Match": '"1"'})
    early = edge.record(patient, "block_started", "2025-01-15", {"element": "R2"})
    assert (stale.status_code, early.status_code) == (412, 409)
    numbers = told(edge)
    assert numbers["coursewatch_http_problems_total", ("stale_version", "412")] == 1
    assert numbers["coursewatch_http_problems_total", (early.json()["code"], "409")] == 1
    assert numbers["coursewatch_http_problems_total", ("already_exists", "409")] == 1


def test_a_request_that_is_repeated_is_counted_and_not_done_twice(edge: Ward) -> None:
    patient = edge.in_first_block()
    for _ in range(3):
        assert edge.post(f"/patients/{patient}/facts", NOTE, headers={"Idempotency-Key": "k1"}).status_code == 201
    assert one(edge, "repeated_requests_total") == 2


def test_locks_of_patients_turns_to_write_and_errors_are_counted(ward: Ward) -> None:
    patient = ward.in_first_block()
    before = told(ward)
    ward.post(f"/patients/{patient}/facts", NOTE)
    with pytest.raises(DatabaseBusyError), ward.house.database.write():
        raise DatabaseBusyError("a row that quotes ALL-0007")
    after = told(ward)

    def more(name: str, label: str) -> float:
        return after[f"coursewatch_{name}_total", (label,)] - before[f"coursewatch_{name}_total", (label,)]

    assert more("database_waits", "patient") == 1
    assert more("database_waits", "transaction") >= 2
    assert more("database_wait_seconds", "patient") > 0
    assert more("database_errors", "DatabaseBusyError") == 1


def test_no_label_can_hold_a_patient_a_person_or_a_site(edge: Ward) -> None:
    patient = edge.after_first_block()
    edge.get(f"/patients/{patient}/history")
    text = edge.client.get("/metrics").text
    names = {label for label in _labels(text) if not label.startswith("coursewatch_")}
    assert names <= LABELS
    for mark in (patient, "ALL-0007", "north", "treating_doctor"):
        assert mark not in text


def _labels(text: str) -> Iterable[str]:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            yield from sample.labels
