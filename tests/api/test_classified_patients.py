"""What the published tables say of a patient's relapses, at both clocks, beside what was decided upon it."""

from dataclasses import replace
from typing import Any

from starlette.testclient import TestClient

from api.app import create_app
from tests.api.ward import Ward

# Registered with diagnosis 2022-03-01 and end of frontline 2024-03-01; relapse 2025-01-06: BFM late, COG early.
REGISTERED = {
    "site": "north",
    "diagnosis_date": "2022-03-01",
    "frontline_end_date": "2024-03-01",
    "phenotype": "BCP",
    "sex": "female",
}
RESULT = {"timepoint": "AFTER_INDUCTION_COURSE_2", "method": "PCR", "sample_on": "2025-02-05", "unit": "fraction"}
OVERRIDE = {"code": "clinical_decision", "reason": "decided at the tumour board"}
NOTHING: dict[str, Any] = {"classification": None, "response": None, "consolidation": None, "courses": []}


def snapshot(ward: Ward, patient: str, **clocks: str) -> dict[str, Any]:
    body: dict[str, Any] = ward.get(f"/patients/{patient}", **clocks).json()
    return body


def decision_of(body: dict[str, Any], strategy: str = "BFM_2002") -> str:
    return str(body["classification"]["recommendation"][strategy]["decision"])


def in_remission(ward: Ward, **changes: object) -> str:
    """Return a patient of the strategy BFM_2002 after two blocks, in remission, with no MRD result yet."""
    patient = ward.register(**changes)
    ward.recorded(patient, "relapse_diagnosed", "2025-01-06", {"relapse_site": "isolated_bm"})
    ward.recorded(patient, "protocol_chosen", "2025-01-07", {"protocol": "all-rez-bfm-2002", "strategy": "BFM_2002"})
    for element, start, end in (("R1", "2025-01-08", "2025-01-13"), ("R2", "2025-01-29", "2025-02-03")):
        ward.recorded(patient, "block_started", start, {"element": element})
        ward.recorded(patient, "block_completed", end, {"given": "as_planned"})
    ward.recorded(patient, "response_assessed", "2025-02-05", {"marrow_blasts_percent": 1, "final": True})
    return patient


def with_result(ward: Ward, patient: str, value: str) -> dict[str, Any]:
    return ward.recorded(patient, "mrd_reported", "2025-02-10", {**RESULT, "value": value})


def switched_off(ward: Ward) -> Ward:
    house = replace(ward.house, settings=ward.house.settings.with_(recommendations=False))
    client = TestClient(create_app(house), base_url="http://localhost", raise_server_exceptions=False)
    return replace(ward, house=house, client=client)


def test_before_the_first_relapse_there_is_nothing_to_classify(ward: Ward) -> None:
    answer = ward.post("/patients", {**REGISTERED, "pseudonym": "ALL-0001"}, "admin").json()

    assert {name: answer[name] for name in NOTHING} == NOTHING
    assert {name: snapshot(ward, answer["id"])[name] for name in NOTHING} == NOTHING


def test_a_recorded_fact_answers_the_classification_that_reading_answers(ward: Ward) -> None:
    patient = ward.register()
    recorded = ward.recorded(patient, "relapse_diagnosed", "2025-01-06", {"relapse_site": "isolated_bm"})["patient"]
    read = snapshot(ward, patient)

    assert {name: recorded[name] for name in NOTHING} == {name: read[name] for name in NOTHING}
    assert read["classification"]["timing"]["BFM"] == "late"
    assert read["classification"]["risk"]["BFM"] == "IR"
    assert "systems_disagree" in read["classification"]["flags"]
    assert read["classification"]["reasons"]


def test_a_course_is_classified_as_the_same_case_asked_by_itself(ward: Ward) -> None:
    patient = in_remission(ward)
    with_result(ward, patient, "0.002")
    asked: dict[str, Any] = {
        **REGISTERED,
        "relapse_date": "2025-01-06",
        "relapse_site": "isolated_bm",
        "response": "cr",
    }
    asked |= {"mrd": [{**RESULT, "value": "0.002"}], "protocol": "all-rez-bfm-2002"}
    del asked["site"]

    assert snapshot(ward, patient)["classification"] == ward.post("/classifications", asked, "viewer").json()


def test_lists_carry_no_classification(ward: Ward) -> None:
    in_remission(ward)
    (line,) = ward.get("/patients").json()["items"]
    (found,) = ward.post("/patients/search", {"pseudonym": "ALL-0007"}).json()["items"]

    assert not set(NOTHING) & (set(line) | set(found))


def test_what_was_known_then_is_classified_as_it_was_known_then(ward: Ward) -> None:
    patient = in_remission(ward)
    before = ward.clock().isoformat()
    answer = with_result(ward, patient, "0.002")

    assert decision_of(answer["patient"]) == "HSCT"
    assert decision_of(snapshot(ward, patient)) == "HSCT"
    assert decision_of(snapshot(ward, patient, known_at=before)) == "NEED_MRD"
    assert decision_of(snapshot(ward, patient, as_of="2025-02-09")) == "NEED_MRD"
    assert snapshot(ward, patient, as_of="2025-01-05")["classification"] is None


def test_a_correction_answers_what_the_tables_say_now(ward: Ward) -> None:
    patient = in_remission(ward)
    wrong = with_result(ward, patient, "0.002")["fact"]
    right = {"type": "mrd_reported", "occurred_on": "2025-02-10", "data": {**RESULT, "value": "0.0002"}}
    correction = {"supersedes": wrong["id"], "reason": "comma read wrong", "fact": right}

    answer = ward.post(f"/patients/{patient}/corrections", correction)

    assert answer.status_code == 200, answer.text
    assert decision_of(answer.json()["patient"]) == "CHEMO_MAINT"
    assert decision_of(snapshot(ward, patient)) == "CHEMO_MAINT"


def test_a_decision_stands_beside_what_was_recommended_when_it_was_taken(ward: Ward) -> None:
    patient = in_remission(ward)
    with_result(ward, patient, "0.002")
    fact = ward.recorded(patient, "consolidation_decided", "2025-02-12", {"decision": "hsct"})["fact"]

    body = snapshot(ward, patient)

    assert body["consolidation"] == {
        "decision": "hsct",
        "decided_on": "2025-02-12",
        "fact": fact["id"],
        "strategy": "BFM_2002",
        "recommended": {"decision": "HSCT", "rule": "CD-002"},
        "agrees": True,
        "agrees_now": True,
        "reason": None,
    }
    assert body["courses"][0]["consolidation"] == body["consolidation"]


def test_the_latest_assessment_is_read_with_its_reasons(ward: Ward) -> None:
    body = snapshot(ward, in_remission(ward))

    read = body["response"]
    codes = {"outcome": "incomplete", "marrow": "M1", "cns": None, "testis": None, "missing": ["blood", "recovery"]}
    assert {name: read[name] for name in codes} == codes
    assert "1 < 5 % marrow blasts: M1." in [reason["text"] for reason in read["reasons"]]
    assert body["courses"][0]["response"] == codes
    assert snapshot(ward, body["id"], as_of="2025-02-04")["response"] is None


def test_a_decision_against_the_strategy_keeps_both_with_its_coded_reason(ward: Ward) -> None:
    patient = in_remission(ward)
    with_result(ward, patient, "0.002")
    refused = ward.record(patient, "consolidation_decided", "2025-02-12", {"decision": "chemotherapy"})
    assert (refused.status_code, refused.json()["code"]) == (409, "against_strategy")

    ward.recorded(patient, "consolidation_decided", "2025-02-12", {"decision": "chemotherapy"}, override=OVERRIDE)
    decided = snapshot(ward, patient)["consolidation"]

    assert (decided["decision"], decided["agrees"], decided["reason"]) == ("chemotherapy", False, "clinical_decision")
    assert decided["recommended"] == {"decision": "HSCT", "rule": "CD-002"}


def test_a_decision_says_beside_what_it_agreed_with_whether_it_agrees_now(ward: Ward) -> None:
    patient = in_remission(ward)
    with_result(ward, patient, "0.002")
    ward.recorded(patient, "consolidation_decided", "2025-02-12", {"decision": "hsct"})
    later = {**RESULT, "sample_on": "2025-02-12", "value": "0.0002"}

    answer = ward.recorded(patient, "mrd_reported", "2025-02-20", later)

    assert [warning["code"] for warning in answer["warnings"]] == ["decision_to_review"]
    assert answer["patient"]["consolidation"]["agrees"] is True
    assert answer["patient"]["consolidation"]["agrees_now"] is False
    assert snapshot(switched_off(ward), patient)["consolidation"]["agrees_now"] is None


def test_an_earlier_course_keeps_its_classification_and_gets_a_late_result(ward: Ward) -> None:
    patient = in_remission(ward)
    ward.recorded(patient, "relapse_diagnosed", "2025-05-02", {"relapse_site": "combined_bm"})

    body = snapshot(ward, patient)
    assert [(line["relapse_number"], line["relapse_on"]) for line in body["courses"]] == [
        (1, "2025-01-06"),
        (2, "2025-05-02"),
    ]
    first, second = (line["classification"] for line in body["courses"])
    assert (first["risk"]["BFM"], first["recommendation"]["BFM_2002"]["decision"]) == ("IR", "NEED_MRD")
    assert (second["timing"]["BFM"], second["recommendation"]["BFM_2002"]["decision"]) == (None, "INDIVIDUAL")
    assert {name: body["classification"][name] for name in ("timing", "risk", "flags")} == {
        name: second[name] for name in ("timing", "risk", "flags")
    }
    assert snapshot(ward, patient, as_of="2025-05-01")["classification"]["reasons"]

    ward.recorded(patient, "mrd_reported", "2025-05-05", {**RESULT, "value": "0.002"})
    first, second = (line["classification"] for line in snapshot(ward, patient)["courses"])
    assert first["recommendation"]["BFM_2002"]["decision"] == "HSCT"
    assert second["recommendation"]["BFM_2002"]["decision"] == "INDIVIDUAL"


def test_what_a_clinician_has_confirmed_is_not_asked_for_again(ward: Ward) -> None:
    short = {"diagnosis_date": "2024-01-02", "frontline_end_date": "2024-06-03"}
    patient = ward.register(**short)
    ward.recorded(patient, "relapse_diagnosed", "2025-01-06", {"relapse_site": "isolated_bm"})
    asked = snapshot(ward, patient)["classification"]

    ward.recorded(
        patient,
        "protocol_chosen",
        "2025-01-07",
        {"protocol": "all-rez-bfm-2002", "acknowledged_flags": ["timing_conflict"]},
    )
    confirmed = snapshot(ward, patient)["classification"]

    assert (asked["to_confirm"], confirmed["to_confirm"]) == (["timing_conflict"], [])
    assert "timing_conflict" in confirmed["flags"]


def test_switched_off_no_decision_is_held_against_a_strategy(ward: Ward) -> None:
    patient = in_remission(ward)
    off = switched_off(ward)
    steps = {step["type"]: step for step in off.get(f"/patients/{patient}/next-steps").json()["items"]}
    answer = off.recorded(patient, "consolidation_decided", "2025-02-12", {"decision": "chemotherapy"})

    assert steps["consolidation_decided"]["allowed"]
    assert "advice" not in steps["consolidation_decided"]
    assert (answer["deviations"], answer["warnings"]) == ([], [])
    body = snapshot(off, patient)
    assert body["classification"]["recommendation"] is None
    assert body["classification"]["risk"]["BFM"] == "IR"
    assert body["courses"][0]["classification"]["recommendation"] is None
    assert (body["consolidation"]["decision"], body["consolidation"]["recommended"]) == ("chemotherapy", None)
    kinds = [found["verdict"] for found in body["deviations"]]
    history = off.get(f"/patients/{patient}/history").json()["items"]
    kinds += [found["verdict"] for entry in history for found in entry["deviations"]]
    (line,) = off.get("/patients").json()["items"]
    kinds += [found["verdict"] for found in line["deviations"]]
    assert not {"decided_without_mrd", "against_strategy"} & set(kinds)


def test_switched_on_the_same_decision_waits_for_its_result(ward: Ward) -> None:
    patient = in_remission(ward)
    steps = {step["type"]: step for step in ward.get(f"/patients/{patient}/next-steps").json()["items"]}
    refused = ward.record(patient, "consolidation_decided", "2025-02-12", {"decision": "chemotherapy"})

    assert (refused.status_code, refused.json()["code"]) == (409, "mrd_needed")
    assert refused.json()["rule"] == "CD-004"
    assert not steps["consolidation_decided"]["allowed"]
