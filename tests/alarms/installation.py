"""A real installation to break: PostgreSQL, two API processes and a scheduler, each ended by its own handle."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.alarms.watcher import ENDS_WITHIN_SECONDS, answers, free_port
from tests.databases import PostgresqlServer, Urls
from workflow.clock import utc_now

PROGRAM = (sys.executable, "-m", "workflow.cli")
SITE, CONTACT = "north", "ward@north.example"
API_1, API_2, SCHEDULER = "api-1", "api-2", "scheduler-1"


@dataclass(slots=True)
class Installation:
    """What runs, by name; `key` may do everything, `patients` are the ids of those who are late."""

    server: PostgresqlServer
    urls: Urls
    folder: Path
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in (API_1, API_2, SCHEDULER)})
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    key: str = ""
    patients: list[str] = field(default_factory=list)

    def targets(self) -> Mapping[str, list[str]]:
        """Return where Prometheus finds the processes."""
        at = {name: f"127.0.0.1:{port}" for name, port in self.ports.items()}
        return {"coursewatch-api": [at[API_1], at[API_2]], "coursewatch-scheduler": [at[SCHEDULER]]}

    def start(self, name: str, environment: Mapping[str, str] | None = None) -> None:
        """Start a process and wait until it answers."""
        ticks = name == SCHEDULER
        port = self.ports[name]
        told = {"COURSEWATCH_WATCH_PORT": str(port)} if ticks else {"COURSEWATCH_PORT": str(port)}
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [*PROGRAM, "scheduler" if ticks else "api"],
                env={**self._environment(), **told, **(environment or {})},
                stdout=log,
                stderr=log,
            )
        answers(f"http://127.0.0.1:{port}/health/live")

    def kill(self, name: str) -> None:
        """Let a process die without a word."""
        self.running[name].kill()
        self.running.pop(name).wait(ENDS_WITHIN_SECONDS)

    def end(self, name: str) -> None:
        """Ask a process to end, and wait for it."""
        self.running[name].terminate()
        self.running.pop(name).wait(ENDS_WITHIN_SECONDS)

    def tell(self, *arguments: str) -> str:
        """Run a command to its end and return what it prints."""
        ran = subprocess.run(
            [*PROGRAM, *arguments], env=self._environment(), check=True, capture_output=True, text=True
        )
        return ran.stdout.strip()

    def ask(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 -- JSON
        """Send a request to the first API process; return its JSON, or the status of a failure."""
        request = Request(
            f"http://127.0.0.1:{self.ports[API_1]}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **(headers or {})},
        )
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310 -- loopback
                return json.load(answer)
        except HTTPError as refused:
            refused.read()
            return refused.code
        except OSError as fault:
            return type(fault).__name__

    def fact(self, patient: str, headers: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 -- JSON
        """Record a note."""
        note = {"type": "note_added", "occurred_on": _days_ago(1), "data": {"text": "seen"}}
        return self.ask("POST", f"/api/v1/patients/{patient}/facts", note, headers)

    def command(self, statement: str) -> None:
        """Do something in the database as its superuser."""
        self.server.command(self.urls, statement)

    def admit(self, patients: int) -> None:
        """Make a key, a site, and patients whose next block is critically late."""
        self.key = self.tell("key", "create", "alarms", "--role", "admin")
        self.tell("site", "set", SITE, "--name", "North", "--time-zone", "UTC", "--contact", CONTACT)
        for number in range(patients):
            told = {"pseudonym": f"ALARM-{number}", "site": SITE, "diagnosis_date": _days_ago(1500), "phenotype": "BCP"}
            made = self.ask("POST", "/api/v1/patients", {**told, "frontline_end_date": _days_ago(800)})
            self.patients.append(made["id"])
            for fact_type, days, data in _COURSE:
                fact = {"type": fact_type, "occurred_on": _days_ago(days), "data": data}
                assert isinstance(self.ask("POST", f"/api/v1/patients/{made['id']}/facts", fact), dict)

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "COURSEWATCH_DATABASE": self.urls.app,
            "COURSEWATCH_DATA_DIR": str(self.folder),
            "COURSEWATCH_SECRET_FILE": str(self.folder / "chain.secret"),
        }


_COURSE: tuple[tuple[str, int, dict[str, object]], ...] = (
    ("relapse_diagnosed", 45, {"relapse_site": "isolated_bm"}),
    ("protocol_chosen", 44, {"protocol": "all-rez-bfm-2002"}),
    ("block_started", 40, {"element": "R1"}),
    ("block_completed", 35, {"given": "as_planned"}),
)


def _days_ago(days: int) -> str:
    return (utc_now() - timedelta(days=days)).date().isoformat()


@contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    """Give an installation with its processes at work, until the block ends."""
    server = PostgresqlServer()
    installation = Installation(server, server.migrated(), folder)
    try:
        for name in (API_1, API_2, SCHEDULER):
            installation.start(name)
        installation.admit(12)
        yield installation
    finally:
        for name in list(installation.running):
            installation.kill(name)
        server.stop()
