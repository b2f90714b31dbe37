"""The registration put right: what was known of the patient from the first, and where."""

from typing import Any

from tests.api.correcting import corrected, put_right, refused, taken_back
from tests.api.ward import Ward


def test_the_registration_is_put_right_and_never_taken_back(ward: Ward) -> None:
    patient = ward.relapsed()
    data = ward.get(f"/patients/{patient}").json()["registration"]
    right = {"type": "patient_registered", "occurred_on": "2025-01-06", "data": {**data, "sex": "male"}}

    assert corrected(ward, patient, put_right("f1", right))["patient"]["registration"]["sex"] == "male"
    assert refused(ward, patient, taken_back("f4"), status=422)["code"] == "registration_stays"
    kept = {name: value for name, value in data.items() if name != "frontline_end_date"}
    late = {
        **right,
        "occurred_on": "2025-01-08",
        "data": {**kept, "diagnosis_date": "2025-01-07", "frontline_ongoing": True},
    }
    told = refused(ward, patient, put_right("f4", late), status=422)
    assert (told["code"], told["field"]) == ("before_anchor", "fact.data.diagnosis_date")
    assert "f2 relapse_diagnosed of 2025-01-06" in told["detail"]


def test_a_pseudonym_is_put_right_unless_it_is_another_patients(ward: Ward) -> None:
    patient = ward.relapsed()
    ward.register(pseudonym="ALL-0008")
    data = ward.get(f"/patients/{patient}").json()["registration"]

    def named(pseudonym: str) -> dict[str, Any]:
        right = {"type": "patient_registered", "occurred_on": "2025-01-06", "data": {**data, "pseudonym": pseudonym}}
        return put_right("f1", right, "misread")

    told = refused(ward, patient, named("ALL-0008"), status=409)
    assert told["code"] == "already_exists"
    assert corrected(ward, patient, named("ALL-0009"))["patient"]["pseudonym"] == "ALL-0009"
    found = ward.post("/patients/search", {"pseudonym": "ALL-0009"}).json()["items"]
    assert [item["id"] for item in found] == [patient]
    assert ward.post("/patients/search", {"pseudonym": "ALL-0007"}).json()["items"] == []


def test_the_place_of_registration_is_put_right_by_a_coordinator(ward: Ward) -> None:
    patient = ward.relapsed()
    data = ward.get(f"/patients/{patient}").json()["registration"]
    right = {"type": "patient_registered", "occurred_on": "2025-01-06", "data": {**data, "site": "south"}}
    body = put_right("f1", right, "registered at the wrong hospital")
    nowhere = put_right("f1", {**right, "data": {**data, "site": "nowhere"}})

    assert refused(ward, patient, body, status=403)["code"] == "role_needed"
    unknown = refused(ward, patient, nowhere, status=422)
    assert unknown["errors"][0]["field"] == "fact.data.site"
    assert ward.post(f"/patients/{patient}/corrections", body, "data_manager").status_code == 200
    assert ward.get(f"/patients/{patient}", "treating_doctor").status_code == 404
    assert ward.get(f"/patients/{patient}", "other_hospital").json()["site"] == "south"


def test_the_registration_is_shown_as_recorded_and_the_transfer_stays_a_fact_of_its_own(ward: Ward) -> None:
    patient = ward.relapsed()
    ward.recorded(patient, "site_changed", "2025-03-01", {"to": "south"}, who="admin")

    shown = ward.get(f"/patients/{patient}", "admin").json()

    assert (shown["site"], shown["registration"]["site"]) == ("south", "north")
