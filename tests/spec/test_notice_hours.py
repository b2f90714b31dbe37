"""When a site is told: its hour, its working days, never at once, across weekends, feasts and changes of the clock."""

from datetime import date, datetime, time
from typing import Any

import pytest

from workflow.domain.alerts import Severity
from workflow.domain.site_practice import SitePractice
from workflow.rules.notices import first_due_at

EASTER = (date(2025, 4, 18), date(2025, 4, 21))
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
NEW_YORK: dict[str, Any] = {"time_zone": "America/New_York", "working_days": EVERY_DAY}
# What is tried; since when the alert stands (UTC); severity; what the site has set; when it is told (UTC).
HOURS: list[tuple[str, str, Severity, dict[str, Any], str]] = [
    ("the same morning", "2025-02-03T23:00", "warning", {}, "2025-02-04T06:30"),
    ("a quarter of an hour before the hour", "2025-02-04T06:15", "warning", {}, "2025-02-04T06:30"),
    ("a moment later", "2025-02-04T06:15:00.000001", "warning", {}, "2025-02-05T06:30"),
    ("in the afternoon", "2025-02-04T14:00", "task", {}, "2025-02-05T06:30"),
    ("on Friday afternoon", "2025-02-07T14:00", "warning", {}, "2025-02-10T06:30"),
    ("critical on Friday afternoon", "2025-02-07T14:00", "critical", {}, "2025-02-08T06:30"),
    ("on Saturday", "2025-02-07T23:00", "info", {}, "2025-02-10T06:30"),
    (
        "a Sunday in a week of Sunday to Thursday",
        "2025-02-08T23:00",
        "task",
        {"working_days": (7, 1, 2, 3, 4)},
        "2025-02-09T06:30",
    ),
    (
        "a Friday in a week of Sunday to Thursday",
        "2025-02-06T23:00",
        "task",
        {"working_days": (7, 1, 2, 3, 4)},
        "2025-02-09T06:30",
    ),
    ("Good Friday", "2025-04-17T22:00", "warning", {"holidays": EASTER}, "2025-04-22T05:30"),
    ("Good Friday, critical", "2025-04-17T22:00", "critical", {"holidays": EASTER}, "2025-04-18T05:30"),
    ("at the site's own hour", "2025-02-03T23:00", "warning", {"notices_at": time(16)}, "2025-02-04T15:00"),
    ("critical in spite of it", "2025-02-03T23:00", "critical", {"notices_at": time(16)}, "2025-02-04T06:30"),
    ("when summer time begins", "2025-03-29T23:00", "critical", {}, "2025-03-30T05:30"),
    ("when summer time ends", "2025-10-25T22:00", "critical", {}, "2025-10-26T06:30"),
    (
        "at an hour that is left out",
        "2025-03-09T05:00",
        "task",
        {**NEW_YORK, "notices_at": time(2, 30)},
        "2025-03-09T07:30",
    ),
    (
        "at an hour that comes twice: the first",
        "2025-11-02T04:00",
        "task",
        {**NEW_YORK, "notices_at": time(1, 30)},
        "2025-11-02T05:30",
    ),
    ("between the two", "2025-11-02T05:30", "task", {**NEW_YORK, "notices_at": time(1, 30)}, "2025-11-03T06:30"),
    (
        "where it is tomorrow already",
        "2025-02-04T11:00",
        "warning",
        {"time_zone": "Pacific/Auckland"},
        "2025-02-04T18:30",
    ),
    (
        "where it is yesterday still",
        "2025-02-04T10:00",
        "warning",
        {"time_zone": "Pacific/Honolulu"},
        "2025-02-04T17:30",
    ),
    ("at a site that never works", "2025-02-03T23:00", "warning", {"working_days": ()}, "2025-02-04T06:30"),
]


@pytest.mark.parametrize(
    ("since", "severity", "setting", "told"), [row[1:] for row in HOURS], ids=[row[0] for row in HOURS]
)
def test_a_site_is_told_at_its_hour(since: str, severity: Severity, setting: dict[str, Any], told: str) -> None:
    site = SitePractice(**{"id": "site", "time_zone": "Europe/Berlin", **setting})
    due_at = first_due_at(datetime.fromisoformat(f"{since}+00:00"), severity, site)
    assert due_at == datetime.fromisoformat(f"{told}+00:00")
