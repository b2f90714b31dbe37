"""`coursewatch sweep`: one pass now with its report, or a look ahead that leaves nothing but that somebody looked."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.api.ward import Ward, opened_ward
from tests.databases import Urls
from tests.integration.cli.running import Finished, coursewatch
from tests.introduced import seeing
from workflow import bootstrap
from workflow.domain.actor import LOCAL_ADMIN
from workflow.persistence.tables import METADATA
from workflow.services.rehearse_sweep import rehearse_sweep
from workflow.services.run_sweep import run_sweep
from workflow.services.sites import put
from workflow.settings import Settings

# R1 began on 2025-01-08: plan from the 26th (told on Friday the 24th), late from the 30th, critical from February 3.
RECORDED_AT = datetime(2025, 1, 13, 9, tzinfo=UTC)
CRITICAL_AT = datetime(2025, 2, 3, 10, tzinfo=UTC)


@pytest.fixture
def ward(database_urls: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ward]:
    """Open a ward whose house the commands find too, at the same hand clock."""
    with opened_ward(database_urls.app, tmp_path) as opened:
        build = bootstrap.build

        def same_time(settings: Settings) -> object:
            return build(settings, clock=opened.clock)

        monkeypatch.setattr(bootstrap, "build", same_time)
        monkeypatch.setenv("COURSEWATCH_DATABASE", database_urls.app)
        monkeypatch.setenv("COURSEWATCH_SECRET_FILE", str(tmp_path / "chain.secret"))
        opened.clock.now = RECORDED_AT
        yield opened


def everything(ward: Ward) -> dict[str, list[str]]:
    """Return all that is stored, by table."""
    with seeing(ward.house.database) as connection:
        return {
            table: sorted(repr(row) for row in connection.execute(text(f"SELECT * FROM {table}")))  # noqa: S608 -- ours
            for table in METADATA.tables
        }


def swept(*arguments: object, code: int = 0) -> Finished:
    finished = coursewatch("sweep", *arguments)
    assert finished.code == code, finished.err
    return finished


def test_a_sweep_raises_what_fell_due_and_reports_it(ward: Ward) -> None:
    ward.after_first_block()
    ward.clock.now = CRITICAL_AT
    first = swept()
    assert [line.split() for line in first.out.splitlines()[1:]] == [
        ["RM-02", "task", "1", "8", "d", "10", "h"],
        ["RM-04", "warning", "1", "4", "d", "10", "h"],
        ["RM-05", "critical", "1", "10", "h", "0", "min"],
    ]
    assert first.err == (
        "1 patient looked at: 3 alerts raised, the longest ago passed 8 d 10 h before; 0 resolved; 1 notice made.\n"
    )
    assert swept().err == "0 patients looked at: 0 alerts raised; 0 resolved; 0 notices made.\n"


def test_the_report_is_json_where_a_program_asks(ward: Ward) -> None:
    ward.after_first_block()
    ward.clock.now = CRITICAL_AT
    report = json.loads(swept("--json").out)
    assert report == {
        "patients": 1,
        "raised": 3,
        "raised_by_reminder": {"RM-02": 1, "RM-04": 1, "RM-05": 1},
        "resolved": 0,
        "notices": 1,
        "greatest_lateness_seconds": (8 * 24 + 10) * 3600,
        "failed": 0,
        "errors": {},
        "outage": None,
    }


def test_a_sweep_after_an_outage_tells_from_when_to_when_nobody_swept_and_what_passed(ward: Ward) -> None:
    ward.after_first_block()
    swept()
    ward.clock.now = CRITICAL_AT
    told = swept().err.splitlines()[0]
    assert told == (
        "Nobody swept from 2025-01-13 09:00 to 2025-02-03 10:00 UTC. Thresholds that passed meanwhile: "
        "1 task, 1 warning, 1 critical; the longest ago: 8 d 10 h."
    )
    assert "Nobody swept" not in swept().err


def test_a_sweep_by_hand_counts_as_one_for_readiness(ward: Ward) -> None:
    swept()
    assert ward.client.get("/health/ready").json()["sweep"] == "ok"


def test_a_patient_who_cannot_be_judged_ends_it_with_code_1_and_without_their_data(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward.after_first_block()
    ward.clock.now = CRITICAL_AT

    def breaks(*_: object) -> None:
        raise ValueError("ALL-0007 of north")

    monkeypatch.setattr("workflow.services.sweep.judged_now", breaks)
    finished = swept(code=1)
    assert "1 patient could not be judged (ValueError: 1)" in finished.err
    assert "ALL-0007" not in finished.out + finished.err


def test_a_look_ahead_tells_what_would_be_raised_by_the_end_of_a_day(ward: Ward) -> None:
    patient = ward.after_first_block()
    window = ward.open_window(patient, "TR-001")["id"]
    finished = swept("--as-of", "2025-02-04")
    words = ["27", "days", "after", "the", "start", "of", "R1"]
    assert [line.split() for line in finished.out.splitlines()[1:]] == [
        [patient, "north", window, "RM-02", "task", "2025-01-26", *words],
        [patient, "north", window, "RM-04", "warning", "2025-01-30", *words],
        [patient, "north", window, "RM-05", "critical", "2025-02-03", *words],
    ]
    assert finished.err == "By the end of 2025-02-04 a sweep would raise 3 alerts. Nothing was raised now.\n"
    assert json.loads(swept("--as-of", "2025-02-02", "--json").out)["would_raise"][-1] == {
        "patient_id": patient,
        "site_id": "north",
        "window": window,
        "reminder": "RM-04",
        "severity": "warning",
        "threshold_on": "2025-01-30",
        "days": "25 days after the start of R1",
        "days_late": 3,
    }


def test_a_reminder_told_on_the_last_working_day_before_is_not_late(ward: Ward) -> None:
    ward.after_first_block()
    (row,) = json.loads(swept("--as-of", "2025-01-24", "--json").out)["would_raise"]
    assert (row["reminder"], row["threshold_on"], row["days_late"]) == ("RM-02", "2025-01-26", 0)
    assert json.loads(swept("--as-of", "2025-01-23", "--json").out)["would_raise"] == []


def test_what_is_raised_already_is_not_told_again(ward: Ward) -> None:
    ward.after_first_block()
    ward.clock.now = datetime(2025, 1, 31, 10, tzinfo=UTC)
    swept()
    rows = json.loads(swept("--as-of", "2025-02-03", "--json").out)["would_raise"]
    assert [row["reminder"] for row in rows] == ["RM-05"]


def test_a_look_ahead_stores_nothing_but_one_row_of_the_access_log(ward: Ward) -> None:
    ward.after_first_block()
    ward.after_first_block(pseudonym="ALL-0008")
    swept("--as-of", "2025-02-04")
    before = everything(ward)
    swept("--as-of", "2025-02-04")
    after = everything(ward)
    (row,) = set(after.pop("access_log")) - set(before.pop("access_log"))
    assert "'local', 'rehearse_sweep', None, None, 6" in row
    assert after == before


@pytest.mark.parametrize("time_zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_a_day_ends_where_the_patient_is_treated(ward: Ward, time_zone: str) -> None:
    ward.clock.now = RECORDED_AT.replace(hour=22)
    put(ward.house, LOCAL_ADMIN, "north", {"time_zone": time_zone})
    ward.after_first_block()
    # The 30th is the first late day on either calendar; one begins it 26 hours before the other.
    for day, reminders in (("2025-01-29", ["RM-02"]), ("2025-01-30", ["RM-02", "RM-04"])):
        rows = json.loads(swept("--as-of", day, "--json").out)["would_raise"]
        assert [row["reminder"] for row in rows] == reminders


def test_what_a_look_ahead_tells_is_what_the_sweep_of_that_evening_raises(ward: Ward) -> None:
    for number in range(3):
        ward.after_first_block(pseudonym=f"ALL-000{number}")
    rehearsed = rehearse_sweep(ward.house, LOCAL_ADMIN, CRITICAL_AT.date())
    ward.clock.now = datetime(2025, 2, 4, tzinfo=UTC) - timedelta(minutes=1)
    raised = run_sweep(ward.house, "0a1b2c3d").report.raised
    assert {(row.patient_id, row.window, row.reminder, row.threshold_on) for row in rehearsed} == {
        (found.patient_id, found.alert.key.window_key, found.alert.key.reminder, found.alert.key.threshold_on)
        for found in raised
    }
    assert len(rehearsed) == len(raised) == 9
