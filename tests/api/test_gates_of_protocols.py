"""What a ward is answered by a protocol's caps, its individual decisions, its sequence and its eligibility."""

from datetime import date, timedelta

from tests.api.ward import Ward

AS_ORDERED = {"code": "given_as_ordered", "ordered_by": "treating_doctor"}
FIFTH = {"element": "CYCLE_5"}


def after_four_cycles(edge: Ward) -> str:
    """Return the id of a patient with four cycles of blinatumomab for MRD since 2025-01-08, 42 days apart."""
    patient = edge.register(ph_status="negative")
    edge.recorded(patient, "relapse_diagnosed", "2025-01-06", {"relapse_site": "isolated_bm"})
    edge.recorded(patient, "protocol_chosen", "2025-01-07", {"protocol": "blinatumomab-mrd"})
    for number in range(4):
        started_on = date(2025, 1, 8) + timedelta(days=42 * number)
        edge.recorded(patient, "block_started", str(started_on), {"element": f"CYCLE_{number + 1}"})
        edge.recorded(patient, "block_completed", str(started_on + timedelta(days=28)), {"given": "as_planned"})
    return patient


def test_one_cycle_more_than_stated_is_refused_and_is_recorded_as_ordered_until_a_clinician_has_signed(
    edge: Ward,
) -> None:
    patient = after_four_cycles(edge)

    refused = edge.record(patient, "block_started", "2025-06-25", FIFTH, who="ward_nurse")

    assert refused.status_code == 409
    problem = refused.json()
    assert (problem["code"], problem["rule"]) == ("cap_reached", "TR-045")
    assert problem["type"].endswith("/problems/cap-reached")
    assert (problem["arithmetic"], problem["field"]) == ("4 on file + 1 = 5 > 4", "data.element")
    assert "CYCLE_4 of 2025-05-14" in problem["detail"]
    assert problem["override"]["or"] == {"code": "given_as_ordered", "with": "ordered_by", "needs_role": "nurse"}
    assert "earliest_on" not in problem

    step = next(
        step for step in edge.get(f"/patients/{patient}/next-steps").json()["items"] if step["type"] == "block_started"
    )
    assert (step["allowed"], step["elements"]) == (False, ["CYCLE_5"])
    assert "at most 4 are stated in one course" in step["why_not"]

    booking = {"for": "CYCLE_5", "on": "2025-07-02"}
    booked = edge.record(patient, "appointment_booked", "2025-06-25", booking, who="ward_nurse", override=AS_ORDERED)
    assert (booked.status_code, booked.json()["code"]) == (409, "cap_reached")
    assert "or" not in booked.json()["override"]

    given = edge.recorded(patient, "block_started", "2025-06-25", FIFTH, who="ward_nurse", override=AS_ORDERED)
    assert given["fact"]["unconfirmed"] is True
    assert given["patient"]["unconfirmed"] == [given["fact"]["id"]]


def test_the_end_of_the_infusion_moves_the_earliest_date_of_the_next_one(edge: Ward) -> None:
    patient = edge.register(ph_status="negative")
    edge.recorded(patient, "relapse_diagnosed", "2025-01-06", {"relapse_site": "isolated_bm"})
    edge.recorded(patient, "protocol_chosen", "2025-01-07", {"protocol": "blinatumomab-mrd"})
    edge.recorded(patient, "block_started", "2025-01-08", {"element": "CYCLE_1"})
    edge.recorded(patient, "block_completed", "2025-02-09", {"given": "as_planned"})

    problem = edge.record(patient, "block_started", "2025-02-22", {"element": "CYCLE_2"}).json()

    assert (problem["code"], problem["earliest_on"]) == ("too_early", "2025-02-23")
    assert problem["arithmetic"] == "2025-02-22 − 2025-02-09 = 13 d < 14 d"
    assert "after CYCLE_1 ended on 2025-02-09" in problem["detail"]


def test_in_s4_each_further_element_waits_for_its_decision(edge: Ward) -> None:
    patient = edge.register(diagnosis_date="2024-01-06", frontline_end_date="2024-12-01")
    edge.recorded(patient, "relapse_diagnosed", "2025-01-06", {"relapse_site": "isolated_bm"})
    edge.recorded(patient, "protocol_chosen", "2025-01-07", {"protocol": "all-rez-bfm-95"})
    first = edge.recorded(patient, "block_started", "2025-01-08", {"element": "R1"})
    edge.recorded(patient, "block_completed", "2025-01-13", {"given": "as_planned"})

    refused = edge.record(patient, "block_started", "2025-01-29", {"element": "F2"})
    assert (refused.status_code, refused.json()["code"]) == (409, "individual_decision_needed")
    assert refused.json()["rule"] == "TR-006"
    edge.recorded(patient, "block_decision", "2025-01-20", {"continue": True, "reason": "in good condition"})
    edge.recorded(patient, "block_started", "2025-01-29", {"element": "F2"})

    assert [warning["code"] for warning in first["warnings"]] == ["out_of_sequence"]


def test_for_whom_a_protocol_is_is_said_when_it_is_chosen(edge: Ward) -> None:
    patient = edge.register(phenotype="T")
    edge.recorded(patient, "relapse_diagnosed", "2025-01-06", {"relapse_site": "isolated_bm"})

    chosen = edge.recorded(patient, "protocol_chosen", "2025-01-07", {"protocol": "blinatumomab-rr"})

    told = {warning["code"]: warning["message"] for warning in chosen["warnings"]}
    assert "On file: phenotype T, which does not fit." in told["eligibility_not_met"]
    assert "On file: Ph not known, which does not settle it." in told["eligibility_unknown"]
