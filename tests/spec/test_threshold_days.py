"""On which days the reminders of an open window have their thresholds, and from which instant each is told."""

from datetime import date, datetime
from typing import Any

import pytest

from tests.facts import a_running_block
from tests.spec.judged_files import BERLIN, STARTED_ON
from workflow.domain.site_practice import SitePractice
from workflow.rules.thresholds import begins, thresholds

A_FRIDAY_OFF = (date(2025, 1, 24),)
# What the site has set, the day of the plan reminder, and the day on which it is told. R1 starts on Tuesday 7 January.
PLANS: list[tuple[dict[str, Any], str]] = [
    ({}, "2025-01-24"),
    ({"holidays": A_FRIDAY_OFF}, "2025-01-23"),
    ({"working_days": (1, 2, 3, 4, 5, 6)}, "2025-01-25"),
    ({"working_days": (7, 1, 2, 3, 4)}, "2025-01-23"),
    ({"working_days": (1,), "holidays": (date(2025, 1, 20),)}, "2025-01-13"),
    ({"working_days": ()}, "2025-01-25"),
]
# Where a day does not begin at midnight, or has two of them.
MIDNIGHTS = [
    ("Europe/Berlin", "2025-03-30", "2025-03-29T23:00"),
    ("Europe/Berlin", "2025-03-31", "2025-03-30T22:00"),
    ("Africa/Cairo", "2025-04-25", "2025-04-24T22:00"),
    ("Asia/Beirut", "2025-03-30", "2025-03-29T22:00"),
    ("America/Santiago", "2025-09-07", "2025-09-07T04:00"),
    ("America/Havana", "2025-11-02", "2025-11-02T04:00"),
    ("Pacific/Auckland", "2025-02-05", "2025-02-04T11:00"),
    ("Asia/Kathmandu", "2025-02-05", "2025-02-04T18:15"),
]


def days_of(site: SitePractice, **more: str) -> dict[str, date]:
    """Return the day of each reminder of a patient whose R1 started on 7 January."""
    file = a_running_block(STARTED_ON)
    if "review_on" in more:
        file.add("block_completed", "2025-01-12")
        file.add("block_deferred", "2025-01-27", review_on=more["review_on"])
    if "sample_on" in more:
        data: dict[str, Any] = {"timepoint": "WEEK_5", "method": "PCR", "sample_on": more["sample_on"]}
        file.add("mrd_sampled", "2025-01-20", **data)
    return {found.key.reminder: found.key.threshold_on for found in thresholds(file.state, site)}


def test_a_running_block_has_a_day_to_plan_a_day_that_is_late_and_one_that_is_critical() -> None:
    assert days_of(BERLIN) == {
        "RM-02": date(2025, 1, 25),
        "RM-04": date(2025, 1, 29),
        "RM-05": date(2025, 2, 2),
    }


@pytest.mark.parametrize(("setting", "told_on"), PLANS)
def test_the_plan_is_told_on_a_working_day_and_its_threshold_stays(setting: dict[str, Any], told_on: str) -> None:
    site = SitePractice(**{"id": "site", "time_zone": "Europe/Berlin", **setting})
    found = {each.key.reminder: each for each in thresholds(a_running_block(STARTED_ON).state, site)}
    assert found["RM-02"].key.threshold_on == date(2025, 1, 25)
    assert found["RM-02"].fires_at == begins(date.fromisoformat(told_on), "Europe/Berlin")
    # Late and critical are told on their day, a Wednesday and a Sunday.
    assert found["RM-04"].fires_at == begins(date(2025, 1, 29), "Europe/Berlin")
    assert found["RM-05"].fires_at == begins(date(2025, 2, 2), "Europe/Berlin")


def test_a_review_day_is_over_when_it_has_passed() -> None:
    assert days_of(BERLIN, review_on="2025-02-06")["CW-01"] == date(2025, 2, 7)
    assert "CW-01" not in days_of(BERLIN)


@pytest.mark.parametrize("days", [1, 7, 30])
def test_a_result_is_overdue_so_many_days_after_its_sample_as_the_site_has_set(days: int) -> None:
    site = SitePractice(id="site", time_zone="Europe/Berlin", mrd_result_days=days)
    assert (days_of(site, sample_on="2025-01-18")["RM-19"] - date(2025, 1, 18)).days == days


def test_where_the_site_has_set_no_days_nothing_reminds_of_a_result() -> None:
    assert "RM-19" not in days_of(BERLIN, sample_on="2025-01-18")


@pytest.mark.parametrize(("time_zone", "day", "instant"), MIDNIGHTS)
def test_a_day_begins_where_the_site_is(time_zone: str, day: str, instant: str) -> None:
    assert begins(date.fromisoformat(day), time_zone) == datetime.fromisoformat(f"{instant}+00:00")


def test_a_window_that_has_ended_has_no_thresholds() -> None:
    file = a_running_block(STARTED_ON)
    file.add("died", "2025-01-10")
    assert thresholds(file.state, BERLIN) == ()
