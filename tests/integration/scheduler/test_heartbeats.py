"""Heartbeats: what each run of a job leaves, on both databases, and what several processes make of one outage."""

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.jobs import Job, tick
from tests.integration.recorded import Recorded
from tests.introduced import changing, seeing
from workflow.persistence.engine import Database
from workflow.persistence.errors import DatabaseUnavailableError
from workflow.persistence.heartbeats import Heartbeat, find_heartbeat, put_heartbeat
from workflow.services.heartbeats import NOTED_EVERY, Beat, Pulse, beating
from workflow.services.house import House
from workflow.services.outages import Outage, keep_last_outage

MINUTE = timedelta(minutes=1)
BEAT = Beat(job="count", period=MINUTE, process="0a1b2c3d")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def stored(database: Database, job: str = "count") -> Heartbeat | None:
    with seeing(database) as connection:
        return find_heartbeat(connection, job)


def one(database: Database, job: str = "count") -> Heartbeat:
    found = stored(database, job)
    assert found is not None
    return found


def test_a_run_leaves_who_ran_when_and_what_it_counted(courses: Recorded) -> None:
    database = courses.house.database

    with beating(courses.house, BEAT) as pulse:
        assert (pulse.last, stored(database)) == (None, None)
        pulse.report = {"patients": 3}

    noted = one(database)
    assert (noted.job, noted.process, noted.period, noted.report) == ("count", "0a1b2c3d", MINUTE, {"patients": 3})
    assert noted.started_at == pulse.began_at
    assert noted.finished_at is not None
    assert noted.started_at <= noted.finished_at


def test_the_next_run_knows_the_one_before_and_takes_its_place(courses: Recorded) -> None:
    with beating(courses.house, BEAT) as pulse:
        pulse.report = {"patients": 3}
    first = one(courses.house.database)

    with beating(courses.house, Beat(job="count", period=MINUTE, process="ffffffff")) as pulse:
        assert pulse.last == first

    second = one(courses.house.database)
    assert (second.process, second.report) == ("ffffffff", {})
    assert second.started_at > first.started_at


def test_a_run_that_fails_leaves_its_beginning_and_what_the_last_good_one_found(courses: Recorded) -> None:
    with beating(courses.house, BEAT) as pulse:
        pulse.report = {"patients": 3}
    good = one(courses.house.database)

    def fail(_house: House, pulse: Pulse) -> None:
        pulse.report = {"patients": 5}
        raise ValueError("broken")

    tick(Job("count", MINUTE, fail), courses.house, "ffffffff")

    noted = one(courses.house.database)
    assert (noted.process, noted.finished_at, noted.report) == ("ffffffff", good.finished_at, {"patients": 3})
    assert noted.started_at > good.started_at


def test_a_job_that_never_ended_well_has_begun_only(courses: Recorded) -> None:
    def fail(_house: House, _pulse: Pulse) -> None:
        raise ValueError("broken")

    tick(Job("count", MINUTE, fail), courses.house, "0a1b2c3d")

    assert (one(courses.house.database).finished_at, one(courses.house.database).report) == (None, {})


def test_a_database_that_takes_no_note_of_a_failure_does_not_hide_it(
    courses: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_: object) -> None:
        raise DatabaseUnavailableError("gone")

    monkeypatch.setattr("workflow.services.heartbeats.put_heartbeat", unavailable)
    with pytest.raises(ValueError, match="broken"), beating(courses.house, BEAT):
        raise ValueError("broken")


def test_a_job_that_ticks_often_is_noted_now_and_then_and_others_always(courses: Recorded) -> None:
    often = Beat(job="often", period=timedelta(seconds=10), process="0a1b2c3d")
    for beat in (often, BEAT):
        for number in range(2):
            with beating(courses.house, beat) as pulse:
                pulse.report = {"run": number}
    assert one(courses.house.database, "often").report == {"run": 0}
    assert one(courses.house.database).report == {"run": 1}


@pytest.mark.parametrize(
    ("ago", "worth"),
    [
        (timedelta(0), False),
        (NOTED_EVERY - timedelta(microseconds=1), False),
        (NOTED_EVERY, True),
        # The clock was set back since.
        (timedelta(microseconds=-1), True),
        (timedelta(days=-4), True),
    ],
)
def test_a_frequent_job_is_noted_again_after_half_a_minute_or_when_the_clock_was_set_back(
    ago: timedelta, worth: bool
) -> None:
    often = Beat(job="often", period=timedelta(seconds=10), process="0a1b2c3d")
    last = Heartbeat(job="often", process="0a1b2c3d", period=often.period, started_at=NOON - ago)
    assert Pulse(beat=often, began_at=NOON, last=last).worth_noting is worth


def test_a_heartbeat_by_a_clock_that_was_set_back_replaces_one_from_the_future(database: Database) -> None:
    with changing(database) as connection:
        for at in (NOON, NOON - timedelta(days=4)):
            put_heartbeat(connection, Heartbeat(job="count", process="p", period=MINUTE, started_at=at, finished_at=at))
    assert one(database).finished_at == NOON - timedelta(days=4)


ENDED_BY_A = Outage(since=NOON, until=NOON + MINUTE, thresholds={"critical": 2}, greatest_lateness=MINUTE)
ENDED_BY_B = Outage(
    since=NOON, until=NOON + 2 * MINUTE, thresholds={"critical": 1, "task": 1}, greatest_lateness=3 * MINUTE
)
LATER = Outage(since=NOON + timedelta(days=1), until=NOON + timedelta(days=2))


@pytest.mark.parametrize(
    ("before", "now", "kept"),
    [
        (None, None, None),
        (None, ENDED_BY_A, ENDED_BY_A),
        (ENDED_BY_A, None, ENDED_BY_A),
        (ENDED_BY_A, LATER, LATER),
        (
            ENDED_BY_A,
            ENDED_BY_B,
            Outage(
                since=NOON, until=NOON + MINUTE, thresholds={"critical": 3, "task": 1}, greatest_lateness=3 * MINUTE
            ),
        ),
    ],
)
def test_the_last_outage_stays_on_file_and_counts_what_every_process_found_that_ended_it(
    before: Outage | None, now: Outage | None, kept: Outage | None
) -> None:
    def report(outage: Outage | None, runs: int) -> dict[str, object]:
        return {"runs": runs, **({"last_outage": outage.shape} if outage else {})}

    found = keep_last_outage(report(before, 1), report(now, 2))

    assert found["runs"] == 2
    assert Outage.of_shape(found.get("last_outage")) == kept
