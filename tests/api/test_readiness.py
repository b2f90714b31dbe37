"""Readiness: ready is who serves while somebody sweeps; without a sweep in three periods nobody is told of anything."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx2 import Response

from tests.api.ward import Ward
from tests.databases import Urls
from tests.integration.recorded import owner
from workflow.persistence.heartbeats import Heartbeat
from workflow.persistence.installation import note_rules
from workflow.services.health import sweeping
from workflow.services.run_sweep import SWEEP, SWEEP_PERIOD, run_sweep

PROCESS = "0a1b2c3d"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
OTHER_RULES = "coursewatch_other_rules "


def asked(ward: Ward) -> Response:
    return ward.client.get("/health/ready")


def found(ward: Ward) -> dict[str, Any]:
    body: dict[str, Any] = asked(ward).json()
    return body


def test_an_api_that_nobody_sweeps_for_is_not_ready(ward: Ward) -> None:
    answer = asked(ward)
    assert (answer.status_code, answer.json()["status"], answer.json()["sweep"]) == (503, "unavailable", "never")
    assert answer.json()["database"] == "ok"


def test_a_sweep_makes_it_ready_and_is_told_with_when_it_was(ward: Ward) -> None:
    run_sweep(ward.house, PROCESS)
    ward.clock.now += timedelta(seconds=59)
    answer = asked(ward)
    body = answer.json()
    assert (answer.status_code, body["status"], body["sweep"]) == (200, "ready", "ok")
    assert body["last_sweep_seconds_ago"] == 59
    assert body["last_sweep_at"].startswith("2025-06-30T09:00:00")
    assert (body["patients_not_judged"], body["patients_waiting"], body["oldest_due_at"]) == (0, 0, None)
    assert body["last_outage"] is None


@pytest.mark.parametrize(
    ("ago", "standing"),
    [
        (timedelta(0), "ok"),
        (3 * SWEEP_PERIOD, "ok"),
        (3 * SWEEP_PERIOD + TICK, "too old"),
        (timedelta(days=4), "too old"),
        # The clock was set back by a little, or by a lot and nobody has swept since.
        (-3 * SWEEP_PERIOD, "ok"),
        (-3 * SWEEP_PERIOD - TICK, "too old"),
        (timedelta(days=-4), "too old"),
    ],
)
def test_the_last_sweep_may_be_three_periods_away_either_way(ago: timedelta, standing: str) -> None:
    last = Heartbeat(
        job=SWEEP, process=PROCESS, period=SWEEP_PERIOD, started_at=NOON - ago - TICK, finished_at=NOON - ago
    )
    assert sweeping(last, NOON) == standing


def test_a_sweep_that_only_ever_began_counts_for_nothing() -> None:
    assert sweeping(Heartbeat(job=SWEEP, process=PROCESS, period=SWEEP_PERIOD, started_at=NOON), NOON) == "never"


def test_readiness_turns_red_when_sweeps_stop_and_green_with_the_next_one(ward: Ward) -> None:
    run_sweep(ward.house, PROCESS)
    ward.clock.now += timedelta(minutes=4)
    stopped = asked(ward)
    run_sweep(ward.house, PROCESS)
    assert (stopped.status_code, stopped.json()["sweep"]) == (503, "too old")
    assert asked(ward).status_code == 200


def test_a_clock_set_back_turns_it_red_until_somebody_sweeps_by_the_new_time(ward: Ward) -> None:
    run_sweep(ward.house, PROCESS)
    ward.clock.now -= timedelta(days=4)
    set_back = asked(ward)
    run_sweep(ward.house, PROCESS)
    assert (set_back.status_code, set_back.json()["sweep"]) == (503, "too old")
    assert set_back.json()["last_sweep_seconds_ago"] == -4 * 24 * 3600
    assert (asked(ward).status_code, found(ward)["last_outage"]) == (200, None)


def test_it_says_who_waits_and_since_when(ward: Ward) -> None:
    ward.clock.now = datetime(2025, 1, 13, 9, tzinfo=UTC)
    ward.after_first_block()
    ward.after_first_block(pseudonym="ALL-0008")
    run_sweep(ward.house, PROCESS)
    assert (found(ward)["patients_waiting"], found(ward)["oldest_due_at"]) == (0, None)
    # The next block is to be planned from 2025-01-24 on: a Friday, two days before the day itself.
    ward.clock.now = datetime(2025, 1, 24, 6, tzinfo=UTC)
    waiting = found(ward)
    assert waiting["patients_waiting"] == 2
    assert (waiting["oldest_due_at"], waiting["oldest_due_seconds_ago"]) == ("2025-01-24T00:00:00Z", 6 * 3600)


def test_who_was_judged_by_other_rules_waits_too(ward: Ward) -> None:
    ward.in_first_block()
    run_sweep(ward.house, PROCESS)
    assert found(ward)["patients_of_other_rules"] == 0
    object.__setattr__(ward.house, "judged_by", "the rules of another release")
    waiting = found(ward)
    assert (waiting["patients_waiting"], waiting["oldest_due_at"]) == (1, None)
    assert (waiting["patients_of_other_rules"], waiting["other_rules"], waiting["warnings"]) == (1, False, [])


@pytest.mark.parametrize("own", [True, False])
def test_a_process_of_other_rules_than_the_last_upgrade_is_ready_and_says_so(
    ward: Ward, database_urls: Urls, *, own: bool
) -> None:
    ward.in_first_block()
    run_sweep(ward.house, PROCESS)
    with owner(database_urls) as database, database.write() as connection:
        note_rules(connection, ward.house.judged_by if own else "the rules of another release")
    run_sweep(ward.house, PROCESS)
    answer = asked(ward)
    told = answer.json()
    assert (answer.status_code, told["other_rules"]) == (200, not own)
    assert told["warnings"] == ([] if own else ["other_rules"])
    # Those who have the other rules have not been here.
    assert told["patients_of_other_rules"] == (0 if own else 1)
    (metric,) = (line for line in ward.client.get("/metrics").text.splitlines() if line.startswith(OTHER_RULES))
    assert metric == f"{OTHER_RULES}{0 if own else 1}.0"


def test_it_shows_the_last_outage_and_what_passed_meanwhile_until_the_next_one(ward: Ward) -> None:
    ward.clock.now = datetime(2025, 1, 13, 9, tzinfo=UTC)
    ward.after_first_block()
    run_sweep(ward.house, PROCESS)
    ward.clock.now = datetime(2025, 2, 3, 10, tzinfo=UTC)
    for _ in range(2):
        run_sweep(ward.house, PROCESS)
        ward.clock.now += timedelta(minutes=1)
    outage = found(ward)["last_outage"]
    assert outage["from"].startswith("2025-01-13T09:00:00")
    assert outage["until"].startswith("2025-02-03T10:00:00")
    # RM-02 at 18 days, RM-04 at 22 and RM-05 at 26: 2025-01-26, 2025-01-30 and 2025-02-03.
    assert (outage["thresholds"], outage["by_severity"]) == (3, {"task": 1, "warning": 1, "critical": 1})
    # Since the day of the first of them began: eight days and ten hours.
    assert outage["greatest_lateness_seconds"] == (8 * 24 + 10) * 3600


def test_whom_the_last_sweep_could_not_judge_is_counted(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = ward.in_first_block()
    object.__setattr__(ward.house, "judged_by", "the rules of another release")

    def breaks(*_: object) -> None:
        raise ValueError(f"{patient} of north")

    monkeypatch.setattr("workflow.services.sweep.judged_now", breaks)
    run_sweep(ward.house, PROCESS)
    assert (found(ward)["sweep"], found(ward)["patients_not_judged"], found(ward)["patients_waiting"]) == ("ok", 1, 1)
