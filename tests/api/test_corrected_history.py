"""How the history tells what was corrected: who, when, why, and what took its place, at both clocks."""

from typing import Any

import pytest

from tests.api.hospitals import at
from tests.api.ward import Ward

Entry = dict[str, Any]
COMPLETED, CORRECTED, NOTE, VOID = "f5", "f6", "f7", "f8"


@pytest.fixture
def patient(ward: Ward) -> str:
    """Return a patient whose completion was put right on 2025-02-02, and whose note was voided on 2025-02-04."""
    ward.clock.now = at("2025-02-01")
    patient = ward.after_first_block()
    ward.clock.now = at("2025-02-02")
    meant = {"type": "block_completed", "occurred_on": "2025-01-14", "data": {"given": "as_planned"}}
    correct(ward, patient, supersedes=COMPLETED, fact=meant, reason="misread the chart")
    ward.clock.now = at("2025-02-03")
    ward.recorded(patient, "note_added", "2025-01-20", {"text": "seen"}, who="ward_nurse")
    ward.clock.now = at("2025-02-04")
    correct(ward, patient, voids=NOTE, reason="written of another child")
    ward.clock.now = at("2025-02-10")
    return patient


def correct(ward: Ward, patient: str, **correction: object) -> None:
    answer = ward.post(f"/patients/{patient}/corrections", correction)
    assert answer.status_code == 200, answer.text


def history(ward: Ward, patient: str, **clocks: str) -> tuple[dict[str, Entry], dict[str, Entry]]:
    """Return what counts and what was replaced, by id in the order told."""
    asked = {"include_superseded": "true", **clocks}
    items = ward.get(f"/patients/{patient}/history", **asked).json()["items"]
    counted = ward.get(f"/patients/{patient}/history", **clocks).json()["items"]
    assert items[: len(counted)] == counted
    return {item["id"]: item for item in counted}, {item["id"]: item for item in items[len(counted) :]}


def test_the_version_that_counts_says_what_it_replaces_and_why(ward: Ward, patient: str) -> None:
    counted, _ = history(ward, patient)
    version = counted[CORRECTED]

    assert list(counted) == ["f1", "f2", "f3", "f4", CORRECTED]
    assert (version["operation"], version["target"]) == ("supersede", COMPLETED)
    assert version["reason"] == "misread the chart"
    assert (version["recorded_by"], version["recorded_at"][:10]) == ("treating_doctor", "2025-02-02")
    assert version["state_after"] == "reinduction.recovery"


def test_a_replaced_version_stays_as_it_was_and_names_what_took_its_place(ward: Ward, patient: str) -> None:
    _, replaced = history(ward, patient)

    assert list(replaced) == [COMPLETED, NOTE, VOID]
    assert (replaced[COMPLETED]["occurred_on"], replaced[COMPLETED]["superseded_by"]) == ("2025-01-13", CORRECTED)
    assert (replaced[NOTE]["data"], replaced[NOTE]["superseded_by"]) == ({"text": "seen"}, VOID)
    assert (replaced[NOTE]["recorded_by"], replaced[NOTE]["recorded_at"][:10]) == ("ward_nurse", "2025-02-03")
    assert "state_before" not in replaced[NOTE]


def test_what_was_entered_in_error_is_told_with_who_said_so_when_and_why(ward: Ward, patient: str) -> None:
    _, replaced = history(ward, patient)
    void = replaced[VOID]

    assert (void["operation"], void["target"], void["reason"]) == ("void", NOTE, "written of another child")
    assert (void["recorded_by"], void["recorded_at"][:10]) == ("treating_doctor", "2025-02-04")


def test_a_correction_is_told_once_it_was_known(ward: Ward, patient: str) -> None:
    def told(known_at: str) -> tuple[list[str], list[str]]:
        counted, replaced = history(ward, patient, known_at=f"{known_at}T12:00:00Z")
        return list(counted)[4:], list(replaced)

    assert told("2025-02-01") == ([COMPLETED], [])
    assert told("2025-02-02") == ([CORRECTED], [COMPLETED])
    assert told("2025-02-03") == ([CORRECTED, NOTE], [COMPLETED])
    assert told("2025-02-04") == ([CORRECTED], [COMPLETED, NOTE, VOID])


def test_a_version_is_told_from_its_own_day_on(ward: Ward, patient: str) -> None:
    def told(as_of: str, **known: str) -> tuple[list[str], list[str]]:
        counted, replaced = history(ward, patient, as_of=as_of, **known)
        return list(counted)[4:], list(replaced)

    assert told("2025-01-12") == ([], [])
    assert told("2025-01-13") == ([], [COMPLETED])
    assert told("2025-01-14") == ([CORRECTED], [COMPLETED])
    assert told("2025-01-20") == ([CORRECTED], [COMPLETED, NOTE, VOID])
    assert told("2025-01-13", known_at="2025-02-01T12:00:00Z") == ([COMPLETED], [])


def test_a_replaced_registration_belongs_to_every_day(ward: Ward) -> None:
    ward.clock.now = at("2025-02-01")
    patient = ward.register()
    data = {"pseudonym": "ALL-0007", "site": "north", "diagnosis_date": "2022-03-02", "phenotype": "BCP"}
    meant = {"type": "patient_registered", "occurred_on": "2025-01-07", "data": data}
    answer = ward.post(
        f"/patients/{patient}/corrections",
        {"supersedes": "f1", "fact": meant, "reason": "diagnosed a day later"},
        "data_manager",
    )
    assert answer.status_code == 200, answer.text

    counted, replaced = history(ward, patient, as_of="2025-01-01")
    assert (list(counted), list(replaced)) == (["f2"], ["f1"])
