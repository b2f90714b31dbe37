"""Days and months are counted on the calendar, across leap days and the ends of months."""

from datetime import date

import pytest

from workflow.domain.calendar import add_days, add_months, arithmetic, days_between


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2022, 8, 31), 6, date(2023, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 24, date(2026, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2024, 12, 15), 1, date(2025, 1, 15)),
        (date(2024, 11, 30), 3, date(2025, 2, 28)),
        (date(2024, 3, 31), 18, date(2025, 9, 30)),
        (date(2024, 5, 1), 0, date(2024, 5, 1)),
        (date(2025, 3, 31), -1, date(2025, 2, 28)),
        (date(2025, 1, 1), -1, date(2024, 12, 1)),
        (date(1900, 1, 31), 1, date(1900, 2, 28)),
        (date(2000, 1, 31), 1, date(2000, 2, 29)),
    ],
)
def test_months_end_on_the_same_day_or_on_the_last_of_the_month(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later


@pytest.mark.parametrize(
    ("earlier", "later", "days"),
    [
        (date(2024, 2, 28), date(2024, 3, 1), 2),
        (date(2023, 2, 28), date(2023, 3, 1), 1),
        # The clocks change in these nights; dates do not care.
        (date(2025, 3, 29), date(2025, 3, 31), 2),
        (date(2025, 10, 25), date(2025, 10, 27), 2),
        (date(2025, 1, 8), date(2025, 1, 1), -7),
        (date(2024, 12, 31), date(2025, 1, 1), 1),
    ],
)
def test_days_are_differences_of_calendar_dates(earlier: date, later: date, days: int) -> None:
    assert days_between(earlier, later) == days
    assert add_days(earlier, days) == later


def test_the_arithmetic_line_can_be_checked_by_hand() -> None:
    assert arithmetic(date(2024, 1, 21), date(2024, 1, 8), "<", 14) == "2024-01-21 − 2024-01-08 = 13 d < 14 d"
