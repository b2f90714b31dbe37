"""Counts what happened at one database in this process, for those who watch: numbers that only ever grow."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal

# What was waited for: a connection with a transaction that may write, and the lock of a patient.
Awaited = Literal["transaction", "patient"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How often something was waited for, and how many seconds in all."""

    times: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What happened so far: errors by class, waits, and requests that got their first answer again."""

    errors: Mapping[str, int]
    waits: Mapping[Awaited, Waits]
    repeats: int


@dataclass(slots=True)
class Tally:
    """The counters themselves, for any number of threads."""

    _errors: Counter[str] = field(default_factory=Counter)
    _waits: dict[Awaited, Waits] = field(default_factory=lambda: {"transaction": Waits(), "patient": Waits()})
    _repeats: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def note_error(self, kind: type[Exception]) -> None:
        """Count an error by its class; what it says may quote a row."""
        with self._lock:
            self._errors[kind.__name__] += 1

    def note_wait(self, awaited: Awaited, seconds: float) -> None:
        """Count a wait that came to its end, and its seconds."""
        with self._lock:
            before = self._waits[awaited]
            self._waits[awaited] = Waits(times=before.times + 1, seconds=before.seconds + seconds)

    def note_repeat(self) -> None:
        """Count a request that was sent again and got its first answer."""
        with self._lock:
            self._repeats += 1

    def so_far(self) -> Happened:
        """Return all counts as they stand."""
        with self._lock:
            return Happened(errors=dict(self._errors), waits=dict(self._waits), repeats=self._repeats)
