"""Asks and records through the proxy until it is told to end, and says on stdout which requests failed."""  # noqa: INP001

import http.client
import json
import signal
import ssl
import sys
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

# A pause between two requests of one worker: a ward's load and not a benchmark's.
PAUSE_SECONDS = 0.05
LIMIT_SECONDS = 20.0
GET_OK, POST_OK = 200, 201
WORKLIST = "/api/v1/worklist?as_of=2026-06-30"
# No fact of these patients is judged late by anybody: they have a registration and nothing else.
PATIENT = {"site": "berlin", "diagnosis_date": "2021-09-29", "phenotype": "BCP", "frontline_end_date": "2023-09-29"}


@dataclass
class Worker:
    """One client: a browser that keeps its connection, or a program that opens one for every request."""

    name: str
    port: int
    key: str
    trusted: ssl.SSLContext
    records: bool
    keeps_connection: bool
    asked: int = 0
    failed: list[str] = field(default_factory=list)

    def run(self, ended: threading.Event) -> None:
        """Ask until `ended`; a failure is noted with its instant, and the next request begins anew."""
        connection = self._connect()
        for number in count():
            if ended.wait(PAUSE_SECONDS):
                break
            try:
                self._ask(connection, number)
            except (OSError, http.client.HTTPException) as fault:
                self._note(f"{type(fault).__name__}: {fault}")
                connection.close()
            if not self.keeps_connection:
                connection.close()
        connection.close()

    def _connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("localhost", self.port, timeout=LIMIT_SECONDS, context=self.trusted)

    def _ask(self, connection: http.client.HTTPSConnection, number: int) -> None:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        self.asked += 1
        if self.records:
            body = json.dumps({"pseudonym": f"{self.name}-{number}", **PATIENT})
            connection.request("POST", "/api/v1/patients", body=body, headers=headers)
        else:
            connection.request("GET", WORKLIST, headers=headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != (POST_OK if self.records else GET_OK):
            self._note(f"{answer.status} {text[:120].decode(errors='replace').splitlines()[0] if text else ''}")

    def _note(self, what: str) -> None:
        kind = "POST" if self.records else "GET"
        self.failed.append(f"{datetime.now(UTC):%H:%M:%S.%f} {kind} {what}")  # noqa: TID251 -- a log's instant


def main(port: str, key_file: str, certificate: str, run: str) -> None:
    """Load the proxy on `port` of loopback until SIGTERM or SIGINT; `run` sets this run's pseudonyms apart."""
    ended = threading.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda _signal, _frame: ended.set())
    with open(key_file, encoding="ascii") as file:  # noqa: PTH123 -- one line
        key = file.read().strip()
    trusted = ssl.create_default_context(cafile=certificate)
    workers = [
        Worker(f"{run}-{number}", int(port), key, trusted, records=records, keeps_connection=keeps)
        for number, (records, keeps) in enumerate([(False, True), (False, False), (True, True), (True, False)])
    ]
    threads = [threading.Thread(target=worker.run, args=(ended,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    failed = sorted(failure for worker in workers for failure in worker.failed)
    json.dump(
        {
            "read": sum(worker.asked for worker in workers if not worker.records),
            "recorded": sum(worker.asked for worker in workers if worker.records),
            "failed": len(failed),
            "failures": failed[:20],
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
