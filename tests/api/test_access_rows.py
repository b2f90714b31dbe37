"""Invariant 10: whoever was told something about a patient stands in the access log, a refusal or a repeat too."""

import pytest

from tests.api.ward import REGISTRATION, Ward
from tests.introduced import seeing
from workflow.persistence.access_log import read_access
from workflow.persistence.pages import Page

EARLY = {"type": "block_started", "occurred_on": "2025-01-21", "data": {"element": "R2"}}
NOTE = {"type": "note_added", "occurred_on": "2025-01-10", "data": {"text": "seen"}}
ONCE = {"Idempotency-Key": "2f1c0b1e-7a44-4f0f-9a1c-3b8f0d3a5a11"}


def acts(ward: Ward, patient: str | None = None) -> list[tuple[str, str]]:
    """Return who did what, the last act first."""
    with seeing(ward.house.database) as connection:
        rows = read_access(connection, patient_id=patient, page=Page()).items
    return [(row.actor_id, row.action) for row in rows]


@pytest.mark.parametrize("query", ["", "?preview=true"])
def test_a_refused_fact_and_a_refused_preview_leave_a_row(ward: Ward, query: str) -> None:
    patient = ward.after_first_block()
    before = acts(ward, patient)

    assert ward.post(f"/patients/{patient}/facts{query}", EARLY).json()["arithmetic"]

    assert acts(ward, patient) == [("treating_doctor", "refuse_fact"), *before]


def test_a_preview_leaves_a_row(ward: Ward) -> None:
    patient = ward.after_first_block()
    ward.post(f"/patients/{patient}/facts?preview=true", NOTE, "ward_nurse")

    assert acts(ward, patient)[0] == ("ward_nurse", "preview_fact")


def test_a_refused_countersignature_leaves_a_row(ward: Ward) -> None:
    patient = ward.after_first_block()
    before = acts(ward, patient)
    refused = ward.post(f"/patients/{patient}/facts/f4/confirmation", {})

    assert refused.json()["code"] == "nothing_to_confirm"
    assert acts(ward, patient) == [("treating_doctor", "refuse_fact"), *before]


def test_corrections_and_moves_leave_rows_at_every_patient_they_tell_about(ward: Ward) -> None:
    patient, other = ward.after_first_block(), ward.relapsed(pseudonym="ALL-0008")
    before = acts(ward, other)
    void, moved = {"voids": "f5", "reason": "not given"}, {"from": patient, "to": other, "reason": "of the other twin"}
    assert ward.post(f"/patients/{patient}/corrections", {**void, "voids": "f4"}).status_code == 409
    assert ward.post(f"/patients/{patient}/corrections?preview=true", void).status_code == 200
    assert ward.post(f"/patients/{patient}/corrections", void).status_code == 200
    assert ward.post("/corrections/move", {**moved, "facts": ["f9"]}).status_code == 422
    assert ward.post("/corrections/move?preview=true", {**moved, "facts": ["f4"]}).status_code == 200
    assert ward.post("/corrections/move", {**moved, "facts": ["f4"]}).status_code == 200

    of_both = [("treating_doctor", name) for name in ("move_facts", "preview_move", "refuse_move")]
    of_one = [("treating_doctor", name) for name in ("correct_facts", "preview_correction", "refuse_correction")]
    assert acts(ward, other) == [*of_both, *before]
    assert acts(ward, patient)[:6] == [*of_both, *of_one]


def test_a_role_too_low_and_a_stale_version_leave_a_row(ward: Ward) -> None:
    patient = ward.relapsed()
    before = acts(ward, patient)
    assert ward.post(f"/patients/{patient}/facts", NOTE, "viewer").status_code == 403
    assert ward.post(f"/patients/{patient}/facts", NOTE, headers={"If-Match": '"1"'}).status_code == 412
    unknown_site = {"type": "site_changed", "occurred_on": "2025-03-01", "data": {"to": "nowhere"}}
    assert ward.post(f"/patients/{patient}/facts", unknown_site, "data_manager").status_code == 422

    added = [("data_manager", "refuse_fact"), ("treating_doctor", "refuse_fact"), ("viewer", "refuse_fact")]
    assert acts(ward, patient) == [*added, *before]


def test_an_answer_given_again_leaves_a_row(ward: Ward) -> None:
    patient = str(ward.post("/patients", REGISTRATION, "admin", ONCE).json()["id"])
    ward.post("/patients", REGISTRATION, "admin", ONCE)
    ward.post(f"/patients/{patient}/facts", NOTE, headers={**ONCE, "If-Match": '"1"'})
    ward.post(f"/patients/{patient}/facts", NOTE, headers={**ONCE, "If-Match": '"1"'})
    ward.post(f"/patients/{patient}/facts", {**NOTE, "note": "other"}, headers=ONCE)

    assert acts(ward, patient) == [
        ("treating_doctor", "refuse_fact"),
        ("treating_doctor", "replay_answer"),
        ("treating_doctor", "record_fact"),
        ("admin", "replay_answer"),
        ("admin", "register_patient"),
    ]


def test_the_same_request_again_without_a_condition_leaves_a_row(ward: Ward) -> None:
    patient = ward.register()
    for _ in range(2):
        assert ward.post(f"/patients/{patient}/facts", NOTE, headers=ONCE).status_code == 201

    assert acts(ward, patient)[:2] == [("treating_doctor", "replay_answer"), ("treating_doctor", "record_fact")]


def test_a_pseudonym_said_to_be_taken_leaves_a_row_and_nobody_out_of_reach_does(ward: Ward) -> None:
    patient = ward.register()
    assert ward.post("/patients", REGISTRATION, "ward_nurse").status_code == 409
    before = acts(ward)
    assert before[0] == ("ward_nurse", "refuse_registration")

    assert ward.post(f"/patients/{patient}/facts", NOTE, "other_hospital").status_code == 404
    assert acts(ward) == before
