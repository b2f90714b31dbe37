"""The clock of a running process jumps forth and back by days: the same alerts, and it goes on sweeping."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text

from tests.databases import PostgresqlServer, Urls
from tests.integration.recorded import add, settings_of
from tests.introduced import seeing
from tests.moved_clocks import MovedClock, moved_clock
from workflow.bootstrap import build
from workflow.clock import utc_now
from workflow.domain.actor import LOCAL_ADMIN
from workflow.persistence.heartbeats import find_heartbeat
from workflow.services import sites
from workflow.services.house import House
from workflow.services.register_patient import register
from workflow.services.run_sweep import SWEEP

# From the true time: three days ahead; four days back from there; ahead again; to where the last threshold has passed.
OFFSETS = (timedelta(days=3), timedelta(days=-1), timedelta(days=3), timedelta(days=8))
STARTED_DAYS_AGO = {"A-1": 19, "B-1": 24}
# What is raised by then, in days after the start of the block: planning, late, critical.
PLAN, LATE, CRITICAL = ("RM-02", 18), ("RM-04", 22), ("RM-05", 26)
RAISED = (
    {"A-1": [PLAN, LATE], "B-1": [PLAN, LATE, CRITICAL]},
    {"A-1": [PLAN, LATE], "B-1": [PLAN, LATE, CRITICAL]},
    {"A-1": [PLAN, LATE], "B-1": [PLAN, LATE, CRITICAL]},
    {"A-1": [PLAN, LATE, CRITICAL], "B-1": [PLAN, LATE, CRITICAL]},
)
# A job that runs at the very moment of a jump is not run beside itself, but a period later: three periods are allowed.
TRIES, BETWEEN_TRIES_SECONDS = 1800, 0.1
Ledger = dict[str, list[tuple[str, date, int]]]


@dataclass(slots=True)
class Running:
    """A process whose clock can be moved, and the house on its database for looking at what it stores."""

    process: subprocess.Popen[str]
    house: House
    clock: MovedClock
    patients: dict[str, str]
    said: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Take in all that the process says, so that it never waits for a reader."""
        assert self.process.stderr is not None
        self.said.extend(line.strip() for line in self.process.stderr)

    def becomes(self, holds: Callable[[], bool]) -> bool:
        """Wait until something holds; False where the process ends first, or it never does."""
        for _ in range(TRIES):
            if holds():
                return True
            try:
                self.process.wait(BETWEEN_TRIES_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            return False
        return False

    def swept_at(self, offset: timedelta) -> bool:
        """Whether the last sweep ended by a clock with this offset."""
        with seeing(self.house.database) as connection:
            found = find_heartbeat(connection, SWEEP)
        ended = found.finished_at if found else None
        return ended is not None and abs(ended - utc_now() - offset) < timedelta(hours=1)

    def ledger(self) -> Ledger:
        """Return each patient's alerts: reminder, first day of the stage, episode."""
        question = "SELECT reminder, threshold_on, episode FROM alert WHERE patient_id = :id AND status = 'open'"
        with seeing(self.house.database) as connection:
            return {
                pseudonym: sorted(
                    (reminder, date.fromisoformat(str(on)), episode)
                    for reminder, on, episode in connection.execute(text(question), {"id": patient_id})
                )
                for pseudonym, patient_id in self.patients.items()
            }

    def holds(self, awaited: Ledger) -> bool:
        """Whether the ledger is this one: nothing missing, nothing more."""
        return self.ledger() == awaited

    def notices(self) -> list[Any]:
        """Return the first notices: whose, for which threshold, due when."""
        question = (
            "SELECT a.patient_id, a.reminder, n.due_at FROM notice n JOIN alert a ON a.id = n.alert_id "
            "WHERE n.step = 0 ORDER BY a.patient_id, a.reminder"
        )
        with seeing(self.house.database) as connection:
            return list(connection.execute(text(question)))

    def events(self) -> list[dict[str, Any]]:
        """Return what the process logged by now."""
        return [json.loads(line) for line in self.said if line.startswith("{")]


def registered(house: House, today: date) -> dict[str, str]:
    """Register the patients, each in the first block, at a site that works every day and reads UTC."""
    sites.put(house, LOCAL_ADMIN, "berlin", {"time_zone": "UTC", "working_days": [1, 2, 3, 4, 5, 6, 7]})
    patients = {}
    for pseudonym, days in STARTED_DAYS_AGO.items():
        started_on = (today - timedelta(days=days)).isoformat()
        data = {"pseudonym": pseudonym, "site": "berlin", "diagnosis_date": "2022-03-01", "phenotype": "BCP"}
        patients[pseudonym] = str(json.loads(register(house, LOCAL_ADMIN, data).body)["id"])
        add(house, patients[pseudonym], "relapse_diagnosed", started_on, {"relapse_site": "isolated_bm"})
        add(house, patients[pseudonym], "protocol_chosen", started_on, {"protocol": "all-rez-bfm-2002"})
        add(house, patients[pseudonym], "block_started", started_on, {"element": "R1"})
    return patients


@contextmanager
def running(clock: MovedClock, urls: Urls, folder: Path, command: Sequence[str], today: date) -> Iterator[Running]:
    """Run a command that sweeps, on a database with patients, by a clock that can be moved; end it in good order."""
    settings = settings_of(urls, folder)
    house = build(settings)
    patients = registered(house, today)
    environment = os.environ | {
        "COURSEWATCH_DATABASE": urls.app,
        "COURSEWATCH_DATA_DIR": str(settings.data_dir),
        **clock.environment,
    }
    with subprocess.Popen(
        [sys.executable, "-m", "workflow.cli", *command],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        run = Running(process, house, clock, patients)
        reader = Thread(target=run.listen)
        reader.start()
        try:
            yield run
        finally:
            process.send_signal(signal.SIGTERM)
            reader.join()
            house.close()


def expected(raised: dict[str, list[tuple[str, int]]], today: date) -> Ledger:
    """Return the ledger in which these reminders are raised, each once."""
    return {
        pseudonym: [
            (reminder, today - timedelta(days=STARTED_DAYS_AGO[pseudonym] - days), 1) for reminder, days in reminders
        ]
        for pseudonym, reminders in raised.items()
    }


def require_same_alerts_through_all_jumps(run: Running, today: date, ready: str) -> None:
    """Move the clock to and fro; at each stop there is a sweep by the new time, and the ledger is the one expected."""
    assert run.becomes(lambda: any(line.startswith(ready) for line in run.said)), run.said
    assert run.becomes(lambda: run.swept_at(timedelta(0))), run.said
    told: list[list[Any]] = []
    for count, (offset, raised) in enumerate(zip(OFFSETS, RAISED, strict=True), start=1):
        run.clock.move(offset)
        awaited = expected(raised, today)
        assert run.becomes(partial(run.swept_at, offset)), run.said
        # A sweep may come by its own tick before the jump is noticed; two jumps between two looks would be one.
        assert run.becomes(partial(told_of_jumps, run, count)), run.said
        assert run.becomes(partial(run.holds, awaited)), (run.ledger(), awaited)
        told.append(run.notices())
    assert told[0] == told[1] == told[2]


def jumps(run: Running) -> list[int]:
    """Return the jumps that the process told of, in whole days."""
    return [round(event["seconds"] / 86_400) for event in run.events() if event["event"] == "clock_jumped"]


def told_of_jumps(run: Running, count: int) -> bool:
    """Whether the process has told of so many jumps."""
    return len(jumps(run)) == count


@pytest.fixture
def clock() -> Iterator[MovedClock]:
    """Give a clock to move, in a folder that a database server's own user can read too."""
    with TemporaryDirectory(prefix="coursewatch-clock-") as folder:
        yield moved_clock(Path(folder))


def test_a_server_whose_clock_jumps_keeps_its_alerts_and_goes_on_sweeping(
    clock: MovedClock, sqlite_template: Path, tmp_path: Path
) -> None:
    file = tmp_path / "coursewatch.sqlite3"
    shutil.copy(sqlite_template, file)
    today = utc_now().date()
    url = f"sqlite:///{file}"
    with running(clock, Urls(url, url), tmp_path, ("serve", "--port", "0"), today) as run:
        require_same_alerts_through_all_jumps(run, today, "Coursewatch answers at ")
    assert jumps(run) == [3, -4, 4, 5]


def test_a_scheduler_and_its_postgresql_whose_clocks_jump_keep_their_alerts_and_go_on_sweeping(
    clock: MovedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        for name, value in clock.environment.items():
            patched.setenv(name, value)
        server = PostgresqlServer()
    try:
        today = utc_now().date()
        with running(clock, server.migrated(), tmp_path, ("scheduler",), today) as run:
            require_same_alerts_through_all_jumps(run, today, "Coursewatch ticks.")
        assert jumps(run) == [3, -4, 4, 5]
    finally:
        server.stop()
