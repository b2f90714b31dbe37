"""The block interval as counted on a wall calendar, day after day, sharing nothing with the rules it checks."""

from datetime import date

MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def next_day(day: date) -> date:
    """Return the day after, by the lengths of the months."""
    leap = day.year % 4 == 0 and (day.year % 100 != 0 or day.year % 400 == 0)
    length = 29 if leap and day.month == 2 else MONTH_LENGTHS[day.month - 1]
    if day.day < length:
        return date(day.year, day.month, day.day + 1)
    return date(day.year, day.month + 1, 1) if day.month < 12 else date(day.year + 1, 1, 1)


def days_counted(start: date, end: date) -> int:
    """Return how many days one has to turn from `start` to `end`, which does not come before it."""
    count = 0
    while start < end:
        start = next_day(start)
        count += 1
    return count


def interval_verdict(start: date, next_start: date) -> str:
    """Return the verdict on two block starts by the printed sentence of contract §3.3."""
    days = days_counted(start, next_start)
    if days < 14:
        return "early"
    if days <= 21:
        return "on_time"
    return "late" if days <= 25 else "critical"


def interval_status(start: date, next_start: date | None, as_of: date) -> str:
    """Return how the interval stands on a day; `next_start` is the next block's, where there is one."""
    if next_start is not None and next_start <= as_of:
        return "met"
    waiting = interval_verdict(start, as_of) if start <= as_of else "early"
    return {"early": "upcoming", "on_time": "open"}.get(waiting, waiting)
