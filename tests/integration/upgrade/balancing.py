"""A balancer as a hospital has one, and people who work through it: nothing is tried again once it may have arrived."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count
from threading import Event, Lock, Thread
from typing import Any

CHECK_SECONDS = 0.05
# Between two rounds of one person: enough requests to meet every moment, and time left for the processes to start.
ROUND_SECONDS = 0.1
LONGEST_SECONDS = 60.0


class NobodyReadyError(Exception):
    """No process is ready to take a connection."""


@dataclass(slots=True)
class Balancer:
    """Asks each process for its readiness, again and again, and connects to those that are ready, in turn."""

    ports: set[int] = field(default_factory=set)
    up: set[int] = field(default_factory=set)
    turns: Iterator[int] = field(default_factory=count)
    lock: Lock = field(default_factory=Lock)
    ends: Event = field(default_factory=Event)
    # Each process that was taken out, in turn.
    taken_out: list[int] = field(default_factory=list)

    def add(self, port: int) -> None:
        """Ask one more process from now on, and return once it is ready."""
        with self.lock:
            self.ports.add(port)
        self.wait_for(port, ready=True)

    def wait_for(self, port: int, *, ready: bool) -> None:
        """Return once a process is ready, or is not."""
        for _ in range(round(LONGEST_SECONDS / CHECK_SECONDS)):
            if (port in self.up) is ready:
                return
            self.ends.wait(CHECK_SECONDS)
        raise AssertionError(f"{port} became {'not ' if ready else ''}ready in time")

    def check(self) -> None:
        """Ask everybody until the end."""
        while not self.ends.wait(CHECK_SECONDS):
            for port in tuple(self.ports):
                ready = _is_ready(port)
                with self.lock:
                    if port in self.up and not ready:
                        self.taken_out.append(port)
                    (self.up.add if ready else self.up.discard)(port)

    def connected(self) -> HTTPConnection:
        """Return a new connection to a ready process; where it cannot be made, another one is tried."""
        for _ in range(round(LONGEST_SECONDS / CHECK_SECONDS)):
            with self.lock:
                ready = sorted(self.up)
            if ready:
                line = HTTPConnection("127.0.0.1", ready[next(self.turns) % len(ready)], timeout=LONGEST_SECONDS)
                try:
                    line.connect()
                except OSError:
                    line.close()
                else:
                    return line
            self.ends.wait(CHECK_SECONDS)
        raise NobodyReadyError


def _is_ready(port: int) -> bool:
    with closing(HTTPConnection("127.0.0.1", port, timeout=LONGEST_SECONDS)) as line:
        try:
            line.request("GET", "/health/ready")
            return line.getresponse().status == 200
        except (HTTPException, OSError):
            return False


@contextmanager
def balancing() -> Iterator[Balancer]:
    """Balance until the block is left."""
    balancer = Balancer()
    thread = Thread(target=balancer.check)
    thread.start()
    try:
        yield balancer
    finally:
        balancer.ends.set()
        thread.join()


@dataclass(slots=True)
class Person:
    """Somebody who records notes of patients of their own and reads, round after round, through the balancer.

    `notes` are the texts whose recording was confirmed; `failures` is everything that went wrong.
    """

    name: str
    key: str
    balancer: Balancer
    patients: tuple[str, ...]
    notes: list[str] = field(default_factory=list)
    reads: int = 0
    failures: list[str] = field(default_factory=list)
    line: HTTPConnection | None = None

    def work(self, ends: Event) -> None:
        """Work until the end."""
        for number in count():
            if ends.wait(ROUND_SECONDS):
                break
            patient = self.patients[number % len(self.patients)]
            text = f"{self.name} {number}"
            fact = {"type": "note_added", "occurred_on": "2025-02-01", "data": {"text": text}}
            if self._answered("POST", f"/patients/{patient}/facts", 201, fact, text):
                self.notes.append(text)
            for path in (f"/patients/{patient}", "/worklist", "/patients?limit=5"):
                self.reads += self._answered("GET", path, 200)
        if self.line is not None:
            self.line.close()

    def _answered(self, method: str, path: str, status: int, body: object = None, once: str = "") -> bool:
        """Send one request, once; note whatever is not the answer that it should have."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": once} if once else {}
        try:
            if self.line is None:
                self.line = self.balancer.connected()
            self.line.request(method, f"/api/v1{path}", None if body is None else json.dumps(body), headers)
            answer = self.line.getresponse()
            told = answer.read()
        except (HTTPException, OSError, NobodyReadyError) as lost:
            self._hang_up()
            self.failures.append(f"{method} {path}: {type(lost).__name__} {lost}")
            return False
        if answer.getheader("connection") == "close":
            self._hang_up()
        if answer.status != status:
            self.failures.append(f"{method} {path}: {answer.status} {_code(told)}")
        return answer.status == status

    def _hang_up(self) -> None:
        if self.line is not None:
            self.line.close()
            self.line = None


def _code(told: bytes) -> Any:  # noqa: ANN401 -- whatever was answered
    try:
        return json.loads(told).get("code")
    except ValueError:
        return told[:80]


@contextmanager
def at_work(people: list[Person]) -> Iterator[None]:
    """Let people work until the block is left."""
    ends = Event()
    threads = [Thread(target=person.work, args=(ends,)) for person in people]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ends.set()
        for thread in threads:
            thread.join()
