"""Who is told when the world around an alert changes: another hospital, other contacts, settings, course numbers."""

from dataclasses import replace
from datetime import date
from typing import Any

from tests.facts import PatientFile, a_draft
from tests.spec.judged_files import BERLIN, JudgedFile, a_judged_block, at, deferred, watched_until
from workflow.domain.alerts import DeadNotice
from workflow.domain.site_practice import SitePractice

HAMBURG = SitePractice(id="hamburg", time_zone="Europe/Berlin", contacts=("ward-1@hamburg.example",))
OTHER_WARD = "ward-4@berlin.example"


def handed_over(file: PatientFile) -> None:
    file.add("site_changed", "2025-02-02", to="hamburg", role_="transfer")


def whom(judged: JudgedFile) -> list[tuple[str, str]]:
    return [(str(notice.recipient), f"{notice.due_at:%m-%d %H:%M}") for notice in judged.notices]


def test_what_was_to_be_told_a_hospital_that_handed_the_patient_over_is_told_the_one_that_treats_them() -> None:
    judged = a_judged_block()
    watched_until(judged, "2025-02-01")
    judged.look(at("2025-02-02", "06:00"))
    assert whom(judged)[-1] == ("ward-3@berlin.example", "02-02 06:30")
    judged.know(at("2025-02-02", "06:10"), handed_over, HAMBURG)
    assert whom(judged)[-1] == ("ward-1@hamburg.example", "02-02 06:30")
    assert ("ward-3@berlin.example", "02-02 06:30") not in whom(judged)


def test_what_a_hospital_was_told_already_is_told_the_next_one_too_of_each_window_the_gravest() -> None:
    judged = a_judged_block()
    watched_until(judged, "2025-02-02")
    before = len(judged.notices)
    judged.know(at("2025-02-02", "12:00"), handed_over, HAMBURG)
    assert whom(judged)[before:] == [("ward-1@hamburg.example", "02-03 06:30")]
    assert judged.alert("RM-05").step == 1
    assert judged.look(at("2025-02-02", "12:01")).notices == ()


def test_a_pending_notice_goes_to_those_whom_the_site_names_now() -> None:
    judged = a_judged_block()
    watched_until(judged, "2025-02-01")
    judged.look(at("2025-02-02", "00:10"))
    judged.site = replace(BERLIN, contacts=(OTHER_WARD,))
    judged.look(at("2025-02-02", "06:00"))
    assert whom(judged)[-1] == (OTHER_WARD, "02-02 06:30")
    assert [due for recipient, due in whom(judged) if recipient != OTHER_WARD] == ["01-24 06:30", "01-29 06:30"]
    assert not judged.look(at("2025-02-02", "06:01")).anything


def test_what_another_setting_brings_in_is_told_at_the_next_hour_and_not_at_once() -> None:
    judged = a_judged_block()
    sample: dict[str, Any] = {"timepoint": "WEEK_5", "method": "PCR", "sample_on": "2025-01-08"}
    judged.know(at("2025-01-08"), lambda file: file.add("mrd_sampled", "2025-01-08", **sample))
    judged.site = replace(BERLIN, mrd_result_days=5)
    # The change of the setting wakes the site's patients, and the next sweep finds them.
    judged.next_due_at = at("2025-01-18", "23:00")
    judged.look(at("2025-01-18", "23:01"))
    assert judged.told == [("RM-19", at("2025-01-20", "07:30"))]


def test_a_repeat_that_a_deferral_took_back_is_told_when_the_deferral_is_voided() -> None:
    judged = a_judged_block()
    watched_until(judged, "2025-02-04")
    judged.look(at("2025-02-05", "00:30"))
    assert judged.told[-1] == ("RM-05", at("2025-02-05", "07:30"))
    judged.know(at("2025-02-05", "06:00"), deferred("2025-02-05", "2025-02-10"))
    assert judged.told[-1] == ("RM-05", at("2025-02-02", "07:30"))
    judged.know(at("2025-02-05", "06:10"), lambda file: file.void(file.facts[-1]))
    assert judged.told[-1] == ("RM-05", at("2025-02-05", "07:30"))


def test_that_a_critical_notice_reached_nobody_is_told_on_a_saturday_too() -> None:
    judged = a_judged_block()
    watched_until(judged, "2025-02-02")
    notice = judged.notices[-1]
    dead = DeadNotice(
        id=notice.id,
        alert_id=notice.alert_id,
        recipient=notice.recipient,
        channel=notice.channel,
        died_at=at("2025-02-07", "10:00"),
    )
    (failure,) = judged.look(at("2025-02-07", "10:01"), dead=(dead,)).raised
    assert failure.severity == "critical"
    assert judged.told[-1] == ("CW-02", at("2025-02-08", "07:30"))


def test_a_course_numbered_anew_has_other_windows_so_its_alerts_are_others_too() -> None:
    """Their key names the course; the former ones stay what they were, for whoever asks what was known then."""
    judged = a_judged_block()
    watched_until(judged, "2025-02-02")
    relapse = judged.file.facts[1]
    draft = a_draft("relapse_diagnosed", relapse.occurred_on, relapse_site="isolated_bm", relapse_number=2)
    judged.know(at("2025-02-02", "11:00"), lambda file: file.supersede(relapse, draft))
    rows = [(alert.key.window_key, alert.key.reminder, alert.resolution) for alert in judged.alerts]
    assert rows == [
        (window, reminder, resolution)
        for window, resolution in (("1:TR-001:f4", "by_correction"), ("2:TR-001:f4", None))
        for reminder in ("RM-02", "RM-04", "RM-05")
    ]


def test_an_alert_of_a_row_that_only_another_release_knows_stays_as_it_is() -> None:
    judged = a_judged_block()
    watched_until(judged, "2025-01-24")
    (alert,) = judged.alerts
    judged.alerts = (replace(alert, key=replace(alert.key, reminder="RM-99")),)
    judged.look(at("2025-01-25"))
    assert [row for row in judged.standing if row[0] == "RM-99"] == [("RM-99", "open", None, 1)]


def test_a_snooze_ends_where_a_threshold_came_up_since() -> None:
    judged = a_judged_block()
    watched_until(judged, "2025-01-29")
    judged.act(at("2025-01-29", "10:00"), "snoozed", "RM-04", at("2025-02-01", "10:00"))
    judged.know(at("2025-01-29", "11:00"), deferred("2025-01-29", str(date(2025, 1, 30))))
    assert judged.alert("RM-04").snoozed_until == at("2025-01-31", "00:00")
