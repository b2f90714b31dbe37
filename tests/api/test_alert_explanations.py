"""Why an alert was raised, as it stood then, and whether that was right by what is known today."""

from datetime import timedelta
from typing import Any

from tests.api.correcting import corrected, put_right, start
from tests.api.hospitals import at, put_site
from tests.api.ledger import CRITICAL, alert_id, go_to, late_patient
from tests.api.ward import UNKNOWN_PATIENT, Ward
from workflow.services.sweep import sweep


def explained(ward: Ward, alert: str) -> dict[str, Any]:
    answer = ward.get(f"/alerts/{alert}/explanation")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def verdict(ward: Ward, alert: str) -> str:
    return str(explained(ward, alert)["was_it_right"]["verdict"])


def test_the_proof_stays_as_it_stood_whatever_is_recorded_later(ward: Ward) -> None:
    patient = late_patient(ward, CRITICAL)
    critical = alert_id(ward, "RM-05")
    before = explained(ward, critical)
    assert before["sentence"] == "The next block is critically late. Decide and document: start, defer until, or stop."
    assert before["proof"]["arithmetic"][-2:] == [
        "2025-02-03 − 2025-01-08 = 26 d",
        "2025-02-03 − 2025-01-29 = 5 d past the latest day",
    ]
    assert (before["proof"]["window_id"], before["proof"]["status"]) == ("1:TR-001:f4", "critical")

    corrected(ward, patient, put_right("f4", start("2025-01-12")))
    after = explained(ward, critical)
    assert after["proof"] == before["proof"]
    assert (before["was_it_right"]["verdict"], after["was_it_right"]["verdict"]) == ("right", "right_then_corrected")


def test_each_of_the_four_answers(ward: Ward) -> None:
    patient = late_patient(ward)
    late = alert_id(ward, "RM-04")
    assert verdict(ward, late) == "right"

    ward.clock.now += timedelta(days=2)
    entered = ward.recorded(patient, "block_started", "2025-01-27", {"element": "R2"})
    found = explained(ward, late)["was_it_right"]
    assert found["verdict"] == "late_documentation"
    assert [(fact["id"], fact["occurred_on"], fact["recorded_by"]) for fact in found["facts"]] == [
        ("f6", "2025-01-27", "treating_doctor")
    ]
    assert found["since"] == entered["fact"]["recorded_at"]

    corrected(ward, patient, put_right("f6", start("2025-01-31", "R2")))
    assert verdict(ward, late) == "right"
    corrected(ward, patient, put_right("f4", start("2025-01-10")))
    assert verdict(ward, late) == "right_then_corrected"


def test_a_time_zone_put_right_makes_an_alert_wrong(ward: Ward) -> None:
    put_site(ward, "north", time_zone="Pacific/Auckland")
    patient = late_patient(ward, at("2025-01-28"))
    # Half a day before midnight in Europe.
    go_to(ward, at("2025-01-29", "13:00"))
    late = alert_id(ward, "RM-04")
    ward.recorded(patient, "block_started", "2025-01-29", {"element": "R2"})

    put_site(ward, "north", time_zone="Europe/Berlin")
    assert verdict(ward, late) == "wrong"


def test_days_that_a_site_sets_anew_do_not_make_its_earlier_alerts_wrong(ward: Ward) -> None:
    put_site(ward, "north", mrd_result_days=10)
    ward.clock.now = at("2025-07-14")
    patient = ward.relapsed()
    sample = {"timepoint": "END_BLOCK_1", "method": "PCR", "sample_on": "2025-07-14"}
    ward.recorded(patient, "mrd_sampled", "2025-07-14", sample)
    go_to(ward, at("2025-07-24"))
    overdue = alert_id(ward, "RM-19")

    put_site(ward, "north", mrd_result_days=30)
    sweep(ward.house)
    assert ward.get(f"/alerts/{overdue}").json()["resolution"] == "by_setting"
    assert verdict(ward, overdue) == "right"


def test_an_alert_that_is_not_there_is_404(edge: Ward) -> None:
    for path in (f"/alerts/{UNKNOWN_PATIENT}", f"/alerts/{UNKNOWN_PATIENT}/explanation", "/alerts/1", "/alerts/%00"):
        assert edge.get(path).status_code == 404
