"""Calendar arithmetic on site-local dates, so that every rule counts days and months the same way."""

from calendar import monthrange
from datetime import date, timedelta

MINUS = "−"


def add_months(day: date, months: int) -> date:
    """Return the date `months` calendar months later, clamped to the last day of the target month.

    31 August + 6 months is 28 or 29 February. The convention is ours, written in the clinical definitions (§5).
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_days(day: date, days: int) -> date:
    """Return the date `days` calendar days later."""
    return day + timedelta(days=days)


def days_between(earlier: date, later: date) -> int:
    """Return the difference of two calendar dates in days; negative where `later` comes first."""
    return (later - earlier).days


def arithmetic(later: date, earlier: date, relation: str, bound_days: int) -> str:
    """Return the line a refusal shows: `2024-01-21 − 2024-01-08 = 13 d < 14 d`."""
    return f"{later} {MINUS} {earlier} = {days_between(earlier, later)} d {relation} {bound_days} d"
