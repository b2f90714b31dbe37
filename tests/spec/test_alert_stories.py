"""The ledger told in short stories: raised, resolved, reopened, moved and moved back, handed over, told in time."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.facts import PatientFile, a_draft, a_relapsed_patient
from tests.spec.judged_files import (
    BERLIN,
    STARTED_ON,
    JudgedFile,
    a_judged_block,
    at,
    moved_to,
    started,
    the_start,
    watched_until,
)
from workflow.domain.site_practice import SitePractice

HONOLULU = SitePractice(id="honolulu", time_zone="Pacific/Honolulu", contacts=("ward@honolulu.example",))
AUCKLAND = SitePractice(id="auckland", time_zone="Pacific/Auckland", contacts=("ward@auckland.example",))
LATE_ON = date(2025, 1, 29)


def test_each_stage_is_raised_on_its_day_and_told_at_its_hour() -> None:
    judged = a_judged_block()
    watched_until(judged, "2025-02-02")
    assert judged.told == [
        ("RM-02", at("2025-01-24", "07:30")),
        ("RM-04", at("2025-01-29", "07:30")),
        ("RM-05", at("2025-02-02", "07:30")),
    ]


def test_of_stages_that_pass_together_each_is_raised_and_the_gravest_told() -> None:
    judged = a_judged_block()
    changes = judged.look(at("2025-02-03", "12:00"))
    assert [alert.key.reminder for alert in changes.raised] == ["RM-02", "RM-04", "RM-05"]
    # As it would have been told by somebody who had looked in time.
    assert judged.told == [("RM-05", at("2025-02-02", "07:30"))]


def a_patient_without_blocks() -> JudgedFile:
    """Return a relapsed patient of whom nothing is awaited yet."""
    return JudgedFile(a_relapsed_patient())


def test_an_old_course_typed_in_is_told_a_quarter_of_an_hour_later_at_the_earliest() -> None:
    told = []
    for hour in ("07:15", "07:16"):
        judged = a_patient_without_blocks()
        judged.know(at("2025-01-31", hour), started("2025-01-07", "R1"))
        assert [each[0] for each in judged.standing] == ["RM-02", "RM-04"]
        told += judged.told
    assert told == [("RM-04", at("2025-01-31", "07:30")), ("RM-04", at("2025-02-03", "07:30"))]


def test_what_is_mended_within_the_quarter_of_an_hour_mails_nobody() -> None:
    judged = a_patient_without_blocks()
    judged.know(at("2025-02-03", "07:10"), started("2025-01-07", "R1"))
    assert [told[0] for told in judged.told] == ["RM-05"]
    judged.know(at("2025-02-03", "07:20"), moved_to("2025-01-31"))
    assert judged.told == []
    assert {each[1:3] for each in judged.standing} == {("resolved", "by_correction")}


def test_a_start_resolves_and_withdraws_what_was_to_be_told() -> None:
    judged = a_judged_block()
    judged.look(at("2025-01-29", "00:01"))
    judged.know(at("2025-01-29", "06:00"), started("2025-01-28"))
    assert judged.standing == [("RM-02", "resolved", "by_fact", 1), ("RM-04", "resolved", "by_fact", 1)]
    assert judged.alert("RM-04").resolved_by_seq == judged.file.facts[-1].seq
    assert ("RM-04", at("2025-01-29", "07:30")) not in judged.told


def test_what_passed_before_the_fact_was_known_is_caught_up() -> None:
    judged = a_judged_block()
    changes = judged.know(at("2025-01-30"), started("2025-01-28"))
    assert [(alert.key.reminder, alert.status) for alert in changes.raised] == [
        ("RM-02", "resolved"),
        ("RM-04", "resolved"),
    ]
    assert changes.notices == ()


def test_passed_and_already_ended_when_first_known_is_no_alert() -> None:
    judged = a_patient_without_blocks()

    def both(file: PatientFile) -> None:
        file.add("block_started", "2025-01-07", element="R1")
        file.add("block_started", "2025-02-05", element="R2")

    changes = judged.know(at("2025-02-06"), both)
    assert judged.alerts == ()
    assert not changes.anything


def test_the_same_threshold_after_a_correction_is_untouched() -> None:
    judged = a_judged_block()
    judged.look(at("2025-01-29", "08:00"))
    before = judged.alerts
    changes = judged.know(
        at("2025-01-30"),
        lambda file: file.supersede(the_start(file), a_draft("block_started", STARTED_ON, element="R2")),
    )
    assert not changes.anything
    assert judged.alerts == before


def test_a_moved_threshold_is_another_alert_and_moved_back_the_old_one_again() -> None:
    judged = a_judged_block()
    judged.look(at("2025-01-30"))
    judged.know(at("2025-01-30", "10:00"), moved_to("2025-01-06"))
    late = {alert.key.threshold_on: (alert.status, alert.resolution, alert.episode) for alert in judged.alerts}
    assert late[date(2025, 1, 29)] == ("resolved", "by_correction", 1)
    assert late[date(2025, 1, 28)] == ("open", None, 1)
    judged.know(at("2025-01-30", "11:00"), moved_to("2025-01-07"))
    late = {alert.key.threshold_on: (alert.status, alert.resolution, alert.episode) for alert in judged.alerts}
    assert late[date(2025, 1, 29)] == ("open", None, 2)
    assert late[date(2025, 1, 28)] == ("resolved", "by_correction", 1)
    assert judged.told[-1] == ("RM-04", at("2025-01-31", "07:30"))


def test_a_start_entered_in_error_opens_the_same_alert_again() -> None:
    judged = a_judged_block()
    judged.look(at("2025-01-29"))
    judged.know(at("2025-01-29", "12:00"), started("2025-01-29"))
    judged.know(at("2025-01-29", "13:00"), lambda file: file.void(file.facts[-1]))
    assert judged.standing == [("RM-02", "open", None, 2), ("RM-04", "open", None, 2)]


def test_a_clock_set_back_ends_nothing() -> None:
    judged = a_judged_block()
    judged.look(at("2025-01-29"))
    changes = judged.look(at("2025-01-20"))
    assert not changes.anything
    assert {each[1] for each in judged.standing} == {"open"}


@pytest.mark.parametrize("noon", ["2025-01-29", "2025-02-02"])
def test_a_transfer_to_where_the_day_has_not_come_yet_ends_nothing(noon: str) -> None:
    judged = a_judged_block(AUCKLAND)
    now = at(noon, "00:30", "Pacific/Auckland")
    judged.look(now)
    before = judged.standing
    judged.know(now + timedelta(minutes=5), lambda file: file.add("site_changed", "2025-01-28", to="hamburg"), HONOLULU)
    assert judged.standing == before


def back_elsewhere(file: PatientFile) -> None:
    """Move R1 back to where it was, and the patient to another hospital."""
    moved_to("2025-01-07")(file)
    file.add("site_changed", "2025-01-28", to="hamburg")


def test_what_came_back_before_its_day_is_raised_again_when_the_day_comes() -> None:
    """Resolved where the day had come, standing again where it has not yet: the file asks to be looked at then."""
    judged = a_judged_block(AUCKLAND)
    now = at("2025-01-29", "00:30", "Pacific/Auckland")
    judged.look(now)
    judged.know(now + timedelta(minutes=1), moved_to("2025-01-08"))
    judged.know(now + timedelta(minutes=2), back_elsewhere, HONOLULU)
    due = at("2025-01-29", "00:00", "Pacific/Honolulu")
    assert judged.next_due_at == due
    judged.look(due)
    again = next(alert for alert in judged.alerts if (alert.key.reminder, alert.key.threshold_on) == ("RM-04", LATE_ON))
    assert (again.status, again.episode) == ("open", 2)
    assert judged.told[-1] == ("RM-04", at("2025-01-29", "07:30", "Pacific/Honolulu"))


def test_looked_at_late_it_is_told_as_if_looked_at_in_time() -> None:
    told = []
    for late in (timedelta(0), timedelta(hours=30)):
        judged = a_judged_block(AUCKLAND)
        now = at("2025-01-29", "00:30", "Pacific/Auckland")
        judged.look(now)
        judged.know(now + timedelta(minutes=1), moved_to("2025-01-08"))

        judged.know(now + timedelta(minutes=2), back_elsewhere, HONOLULU)
        judged.look(at("2025-01-29", "00:00", "Pacific/Honolulu") + late)
        told.append(judged.told[-1])
    assert told[0] == told[1]


def test_a_site_whose_setting_takes_a_reminder_away_ends_its_alerts() -> None:
    days = {"id": "berlin", "time_zone": "Europe/Berlin"}
    judged = a_judged_block(SitePractice(**days, mrd_result_days=3))  # type: ignore[arg-type]
    sample: dict[str, Any] = {"timepoint": "WEEK_5", "method": "PCR", "sample_on": "2025-01-10"}
    judged.know(at("2025-01-10"), lambda file: file.add("mrd_sampled", "2025-01-10", **sample))
    judged.look(at("2025-01-13"))
    judged.site = BERLIN
    judged.look(at("2025-01-14"))
    assert judged.standing == [("RM-19", "resolved", "by_setting", 1)]
    assert judged.alert("RM-19").resolved_by_seq is None


def test_a_patient_who_was_judged_by_nobody_is_told_from_now_on() -> None:
    """A release that judges for the first time finds what passed months ago; it is told at the next hour."""
    judged = a_judged_block()
    judged.next_due_at = None
    judged.look(at("2025-03-01", "12:00"))
    assert judged.told == [("RM-05", at("2025-03-02", "07:30"))]
