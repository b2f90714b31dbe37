"""The sweep as the clock runs it: what it logs, of an outage too, and nothing of a patient."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.logs import configure_logs
from scheduler.jobs import sweeping, tick
from tests.api.ward import Ward, opened_ward
from tests.introduced import seeing
from workflow.persistence.heartbeats import find_heartbeat
from workflow.services.rounds import Rounds

SWEEP = sweeping(Rounds())
RECORDED_AT = datetime(2025, 1, 13, 9, tzinfo=UTC)
CRITICAL_AT = datetime(2025, 2, 3, 10, tzinfo=UTC)
LATENESS_SECONDS = (8 * 24 + 10) * 3600


@pytest.fixture
def ward(database_url: str, tmp_path: Path) -> Iterator[Ward]:
    """Open a ward on each kind of database, with a patient whose next block becomes critical on CRITICAL_AT's day."""
    with opened_ward(database_url, tmp_path) as opened:
        opened.clock.now = RECORDED_AT
        opened.after_first_block()
        yield opened


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Give the stream that lines are logged to."""
    stream = io.StringIO()
    configure_logs(stream)
    yield stream
    configure_logs()


def told(log: io.StringIO) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return [
        {name: value for name, value in line.items() if name not in {"timestamp", "level"}}
        for line in lines
        if line["event"] != "request"
    ]


def sweep(ward: Ward) -> None:
    tick(SWEEP, ward.house, "0a1b2c3d")


def test_a_sweep_logs_what_it_raised_as_counts_and_one_with_nothing_to_do_logs_nothing(
    ward: Ward, log: io.StringIO
) -> None:
    ward.clock.now = CRITICAL_AT
    sweep(ward)
    sweep(ward)
    assert told(log) == [
        {
            "event": "swept",
            "patients": 1,
            "raised": 3,
            "raised_by_reminder": {"RM-02": 1, "RM-04": 1, "RM-05": 1},
            "resolved": 0,
            "notices": 1,
            "greatest_lateness_seconds": LATENESS_SECONDS,
            "failed": 0,
        }
    ]


def test_the_first_sweep_after_an_outage_tells_what_passed_meanwhile_and_the_row_keeps_it(
    ward: Ward, log: io.StringIO
) -> None:
    sweep(ward)
    ward.clock.now = CRITICAL_AT
    sweep(ward)
    ward.clock.now += timedelta(minutes=1)
    sweep(ward)
    outage, swept = told(log)
    assert swept["event"] == "swept"
    since, until = outage.pop("from"), outage.pop("until")
    assert (str(since)[:16], str(until)[:16]) == ("2025-01-13T09:00", "2025-02-03T10:00")
    assert outage == {
        "event": "nobody_swept",
        "thresholds": 3,
        "by_severity": {"task": 1, "warning": 1, "critical": 1},
        "greatest_lateness_seconds": LATENESS_SECONDS,
    }
    with seeing(ward.house.database) as connection:
        noted = find_heartbeat(connection, "sweep")
    assert noted is not None
    assert noted.report["patients"] == 0
    assert noted.report["last_outage"] == {
        **{name: value for name, value in outage.items() if name != "event"},
        "from": since,
        "until": until,
    }


@pytest.mark.parametrize(("gap", "is_outage"), [(timedelta(minutes=3), False), (timedelta(minutes=3, seconds=1), True)])
def test_up_to_three_periods_without_a_sweep_are_no_outage(
    ward: Ward, log: io.StringIO, gap: timedelta, is_outage: bool
) -> None:
    sweep(ward)
    with seeing(ward.house.database) as connection:
        noted = find_heartbeat(connection, "sweep")
    assert noted is not None
    assert noted.finished_at is not None
    # The clock moves on by a millisecond whenever it is read.
    ward.clock.now = noted.finished_at + gap - timedelta(milliseconds=2)
    sweep(ward)
    assert [line["event"] for line in told(log)] == (["nobody_swept"] if is_outage else [])


def test_what_was_raised_with_a_fact_recorded_while_nobody_swept_is_not_laid_to_the_outage(
    ward: Ward, log: io.StringIO
) -> None:
    sweep(ward)
    ward.clock.now = datetime(2025, 1, 31, 10, tzinfo=UTC)
    # Recorded, with what was late by then, while nobody swept: raised with the fact, not by the sweep.
    ward.in_first_block(pseudonym="ALL-0008")
    sweep(ward)
    outage, swept = told(log)
    assert (outage["by_severity"], swept["raised"]) == ({"task": 1, "warning": 1}, 2)


def test_a_clock_set_back_behind_the_last_sweep_is_no_outage(ward: Ward, log: io.StringIO) -> None:
    ward.clock.now = CRITICAL_AT
    sweep(ward)
    before = len(told(log))
    ward.clock.now -= timedelta(days=4)
    sweep(ward)
    assert told(log)[before:] == []


def test_a_patient_who_cannot_be_judged_is_told_by_the_kind_of_error_alone(
    ward: Ward, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise ValueError("ALL-0007 of north")

    monkeypatch.setattr("workflow.services.sweep.judged_now", breaks)
    ward.clock.now = CRITICAL_AT
    sweep(ward)
    failed, swept = told(log)
    assert failed == {"event": "patient_not_judged", "error": "ValueError"}
    assert (swept["patients"], swept["failed"]) == (0, 1)
    assert "ALL-0007" not in log.getvalue()
