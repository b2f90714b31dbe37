"""The block interval TR-001, day by day: what a ward is told between two block starts, and how the interval ends."""

from datetime import date, timedelta

import pytest

from tests.facts import OVERRIDE, PatientFile, a_relapsed_patient, a_running_block, after_relapse
from tests.spec.wall_calendar import interval_status, interval_verdict
from workflow.domain.windows import Window

STARTED_ON = after_relapse(3)


def days_after(days: int, start: date = STARTED_ON) -> date:
    return start + timedelta(days=days)


def interval_of(file: PatientFile) -> Window:
    return next(window for window in file.state.windows if window.id == "1:TR-001:f4")


def next_block_after(days: int, start: date = STARTED_ON) -> PatientFile:
    file = a_running_block(start)
    file.add("block_completed", min(days_after(5, start), days_after(days, start)))
    file.add("block_started", days_after(days, start), element="R2", override=OVERRIDE if days < 14 else None)
    return file


@pytest.mark.parametrize(
    ("days", "verdict", "past_latest"),
    [
        (1, "early", 0),
        (13, "early", 0),
        (14, "on_time", 0),
        (15, "on_time", 0),
        (20, "on_time", 0),
        (21, "on_time", 0),
        (22, "late", 1),
        (25, "late", 4),
        (26, "critical", 5),
        (27, "critical", 6),
        (400, "critical", 379),
    ],
)
def test_the_verdict_on_the_next_start(days: int, verdict: str, past_latest: int) -> None:
    file = next_block_after(days)
    window = interval_of(file)

    assert window.end == "met"
    assert window.verdict(days_after(days)) == verdict
    assert (window.days(file.today), window.days_past_latest(file.today)) == (days, past_latest)
    deviations = [deviation.kind for deviation in file.state.deviations if deviation.window == window.id]
    assert deviations == ([verdict] if verdict != "on_time" else [])


@pytest.mark.parametrize("days", range(1, 41))
def test_the_verdict_agrees_with_the_wall_calendar_across_a_leap_day(days: int) -> None:
    start = date(2028, 2, 10)
    file = a_relapsed_patient()
    file.today = date(2030, 1, 1)
    file.add("block_started", start, element="R1")
    file.add("block_started", days_after(days, start), element="R2", override=OVERRIDE)

    assert interval_of(file).verdict(file.today) == interval_verdict(start, days_after(days, start))


# One letter a day from the start on: upcoming, open, late, critical.
STATUSES = "u" * 14 + "o" * 8 + "l" * 4 + "c" * 30


@pytest.mark.parametrize(("days", "letter"), list(enumerate(STATUSES)))
def test_the_status_of_an_interval_that_nobody_ended_on_every_day(days: int, letter: str) -> None:
    window = interval_of(a_running_block(STARTED_ON))

    assert window.status(days_after(days))[0] == letter
    assert window.status(days_after(days)) == interval_status(STARTED_ON, None, days_after(days))


@pytest.mark.parametrize("days", range(56))
def test_while_it_waits_a_window_has_a_verdict_only_once_it_is_late(days: int) -> None:
    window = interval_of(a_running_block(STARTED_ON))

    assert window.verdict(days_after(days)) == {"l": "late", "c": "critical"}.get(STATUSES[days])


@pytest.mark.parametrize("days", range(56))
def test_the_worklist_calls_it_due_within_three_days_of_the_latest(days: int) -> None:
    window = interval_of(a_running_block(STARTED_ON))

    assert window.is_due(days_after(days)) is (18 <= days <= 21)


@pytest.mark.parametrize(("from_day", "to_day", "threshold"), [(0, 13, 14), (14, 20, 21), (21, 25, 26), (26, 55, None)])
def test_the_next_threshold_is_the_next_day_on_which_the_standing_changes(
    from_day: int, to_day: int, threshold: int | None
) -> None:
    window = interval_of(a_running_block(STARTED_ON))
    answers = {window.next_threshold(days_after(days)) for days in range(from_day, to_day + 1)}

    assert answers == {None if threshold is None else days_after(threshold)}


def test_seen_from_before_its_end_an_ended_interval_still_waits() -> None:
    window = interval_of(next_block_after(24))

    assert [window.status(days_after(days)) for days in (13, 14, 21, 22, 23, 24)] == [
        "upcoming",
        "open",
        "open",
        "late",
        "late",
        "met",
    ]
    assert window.verdict(days_after(23)) == "late"
    assert window.days(days_after(10)) == 10
    assert window.next_threshold(days_after(24)) is None


@pytest.mark.parametrize("element", ["F1", "F2"])
def test_after_f_elements_an_early_start_is_asked_about_and_not_refused(element: str) -> None:
    file = a_running_block(STARTED_ON, element)
    accepted = file.add("block_started", days_after(13), element="R1")

    assert interval_of(file).verdict(days_after(13)) == "early"
    assert "early" in {caution.code for caution in accepted.warnings}
    assert ("early", False) in {(deviation.kind, deviation.explained) for deviation in accepted.deviations}


def test_the_interval_runs_between_consecutive_starts_whatever_lies_between() -> None:
    file = a_running_block(STARTED_ON)
    file.add("block_completed", days_after(5))
    file.add("response_assessed", days_after(12), marrow_blasts_percent=2, final=True)
    file.add("mrd_reported", days_after(14))
    file.add("consolidation_decided", days_after(15), decision="chemotherapy")
    file.add("block_started", days_after(26), element="R1")

    assert file.state.state == "consolidation.block"
    assert interval_of(file).verdict(file.today) == "critical"
    assert file.open_window("TR-001") is not None


def test_maintenance_counts_calendar_months_clamped_to_the_last_day() -> None:
    file = a_relapsed_patient()
    file.add("block_started", STARTED_ON, element="R1")
    file.add("block_completed", days_after(5))
    file.add("response_assessed", days_after(6))
    file.add("consolidation_decided", days_after(7), decision="chemotherapy")
    file.add("maintenance_started", "2026-02-28")
    window = file.open_window("TR-021")

    assert window is not None
    assert window.latest_on == date(2028, 2, 28)
    assert window.status(date(2028, 2, 28)) == "open"
    assert window.status(date(2028, 2, 29)) == "late"
