"""Notices when the wall clock jumps: ticks that were planned by it would otherwise fall silent until it catches up."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Thread

import structlog

from workflow.clock import Clock, Stopwatch, monotonic, utc_now

LOOK_EVERY_SECONDS = 1.0
# A clock that is slewed gains or loses far less between two looks; what is less than this delays a tick by no more.
JUMP = timedelta(seconds=2)

_log = structlog.stdlib.get_logger("scheduler")


@dataclass(frozen=True, slots=True)
class Glance:
    """The wall clock, read between two looks at a stopwatch (seconds): how long reading it took tells no jump."""

    before: float
    wall: datetime
    after: float


@dataclass(slots=True)
class ClockWatch:
    """Compares the wall clock with the stopwatch; `on_jump` hears by how much the wall clock has jumped."""

    on_jump: Callable[[timedelta], None]
    clock: Clock = utc_now
    stopwatch: Stopwatch = monotonic
    last: Glance = field(init=False)

    def __post_init__(self) -> None:
        self.last = self._glance()

    def look(self) -> timedelta | None:
        """Return by how much the wall clock jumped since the last look, after `on_jump` heard of it; None: it did not.

        This thread may have been held up anywhere between two readings; only what no such delay explains is a jump.
        """
        last, now = self.last, self._glance()
        self.last = now
        moved = now.wall - last.wall
        least = timedelta(seconds=now.before - last.after)
        most = timedelta(seconds=now.after - last.before)
        jump = moved - most if moved > most else min(moved - least, timedelta(0))
        if abs(jump) <= JUMP:
            return None
        self.on_jump(jump)
        return jump

    def _glance(self) -> Glance:
        before = self.stopwatch()
        wall = self.clock()
        return Glance(before, wall, self.stopwatch())


@contextmanager
def watching(on_jump: Callable[[timedelta], None]) -> Iterator[None]:
    """Watch the clock of this process in a thread of its own until the block is left."""
    watch, done = ClockWatch(on_jump), Event()
    thread = Thread(target=_watch, args=(watch, done), name="clock watch")
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _watch(watch: ClockWatch, done: Event) -> None:
    while not done.wait(LOOK_EVERY_SECONDS):
        try:
            watch.look()
        except Exception as fault:  # noqa: BLE001 -- the next jump must find somebody watching
            _log.error("clock_watch_failed", error=type(fault).__name__)
