"""Waiting for the database: processes of an installation start in any order, and nobody has to start them in turn."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

from workflow.cli.talk import say
from workflow.clock import monotonic
from workflow.settings import Settings

if TYPE_CHECKING:
    from workflow.persistence.awaited import Obstacle

PAUSE_SECONDS = 0.5
# As long as a starting installation takes to make a role after its server answers; a mistyped name is not worth more.
SOON_SECONDS = 10.0
TOLD_EVERY_SECONDS = 10.0
STOPPED = 0


def wait_for_database(settings: Settings, *, tables: bool, stopped_as: int = STOPPED) -> None:
    """Wait until the database answers, and with `tables` until it holds those that this release works with.

    It waits for `wait_for_database_seconds` at most. Whatever is wrong then is met again, and told, by whoever opens
    the database next. SIGTERM ends the wait at once, and the process with the exit code `stopped_as`. Nobody waits for
    a SQLite file: it is there, or it is to be made.
    """
    from workflow.persistence.awaited import obstacle
    from workflow.persistence.engine import open_database, parse_url

    if settings.wait_for_database_seconds == 0 or parse_url(settings.database).get_backend_name() == "sqlite":
        return
    database = open_database(settings.database_url, secret=b"")
    try:
        with _ended_by_sigterm(stopped_as):
            wait = _Wait(settings.wait_for_database_seconds)
            while (found := obstacle(database, tables=tables)) is not None and wait.goes_on(found):
                Event().wait(PAUSE_SECONDS)
    finally:
        database.dispose()


class _Wait:
    """One wait: how long it may still last, and what was told of it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._began = monotonic()
        self._refused_since: float | None = None
        self._told: tuple[str, float] | None = None

    def goes_on(self, found: "Obstacle") -> bool:
        """Say whether to wait on before this obstacle; told when it is met first, and then now and then."""
        now = monotonic()
        waited, limit = now - self._began, self._seconds
        if found.heals == "in time":
            self._refused_since = None
        else:
            self._refused_since = now if self._refused_since is None else self._refused_since
            limit = min(limit, self._refused_since - self._began + SOON_SECONDS)
        if waited >= limit:
            return False
        if self._told is None or self._told[0] != found.what or now - self._told[1] >= TOLD_EVERY_SECONDS:
            say(f"Waiting for the database, {limit - waited:.0f} s more at most: {found.what}")
            self._told = (found.what, now)
        return True


@contextmanager
def _ended_by_sigterm(stopped_as: int) -> Iterator[None]:
    """End the process by SIGTERM, too, where it is the first of its container: there the default is to ignore it."""

    def end(_signal: int, _frame: object) -> None:
        say("Stopped.")
        sys.exit(stopped_as)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
