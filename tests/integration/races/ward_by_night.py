"""Patients whose blocks became critical in the night, and real schedulers that are to tell it in the morning."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

from benchmarks.lived import HandClock
from tests.api.people import NORTH, SOUTH, settle_in
from tests.integration.channels.post_office import PostOffice
from workflow.bootstrap import build, migrate
from workflow.clock import monotonic
from workflow.domain.actor import LOCAL_ADMIN
from workflow.services import sites
from workflow.services.import_facts import import_facts
from workflow.services.import_rows import rows_of
from workflow.services.sweep import sweep
from workflow.settings import Settings

PREPARED_AT = datetime(2025, 1, 31, 12, tzinfo=UTC)
# Critical since midnight in every time zone of these sites, and half past seven in London comes in a few seconds.
MORNING = datetime(2025, 2, 1, 7, 29, 55, tzinfo=UTC)
CONTACTS = {site: [f"ward-{number}@{site}.example" for number in (1, 2, 3)] for site in (NORTH, SOUTH)}
COURSE: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("relapse_diagnosed", "2025-01-05", {"relapse_site": "isolated_bm"}),
    ("protocol_chosen", "2025-01-05", {"protocol": "all-rez-bfm-2002"}),
    ("block_started", "2025-01-06", {"element": "R1"}),
    ("block_completed", "2025-01-11", {"given": "as_planned"}),
)
LONGEST_START_SECONDS = 60.0


def variables(database_url: str, folder: Path, office: PostOffice) -> dict[str, str]:
    """Return the environment of every process of the ward."""
    return {
        "COURSEWATCH_DATABASE": database_url,
        "COURSEWATCH_DATA_DIR": str(folder),
        "COURSEWATCH_SECRET_FILE": str(folder / "chain.secret"),
        "COURSEWATCH_SMTP_URL": f"smtp://127.0.0.1:{office.port}",
        "COURSEWATCH_MAIL_FROM": "coursewatch@hospital.example",
        "COURSEWATCH_PUBLIC_URL": "https://coursewatch.hospital.example",
    }


def prepare(owner_url: str, environment: Mapping[str, str], patients: int) -> None:
    """Fill a rehearsal with patients who are late already and told so, the day before they become critical."""
    owner = Settings.from_environment({**environment, "COURSEWATCH_DATABASE": owner_url})
    migrate(owner, rehearsal=True)
    house = build(Settings.from_environment(environment), clock=HandClock(PREPARED_AT))
    try:
        settle_in(house.database, house.clock)
        for site in (NORTH, SOUTH):
            sites.put(house, LOCAL_ADMIN, site, {"time_zone": "Europe/London", "contacts": CONTACTS[site]})
        lines = [line for number in range(patients) for line in _course(f"P-{number}", (NORTH, SOUTH)[number % 2])]
        done = import_facts(house, LOCAL_ADMIN, list(rows_of("\n".join(lines).encode(), "ward.ndjson")))
        assert done.count("accepted") == len(lines)
        sweep(house)
    finally:
        house.close()


def _course(pseudonym: str, site: str) -> list[str]:
    registration = {"pseudonym": pseudonym, "site": site, "diagnosis_date": "2022-03-01", "phenotype": "BCP"}
    facts = (("patient_registered", "2025-01-05", registration), *COURSE)
    return [
        json.dumps({"patient": pseudonym, "type": fact_type, "occurred_on": on, "data": data})
        for fact_type, on, data in facts
    ]


@dataclass(slots=True)
class Clock:
    """The time of the ward: it goes on from a morning with this machine's own, for processes that start later too."""

    began: float = field(default_factory=monotonic)

    def now(self) -> datetime:
        """Return the ward's present instant."""
        return MORNING + timedelta(seconds=monotonic() - self.began)


@dataclass(slots=True)
class SchedulerProcess:
    """One `coursewatch scheduler`, to be killed, frozen and woken."""

    environment: Mapping[str, str]
    clock: Clock
    said: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] = field(init=False)
    reader: Thread = field(init=False)
    ticks: Event = field(init=False)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Start a process, or another in the place of one that has ended."""
        self.ticks = Event()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "workflow.cli", "scheduler"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | self.environment | {"COURSEWATCH_NOW": self.clock.now().isoformat()},
        )
        self.reader = Thread(target=self._listen, args=(self.process, self.ticks), daemon=True)
        self.reader.start()

    def require_ticking(self) -> None:
        """Wait until it ticks."""
        assert self.ticks.wait(LONGEST_START_SECONDS), self.said
        assert self.process.poll() is None, self.said

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        self.process.kill()
        self._ended()

    def freeze(self) -> None:
        """Stop it where it stands; to the others it is as if it had died, until it is woken."""
        self.process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Let it go on as if nothing had been."""
        self.process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """Let it finish what it is doing, and end it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self._ended()

    def _listen(self, process: subprocess.Popen[str], ticks: Event) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            self.said.append(line.strip())
            if "ticks" in line:
                ticks.set()
        ticks.set()

    def _ended(self) -> None:
        self.process.wait()
        self.reader.join()
        assert self.process.stderr is not None
        self.process.stderr.close()
