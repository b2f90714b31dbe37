"""Answers about a patient tell the alerts that are open: after a fact, a correction, a move, and at any instant."""

from datetime import timedelta
from typing import Any

from tests.api.correcting import corrected, put_right, start, taken_back
from tests.api.hospitals import at, put_site
from tests.api.ledger import CRITICAL, LATE, acted, alert_id, go_to, late_patient
from tests.api.ward import Ward

AS_ORDERED = {"code": "given_as_ordered", "ordered_by": "treating_doctor"}


def open_ones(patient: dict[str, Any]) -> list[str]:
    return [alert["reminder"] for alert in patient["alerts"]]


def changes(answer: dict[str, Any]) -> dict[str, tuple[str | None, str, str | None]]:
    """Return how alerts stood before and after, and what resolved them, by reminder and day."""
    return {
        f"{each['after']['reminder']} {each['after']['threshold_on']}": (
            each["before"]["status"] if each["before"] else None,
            each["after"]["status"],
            each["after"]["resolution"],
        )
        for each in answer["changed"]["alerts"]
    }


def test_a_patient_is_shown_with_what_is_not_resolved_the_gravest_first(ward: Ward) -> None:
    patient = late_patient(ward, CRITICAL)
    acted(ward, "acknowledge", alert_id(ward, "RM-05"))

    shown = ward.get(f"/patients/{patient}").json()
    assert open_ones(shown) == ["RM-05", "RM-04", "RM-02"]
    assert [alert["status"] for alert in shown["alerts"]] == ["acknowledged", "open", "open"]
    assert ward.register(pseudonym="ALL-0009")
    assert "alerts" not in ward.get("/patients").json()["items"][0]


def test_a_new_patient_has_none(ward: Ward) -> None:
    patient = ward.register()

    assert ward.get(f"/patients/{patient}").json()["alerts"] == []


def test_the_ledger_of_a_past_instant_is_shown_with_the_patient_of_then(ward: Ward) -> None:
    patient = late_patient(ward)
    before = ward.clock.now
    go_to(ward, CRITICAL)
    ward.recorded(patient, "block_started", "2025-02-03", {"element": "R2"})

    def then(instant: object, **more: str) -> list[str]:
        return open_ones(ward.get(f"/patients/{patient}", known_at=str(instant), **more).json())

    assert then(LATE - timedelta(days=10)) == []
    assert then(before) == ["RM-04", "RM-02"]
    assert then(CRITICAL + timedelta(seconds=10)) == []
    # Whatever day is asked about, it is told what had been said by then.
    assert then(before, as_of="2025-01-10") == ["RM-04", "RM-02"]
    assert open_ones(ward.get(f"/patients/{patient}", as_of="2025-02-01").json()) == []


def test_a_fact_that_ends_the_window_leaves_none_and_one_that_does_not_leaves_all(ward: Ward) -> None:
    patient = late_patient(ward)
    note = ward.recorded(patient, "note_added", "2025-01-30", {"text": "seen"})
    assert open_ones(note["patient"]) == ["RM-04", "RM-02"]

    ended = ward.recorded(patient, "block_started", "2025-01-30", {"element": "R2"})
    assert ended["patient"]["alerts"] == []


def test_a_fact_that_is_found_late_brings_its_alerts_along(ward: Ward) -> None:
    patient = ward.relapsed()

    found = ward.recorded(patient, "block_started", "2025-01-08", {"element": "R1"})
    assert open_ones(found["patient"]) == ["RM-05", "RM-04", "RM-02"]
    assert [alert["id"] for alert in found["patient"]["alerts"]] == [
        alert["id"] for alert in ward.get(f"/patients/{patient}").json()["alerts"]
    ]


def test_a_preview_tells_the_same_and_raises_nothing(ward: Ward) -> None:
    patient = ward.relapsed()
    fact = {"type": "block_started", "occurred_on": "2025-01-08", "data": {"element": "R1"}}

    tried = ward.post(f"/patients/{patient}/facts?preview=true", fact).json()
    assert open_ones(tried["patient"]) == ["RM-05", "RM-04", "RM-02"]
    assert ward.get("/alerts").json()["items"] == []


def test_a_countersignature_tells_them_as_well(ward: Ward) -> None:
    ward.clock.now = at("2025-01-22")
    patient = ward.after_first_block()
    given = ward.recorded(
        patient, "block_started", "2025-01-21", {"element": "R2"}, override=AS_ORDERED, who="ward_nurse"
    )
    ward.clock.now = at("2025-02-12")

    signed = ward.post(f"/patients/{patient}/facts/{given['fact']['id']}/confirmation", {}).json()
    assert open_ones(signed["patient"]) == ["RM-04", "RM-02"]


def test_a_correction_tells_which_alerts_it_moved(ward: Ward) -> None:
    patient = late_patient(ward, CRITICAL)

    answer = corrected(ward, patient, put_right("f4", start("2025-01-10")))
    assert changes(answer) == {
        "RM-02 2025-01-26": ("open", "resolved", "by_correction"),
        "RM-04 2025-01-30": ("open", "resolved", "by_correction"),
        "RM-05 2025-02-03": ("open", "resolved", "by_correction"),
        "RM-02 2025-01-28": (None, "open", None),
        "RM-04 2025-02-01": (None, "open", None),
    }
    assert open_ones(answer["patient"]) == ["RM-04", "RM-02"]

    back = corrected(ward, patient, put_right("f6", start("2025-01-08")))
    assert changes(back)["RM-05 2025-02-03"] == ("resolved", "open", None)
    assert {alert["episode"] for alert in back["patient"]["alerts"]} == {2}


def test_a_correction_tells_what_had_fallen_due_before_it_as_well(ward: Ward) -> None:
    patient = late_patient(ward)
    ward.clock.now = CRITICAL

    answer = corrected(ward, patient, taken_back("f5"))
    assert changes(answer) == {"RM-05 2025-02-03": (None, "open", None)}


def test_a_move_tells_the_alerts_of_both_patients(ward: Ward) -> None:
    wrong = late_patient(ward)
    right = ward.relapsed(pseudonym="ALL-0008")

    answer = ward.post("/corrections/move", {"from": wrong, "to": right, "facts": ["f4", "f5"], "reason": "twins"})

    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["from"]["patient"]["alerts"] == []
    assert set(changes(told["from"]).values()) == {("open", "resolved", "by_correction")}
    assert open_ones(told["to"]["patient"]) == ["RM-04", "RM-02"]
    assert set(changes(told["to"]).values()) == {(None, "open", None)}


def test_a_sample_without_days_set_at_the_site_is_answered_with_a_warning(ward: Ward) -> None:
    patient = ward.after_first_block()
    sample = {"timepoint": "END_BLOCK_1", "method": "PCR", "sample_on": "2025-01-14"}

    warned = ward.recorded(patient, "mrd_sampled", "2025-01-14", sample)
    assert [warning["code"] for warning in warned["warnings"]] == ["no_result_days"]
    assert "set mrd_result_days for the site north" in warned["warnings"][0]["message"]

    put_site(ward, "north", mrd_result_days=14)
    assert ward.recorded(patient, "mrd_sampled", "2025-01-15", sample)["warnings"] == []
