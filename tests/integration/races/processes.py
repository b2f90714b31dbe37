"""Real processes of `coursewatch api` beside each other on one database, to be raced and to be killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from tests.api.people import NORTH, SOUTH, settle_in
from tests.introduced import changing
from workflow.bootstrap import build
from workflow.clock import utc_now
from workflow.persistence.sites import SiteSetting, put_site
from workflow.services.house import House
from workflow.settings import Settings

ANSWERS = "Coursewatch answers at "
LONGEST_START_SECONDS = 60.0
# So long that on no machine a wait for a lock ends by it: who is told 503 here has met a deadlock.
LIMIT_SECONDS = "60"


@dataclass(slots=True)
class ApiProcess:
    """One process that answers, with everything that it said; of another release where its `tree` is given."""

    environment: Mapping[str, str]
    tree: Path | None = None
    said: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] = field(init=False)
    reader: Thread = field(init=False)
    settled: Event = field(init=False)
    answers_at: int | None = None

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Start a process, or another in the place of one that has ended; it may not answer yet."""
        self.settled = Event()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "workflow.cli", "api", "--port", "0"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.tree,
            env=os.environ | self.environment,
        )
        self.reader = Thread(target=self._listen, daemon=True)
        self.reader.start()

    def port(self) -> int:
        """Return the port at which it answers, once it does."""
        assert self.settled.wait(LONGEST_START_SECONDS), self.said
        assert self.answers_at is not None, f"it ended instead of serving: {self.said}"
        return self.answers_at

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        self.answers_at = None
        self.process.kill()
        self._ended()

    def end(self) -> None:
        """Let it finish what it is doing, and end it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self._ended()

    def failures(self) -> list[str]:
        """Return the lines about requests that it failed to answer by a fault of its own."""
        return [line for line in self.said if '"request failed"' in line or "Traceback" in line]

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line.strip())
            if line.startswith(ANSWERS):
                self.answers_at = int(line.rpartition(":")[2])
                self.settled.set()
        self.settled.set()

    def _ended(self) -> None:
        self.process.wait()
        self.reader.join()
        assert self.process.stderr is not None
        self.process.stderr.close()


@dataclass(frozen=True, slots=True)
class Hospital:
    """Processes on one database, and the house on the same database for looking at what they stored."""

    house: House
    processes: tuple[ApiProcess, ...]

    def ports(self) -> tuple[int, ...]:
        """Return the ports at which processes answer now."""
        return tuple(port for each in self.processes if (port := each.answers_at) is not None)

    def failures(self) -> list[str]:
        """Return every process's lines about faults of its own."""
        return [line for each in self.processes for line in each.failures()]


@contextmanager
def hospital(database_url: str, folder: Path) -> Iterator[Hospital]:
    """Open a hospital of two sites with everybody's key: two processes on PostgreSQL, the one that SQLite is for.

    The processes start at once in a folder without a secret, on a database without protocols.
    """
    environment = {
        "COURSEWATCH_DATABASE": database_url,
        "COURSEWATCH_DATA_DIR": str(folder),
        "COURSEWATCH_SECRET_FILE": str(folder / "chain.secret"),
        "COURSEWATCH_LOCK_TIMEOUT": LIMIT_SECONDS,
        "COURSEWATCH_STATEMENT_TIMEOUT": LIMIT_SECONDS,
    }
    processes = tuple(ApiProcess(environment) for _ in range(1 if database_url.startswith("sqlite") else 2))
    try:
        for each in processes:
            each.port()
        house = build(Settings.from_environment(environment))
        try:
            settle_in(house.database, utc_now)
            with changing(house.database) as connection:
                for site in (NORTH, SOUTH):
                    put_site(connection, SiteSetting(id=site, name=site), utc_now(), "admin")
            yield Hospital(house, processes)
        finally:
            house.close()
    finally:
        for each in processes:
            each.end()
