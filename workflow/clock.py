"""The only place that reads the clock, so that everything else takes its instant as an argument."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

Clock: TypeAlias = Callable[[], datetime]
"""What the composition root hands to use cases: called without arguments, answers an aware instant in UTC."""


Stopwatch: TypeAlias = Callable[[], float]
"""Called without arguments, answers seconds that only ever grow; the difference of two is how long something took."""


def monotonic() -> float:
    """Return seconds since some moment of this machine; no correction of its clock makes them jump."""
    return time.monotonic()


def utc_now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(tz=UTC)


def today_in(time_zone: str, now: datetime) -> date:
    """Return the calendar date that a site in this IANA time zone has at the instant `now`.

    Raises ValueError where `now` carries no offset, ZoneInfoNotFoundError where the time zone is unknown.
    """
    if now.tzinfo is None:
        message = "now must carry its offset: a naive time has no date in another time zone"
        raise ValueError(message)
    return now.astimezone(ZoneInfo(time_zone)).date()
