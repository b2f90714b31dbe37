"""Handing patients over and sharing their care: who reads and writes from then on, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx2 import Response

from tests.api.ward import BASE, Ward, as_person

WEST = "west"


def put_site(ward: Ward, site: str, **setting: object) -> None:
    answer = ward.client.put(f"{BASE}/sites/{site}", json=setting, headers=as_person("admin"))
    assert answer.status_code in {200, 201}, answer.text


def change(ward: Ward, patient: str, on: str, to: str, *, who: str = "admin", **data: object) -> Response:
    return ward.record(patient, "site_changed", on, {"to": to, **data}, who=who)


def changed(ward: Ward, patient: str, on: str, to: str, **data: str) -> dict[str, Any]:
    answer = change(ward, patient, on, to, **data)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def seen(ward: Ward, patient: str) -> list[str]:
    """Return who of the two hospitals reads the patient now."""
    people = {"north": "treating_doctor", "south": "other_hospital"}
    return [site for site, who in people.items() if ward.get(f"/patients/{patient}", who).status_code == 200]


def site_of(ward: Ward, patient: str) -> str:
    return str(ward.get(f"/patients/{patient}", "admin").json()["site"])


def test_a_transfer_ends_the_care_of_the_site_before(ward: Ward) -> None:
    patient = ward.relapsed()
    changed(ward, patient, "2025-03-01", "south")

    assert (seen(ward, patient), site_of(ward, patient)) == (["south"], "south")


def test_a_backdated_transfer_leaves_the_patient_where_the_later_one_led(ward: Ward) -> None:
    put_site(ward, WEST)
    patient = ward.relapsed()
    changed(ward, patient, "2025-03-01", "south")
    backdated = changed(ward, patient, "2025-02-01", WEST)

    assert backdated["patient"]["site"] == "south"
    assert seen(ward, patient) == ["south"]


def test_a_transfer_that_loses_its_step_leaves_the_patient_with_who_treats_them(ward: Ward) -> None:
    patient = ward.relapsed()
    changed(ward, patient, "2025-03-01", "south")
    lost = ward.recorded(patient, "lost_to_follow_up", "2025-02-01", who="other_hospital")

    assert [warning["code"] for warning in lost["warnings"]] == ["conflicts_kept"]
    assert (seen(ward, patient), site_of(ward, patient)) == (["south"], "south")


def test_shared_care_goes_on_until_the_end_of_its_last_day_at_the_treating_site(ward: Ward) -> None:
    put_site(ward, "north", time_zone="America/New_York")
    patient = ward.relapsed()
    changed(ward, patient, "2025-06-29", "south", role="shared_care", until="2025-06-30")
    assert seen(ward, patient) == ["north", "south"]

    ward.clock.now = datetime(2025, 7, 1, 3, 59, tzinfo=UTC)
    assert seen(ward, patient) == ["north", "south"]
    ward.clock.now = datetime(2025, 7, 1, 4, 0, tzinfo=UTC)
    assert seen(ward, patient) == ["north"]


def test_shared_care_that_has_ended_by_now_lets_nobody_in(ward: Ward) -> None:
    patient = ward.relapsed()
    changed(ward, patient, "2025-02-01", "south", role="shared_care", until="2025-06-29")

    assert seen(ward, patient) == ["north"]


@pytest.mark.parametrize("role", ["transfer", "shared_care"])
def test_whatever_happens_elsewhere_shared_care_keeps_its_end(ward: Ward, role: str) -> None:
    put_site(ward, WEST, time_zone="Asia/Tokyo")
    patient = ward.relapsed()
    changed(ward, patient, "2025-06-28", "south", role="shared_care", until="2025-06-30")
    changed(ward, patient, "2025-06-29", WEST, role=role)
    assert "south" in seen(ward, patient)

    ward.clock.now = datetime(2025, 6, 30, 23, 59, tzinfo=UTC)
    assert "south" in seen(ward, patient)
    ward.clock.now = datetime(2025, 7, 1, tzinfo=UTC)
    assert "south" not in seen(ward, patient)


def test_a_patient_is_not_handed_over_to_where_they_are_treated(ward: Ward) -> None:
    patient = ward.relapsed()
    for role in ("transfer", "shared_care"):
        refused = change(ward, patient, "2025-03-01", "north", role=role)
        assert (refused.status_code, refused.json()["code"]) == (422, "already_treating")
        assert refused.json()["field"] == "data.to"
        assert "name the other site" in refused.json()["detail"]

    assert (seen(ward, patient), site_of(ward, patient)) == (["north"], "north")


def test_a_coordinator_hands_patients_over_and_nobody_below(edge: Ward) -> None:
    patient = edge.relapsed()
    for who in ("ward_nurse", "treating_doctor"):
        refused = change(edge, patient, "2025-03-01", "south", who=who)
        assert (refused.status_code, refused.json()["code"]) == (403, "role_needed")
    owner = edge.record(patient, "owner_changed", "2025-03-01", {"actor": "treating_doctor"}, who="ward_nurse")
    assert owner.status_code == 201

    assert change(edge, patient, "2025-03-01", "south", who="data_manager").status_code == 201


@pytest.mark.parametrize("preview", ["", "?preview=true"])
def test_a_patient_is_not_moved_onto_another_of_the_same_pseudonym(ward: Ward, preview: str) -> None:
    patient = ward.relapsed()
    ward.register(site="south")
    before = ward.get(f"/patients/{patient}").json()
    fact = {"type": "site_changed", "occurred_on": "2025-03-01", "data": {"to": "south"}}

    refused = ward.post(f"/patients/{patient}/facts{preview}", fact, "data_manager")

    assert (refused.status_code, refused.json()["code"]) == (409, "already_exists")
    assert "data.to" in refused.json()["detail"]
    assert "another pseudonym" in refused.json()["detail"]
    assert "ALL-0007" not in refused.text
    assert ward.get(f"/patients/{patient}").json() == before
    shared = change(ward, patient, "2025-03-01", "south", role="shared_care")
    assert shared.status_code == 201


def in_treatment(ward: Ward, pseudonym: str = "ALL-0007", site: str = "north") -> str:
    """Return the id of a patient of whom the last is heard ten days before today."""
    patient = ward.register(pseudonym=pseudonym, site=site)
    ward.recorded(patient, "relapse_diagnosed", "2025-06-18", {"relapse_site": "isolated_bm"}, who="admin")
    ward.recorded(patient, "block_started", "2025-06-20", {"element": "R1"}, who="admin")
    return patient


def test_silence_is_told_and_listed_by_the_treating_sites_setting(ward: Ward) -> None:
    put_site(ward, "north", silent_after_days=10)
    patient = in_treatment(ward)
    told = ward.recorded(patient, "counts_recorded", "2025-06-19", {"sampled_on": "2025-06-19", "anc": 500})

    assert told["patient"]["unknown"] is False
    assert unknown(ward) == []
    ward.clock.now += timedelta(days=1)
    assert unknown(ward) == [patient]


def test_silence_is_judged_anew_where_a_site_changes_its_setting(ward: Ward) -> None:
    here, elsewhere = in_treatment(ward), in_treatment(ward, site="south")
    assert unknown(ward) == sorted([here, elsewhere])
    before = ward.get(f"/patients/{here}", "admin").json()["version"]

    put_site(ward, "north", silent_after_days=30)
    assert unknown(ward) == [elsewhere]
    put_site(ward, "north", silent_after_days=3)
    assert unknown(ward) == sorted([here, elsewhere])
    assert ward.get(f"/patients/{here}", "admin").json()["version"] == before


def test_silence_goes_by_the_setting_of_the_site_that_a_patient_has_come_to(ward: Ward) -> None:
    put_site(ward, "south", silent_after_days=30)
    patient = in_treatment(ward)
    assert unknown(ward) == [patient]

    moved = changed(ward, patient, "2025-06-20", "south")
    assert moved["patient"]["unknown"] is False
    assert unknown(ward) == []


def unknown(ward: Ward) -> list[str]:
    """Return of whom nothing has been heard, as the list of patients and the worklist agree."""
    listed = [item["id"] for item in ward.get("/patients", "admin", status="unknown").json()["items"]]
    worklist = ward.get("/worklist", "admin", status="unknown").json()["items"]
    assert {row["patient"]["id"] if isinstance(row["patient"], dict) else row["patient"] for row in worklist} == set(
        listed
    )
    return sorted(listed)
