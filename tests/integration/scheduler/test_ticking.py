"""The clock's work: each job by itself, one that fails beside others, and the ticker that starts and stops them."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event, active_count

import pytest

from api.logs import configure_logs
from scheduler.jobs import JOBS, Job, delivering, sweeping, tick
from scheduler.main import ticking
from tests.integration.recorded import Recorded
from tests.introduced import seeing
from workflow.persistence.seals import newest_seal
from workflow.services.heartbeats import Pulse
from workflow.services.house import House
from workflow.services.rounds import Rounds

LONG = timedelta(days=300)
SEAL, FORGET_ANSWERS = JOBS
PROCESS = "0a1b2c3d"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Give the stream that lines are logged to."""
    stream = io.StringIO()
    configure_logs(stream)
    yield stream
    configure_logs()


def logged(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_sealing_tells_each_seal_by_its_hash_so_that_it_can_be_noted(courses: Recorded, log: io.StringIO) -> None:
    tick(SEAL, courses.house, PROCESS)
    tick(SEAL, courses.house, PROCESS)
    with seeing(courses.house.database) as connection:
        newest = newest_seal(connection)
    assert newest is not None
    (line,) = logged(log)
    assert (line["event"], line["seal"], line["patients"], line["seal_hash"]) == ("sealed", 1, 2, newest.hash)


def test_answers_are_forgotten_by_the_clock_too(courses: Recorded) -> None:
    row = "INSERT INTO idempotency (actor_id, key, request_hash, status, body, made_at) VALUES "
    courses.tamper(f"{row} ('a', 'old', 'h', 201, '', '2024-01-01 00:00:00.000000')")
    tick(FORGET_ANSWERS, courses.house, PROCESS)
    assert courses.one("SELECT count(*) FROM idempotency") == 0


def test_a_job_that_fails_is_told_by_its_kind_without_what_it_says(courses: Recorded, log: io.StringIO) -> None:
    def fail(_house: House, _pulse: Pulse) -> None:
        raise ValueError("a patient's name")

    tick(Job("broken", LONG, fail), courses.house, PROCESS)
    (line,) = logged(log)
    assert (line["event"], line["job"], line["error"]) == ("job_failed", "broken", "ValueError")
    assert "name" not in log.getvalue()


def test_the_ticker_runs_each_job_again_and_again_though_another_fails_and_leaves_no_thread(
    courses: Recorded, log: io.StringIO
) -> None:
    ran, twice = [], Event()

    def count(house: House, _pulse: Pulse) -> None:
        assert house is courses.house
        ran.append(house)
        if len(ran) == 2:
            twice.set()

    def fail(_house: House, _pulse: Pulse) -> None:
        raise RuntimeError("never mind")

    before = active_count()
    with ticking(courses.house, (Job("broken", timedelta(seconds=1), fail), Job("count", timedelta(seconds=1), count))):
        assert twice.wait(timeout=30)
    assert active_count() == before
    assert {line["event"] for line in logged(log)} == {"job_failed"}


def test_a_clock_that_jumps_lets_every_job_run_at_once_however_far_away_its_next_run_was(
    courses: Recorded, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran, armed, twice = [], [], Event()

    def count(_house: House, _pulse: Pulse) -> None:
        ran.append(True)
        if len(ran) == 2:
            twice.set()

    @contextmanager
    def watched(on_jump: Callable[[timedelta], None]) -> Iterator[None]:
        armed.append(on_jump)
        yield

    monkeypatch.setattr("scheduler.main.watching", watched)
    with ticking(courses.house, (Job("count", LONG, count),)):
        (jump,) = armed
        # Where the first run has not ended yet, the next is left out: a job never runs beside itself.
        for _ in range(300):
            jump(timedelta(days=-4))
            if twice.wait(timeout=0.1):
                break
    assert len(ran) >= 2
    assert (logged(log)[0]["event"], logged(log)[0]["seconds"]) == ("clock_jumped", -4 * 24 * 3600.0)


def test_the_jobs_of_the_house_have_names_of_their_own_and_periods() -> None:
    jobs = (*JOBS, sweeping(Rounds()), delivering(None))  # type: ignore[arg-type]
    assert {job.name: job.period for job in jobs} == {
        "sweep": timedelta(minutes=1),
        "deliver": timedelta(seconds=10),
        "seal": timedelta(minutes=5),
        "forget_answers": timedelta(days=1),
    }


@pytest.mark.parametrize(
    ("arguments", "ready"),
    [(("scheduler",), "Coursewatch ticks."), (("serve", "--port", "0"), "Coursewatch answers at ")],
)
def test_the_scheduler_alone_and_the_server_sweep_and_seal_and_end_in_good_order_when_asked_to(
    courses: Recorded, tmp_path: Path, arguments: tuple[str, ...], ready: str
) -> None:
    # As after an upgrade: everybody is to be judged by the rules of today.
    courses.tamper("UPDATE patient SET judged_by = NULL")
    environment = os.environ | {
        "COURSEWATCH_DATABASE": courses.urls.app,
        "COURSEWATCH_DATA_DIR": str(courses.house.settings.data_dir),
    }
    command = [sys.executable, "-m", "workflow.cli", *arguments]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stderr is not None
        awaited = {ready, '"event": "sealed"', '"event": "swept"'}
        while awaited:
            line = process.stderr.readline()
            assert line, "it ended by itself"
            awaited -= {text for text in awaited if text in line}
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "")
    assert courses.one("SELECT count(*) FROM seal") == 1
    # Beside those are the sweeps, and the job of the process's own worker.
    assert courses.one("SELECT count(*) FROM heartbeat WHERE finished_at IS NOT NULL") == len(JOBS) + 2
