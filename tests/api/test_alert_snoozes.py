"""Snoozing an alert: nobody is told meanwhile, everybody afterwards, and nothing graver is ever slept through."""

from datetime import datetime, timedelta

import pytest

from tests.api.hospitals import at, put_site
from tests.api.ledger import (
    CRITICAL,
    LATE,
    acted,
    alert_id,
    alerts,
    go_to,
    happened,
    late_patient,
    notices,
    refused,
    stands,
)
from tests.api.ward import Ward


@pytest.mark.parametrize(
    ("reminder", "when", "latest", "too_late"),
    [
        ("RM-02", LATE - timedelta(days=1), "2025-01-30T00:00:00Z", "2025-01-30T00:00:01Z"),
        ("RM-04", LATE, "2025-02-03T00:00:00Z", "2025-02-04"),
        ("RM-05", CRITICAL, "2025-02-06T00:00:00Z", "2025-02-07"),
    ],
)
def test_a_snooze_ends_before_the_next_threshold_or_repeat(
    ward: Ward, reminder: str, when: datetime, latest: str, too_late: str
) -> None:
    late_patient(ward, when)
    alert = alert_id(ward, reminder)

    status, problem = refused(ward, "snooze", alert, until=too_late)

    assert (status, problem["code"], problem["field"]) == (422, "snooze_out_of_range", "until")
    assert problem["latest_at"] == latest
    assert latest[:10] in problem["detail"]
    assert acted(ward, "snooze", alert, until=latest)["snoozed_until"] == latest


def test_without_a_later_threshold_a_snooze_lasts_a_week_at_most(ward: Ward) -> None:
    late_patient(ward, CRITICAL)
    late = alert_id(ward, "RM-04")

    _, problem = refused(ward, "snooze", late, until="2025-02-11")
    assert problem["latest_at"].startswith("2025-02-10T09:00:00")
    assert acted(ward, "snooze", late, until="2025-02-10")["status"] == "snoozed"


@pytest.mark.parametrize("until", ["2025-01-30", "2025-01-30T08:59:00+00:00", "2025-01-29"])
def test_a_snooze_into_the_past_is_refused(edge: Ward, until: str) -> None:
    late_patient(edge)

    status, problem = refused(edge, "snooze", alert_id(edge, "RM-04"), until=until)
    assert (status, problem["code"]) == (422, "snooze_out_of_range")
    assert "has passed already" in problem["detail"]


def test_a_day_begins_where_the_site_is(ward: Ward) -> None:
    put_site(ward, "north", time_zone="Europe/Berlin")
    late_patient(ward)

    told = acted(ward, "snooze", alert_id(ward, "RM-04"), until="2025-02-01")
    assert told["snoozed_until"] == "2025-01-31T23:00:00Z"


def test_a_snooze_tells_nobody_until_it_is_over_and_then_everybody(ward: Ward) -> None:
    late_patient(ward, at("2025-01-30", "00:01"))
    late = alert_id(ward, "RM-04")
    acted(ward, "acknowledge", late)
    acted(ward, "snooze", late, until="2025-02-01")
    assert [(notice["step"], notice["status"]) for notice in notices(ward, late)] == [(0, "withdrawn")]

    go_to(ward, at("2025-01-31"))
    assert stands(ward)["RM-04"] == "snoozed"
    assert len(notices(ward, late)) == 1

    go_to(ward, at("2025-02-01"))
    (found,) = alerts(ward, reminder="RM-04")
    # It was acknowledged before it was put off; now it asks anew.
    assert (found["status"], found["acknowledged_by"]) == ("open", None)
    assert [(notice["step"], notice["status"]) for notice in notices(ward, late)] == [(0, "withdrawn"), (1, "pending")]
    assert happened(ward, late) == ["raised", "acknowledged", "snoozed", "woken"]


def test_a_snoozed_alert_may_be_snoozed_otherwise_or_acknowledged(ward: Ward) -> None:
    late_patient(ward)
    late = alert_id(ward, "RM-04")
    acted(ward, "snooze", late, until="2025-02-01")

    assert acted(ward, "snooze", late, "treating_doctor", until="2025-02-02")["snoozed_until"][:10] == "2025-02-02"
    told = acted(ward, "acknowledge", late)
    assert (told["status"], told["snoozed_until"]) == ("acknowledged", None)
