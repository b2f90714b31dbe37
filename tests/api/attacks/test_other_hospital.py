"""Whoever knows the ids of another hospital gets what they would get for ids that nobody has ever had."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from tests.api.attacks.harmless import harmless, with_other_hospital
from tests.api.ward import REGISTRATION, UNKNOWN_PATIENT, Ward, as_person
from tests.facts import LEAST

ABSENT_ALERT = "0197f3a2-5c1e-7d43-9b60-2f8a41c7e905"
CORRECTION = {"voids": "f2", "reason": "not theirs to void"}
NOTE = {"type": "note_added", "occurred_on": "2025-01-10", "data": {"text": "from elsewhere"}}
# By method and route: what is sent there, so that nothing but the id keeps it from being done.
SENT: Mapping[tuple[str, str], Any] = {
    ("POST", "/api/v1/patients/{patient_id}/facts"): NOTE,
    ("POST", "/api/v1/patients/{patient_id}/facts/{fact_id}/confirmation"): {},
    ("POST", "/api/v1/patients/{patient_id}/corrections"): CORRECTION,
    ("POST", "/api/v1/patients/{patient_id}/delays"): {
        "window": "{window_id}",
        "segments": [{"code": "infection", "days": 1}],
    },
    ("POST", "/api/v1/alerts/{alert_id}/acknowledge"): {"reason": "not theirs"},
    ("POST", "/api/v1/alerts/{alert_id}/snooze"): {"reason": "not theirs", "until": "2025-07-02T08:00:00Z"},
    ("POST", "/api/v1/alerts/{alert_id}/resolve"): {"reason": "not theirs"},
}


def routes(ward: Ward) -> list[tuple[str, str]]:
    """Return every method and path of the API that names a patient or an alert."""
    found = [
        (method, str(context.path_format))
        for context in iter_route_contexts(ward.client.app.routes)  # type: ignore[attr-defined]
        if isinstance(context.original_route, APIRoute)
        for method in context.original_route.methods or ()
    ]
    return sorted({(m, path) for m, path in found if "{patient_id}" in path or "{alert_id}" in path})


def asked(ward: Ward, method: str, path: str, ids: Mapping[str, str], **headers: str) -> Any:  # noqa: ANN401
    body = json.dumps(SENT.get((method, path), {}))
    for name, value in ids.items():
        path, body = path.replace(f"{{{name}}}", value), body.replace(f"{{{name}}}", value)
    person = {**as_person("treating_doctor"), "Content-Type": "application/json", **headers}
    return ward.client.request(method, path, headers=person, content=body if method == "POST" else None)


def test_every_route_answers_for_another_hospitals_ids_as_for_none(ward: Ward) -> None:
    other = with_other_hospital(ward)
    theirs = {"patient_id": other.patient, "alert_id": other.alert, "fact_id": other.fact, "window_id": other.window}
    nobodys = {**theirs, "patient_id": UNKNOWN_PATIENT, "alert_id": ABSENT_ALERT}
    before = ward.get(f"/patients/{other.patient}/history", "other_hospital").json()
    table = routes(ward)
    assert len(table) >= 12

    for method, path in table:
        if path.startswith("/api/"):
            for headers in ({}, {"If-Match": '"1"'}, {"If-Match": '"6"'}, {"Idempotency-Key": "k"}):
                foreign = asked(ward, method, path, theirs, **headers)
                unknown = asked(ward, method, path, nobodys, **headers)

                harmless(foreign, 404)
                told = [
                    answer.content.replace(other.patient.encode(), b"").replace(UNKNOWN_PATIENT.encode(), b"")
                    for answer in (foreign, unknown)
                ]
                assert told[0] == told[1], (method, path)
                assert set(foreign.headers) == set(unknown.headers)

    assert ward.get(f"/patients/{other.patient}/history", "other_hospital").json() == before


def test_no_list_and_no_search_shows_another_hospital(ward: Ward) -> None:
    other = with_other_hospital(ward)
    ward.in_first_block()

    for path, parameters in (
        ("/patients", {}),
        ("/patients", {"site": "south"}),
        ("/patients", {"status": "critical"}),
        ("/worklist", {"site": "south"}),
        ("/worklist", {"as_of": "2025-03-01"}),
        ("/worklist", {"known_at": "2025-06-30T10:00:00Z", "site": "south"}),
        ("/alerts", {"patient": other.patient}),
        ("/alerts", {"site": "south", "known_at": "2025-06-30T10:00:00Z"}),
        ("/cohort/states", {"site": "south"}),
        ("/sites", {}),
    ):
        answer = ward.get(path, **parameters)
        # A site or a patient out of reach is answered as one that is not there.
        harmless(answer, 200, 404, 422)
        assert other.patient not in answer.text
        assert other.alert not in answer.text
    found = ward.post("/patients/search", {"pseudonym": "SOUTH-0001"})
    assert found.json()["items"] == []


def test_a_pseudonym_of_another_hospital_can_be_used_again_and_tells_nothing(ward: Ward) -> None:
    with_other_hospital(ward)

    taken_there = ward.post("/patients", {**REGISTRATION, "pseudonym": "SOUTH-0001"}, "treating_doctor")

    assert taken_there.status_code == 201


def test_facts_are_moved_neither_from_nor_to_another_hospital(ward: Ward) -> None:
    other = with_other_hospital(ward)
    own = ward.in_first_block()
    for one, two, facts in ((own, other.patient, ["f4"]), (other.patient, own, ["f5"])):
        move = {"from": one, "to": two, "facts": facts, "reason": "grabbed"}
        nobodys = {**move, **{name: UNKNOWN_PATIENT for name in ("from", "to") if move[name] == other.patient}}

        foreign, unknown = ward.post("/corrections/move", move), ward.post("/corrections/move", nobodys)

        harmless(foreign, 404)
        assert foreign.json() == unknown.json()


@pytest.mark.parametrize("fact_type", ["patient_registered", "site_changed"])
def test_nobody_takes_a_patient_by_naming_a_site(ward: Ward, fact_type: str) -> None:
    own = ward.in_first_block()
    data = {**LEAST[fact_type], "site": "south", "to": "south"} if fact_type in LEAST else {"site": "south"}

    answer = ward.post(f"/patients/{own}/facts", {"type": fact_type, "occurred_on": "2025-02-01", "data": data})

    harmless(answer, 403, 409, 422)


def test_fields_that_are_not_a_clients_to_send_are_refused_or_left_out(ward: Ward) -> None:
    own = ward.in_first_block()
    for extra in (
        *({"recorded_by": "admin"}, {"id": "f99"}, {"seq": 99}),
        *({"patient_id": UNKNOWN_PATIENT}, {"lineage": "f1"}, {"op": "void"}, {"actor": "admin"}, {"role": "admin"}),
        *({"prev_hash": "0" * 64}, {"unconfirmed": False}, {"__proto__": {"role": "admin"}}, {"import_key": "x"}),
    ):
        answer = ward.post(f"/patients/{own}/facts", {**NOTE, **extra})

        harmless(answer, 422)
    for extra in ({"role": "admin"}, {"version": 99}, {"state": "deceased"}, {"id": UNKNOWN_PATIENT}):
        harmless(ward.post("/patients", {**REGISTRATION, "pseudonym": "ALL-8", **extra}, "admin"), 422)
