"""What cannot be true of this patient, and what the patient's state cannot have: refused with the way out."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.facts import MRD, REGISTERED, a_registered_patient, a_relapsed_patient, a_running_block

ON = "2025-03-01"


@pytest.mark.parametrize("fact_type", ["relapse_diagnosed", "note_added", "died", "appointment_booked"])
def test_a_day_in_the_future_is_refused_at_the_patients_site(fact_type: str) -> None:
    file = a_registered_patient()
    file.today = date(2026, 6, 30)
    refusal = file.refused(fact_type, "2026-07-01")

    assert (refusal.code, refusal.status, refusal.field) == ("in_the_future", 422, "occurred_on")
    assert refusal.detail == (
        "occurred_on 2026-07-01 lies in the future: today is 2026-06-30 at the patient's site. "
        "Record what has happened; book what is planned with appointment_booked."
    )


def test_today_is_no_future() -> None:
    file = a_registered_patient()
    file.add("relapse_diagnosed", file.today)
    assert file.state.state == "relapse_diagnosed"


@pytest.mark.parametrize(
    ("fact_type", "on", "relation"),
    [
        ("relapse_diagnosed", "2022-02-28", "after"),
        ("relapse_diagnosed", "2022-03-01", "after"),
        ("note_added", "2022-02-28", "on or after"),
        ("died", "2022-02-28", "on or after"),
    ],
)
def test_a_day_before_the_diagnosis_is_before_its_anchor(fact_type: str, on: str, relation: str) -> None:
    refusal = a_registered_patient().refused(fact_type, on)

    assert (refusal.code, refusal.status, refusal.field) == ("before_anchor", 422, "occurred_on")
    assert f"occurred_on {on} must lie {relation} the diagnosis of 2022-03-01" in refusal.detail
    assert "correct the date, or the registration if that is wrong" in refusal.detail


@pytest.mark.parametrize(
    ("fact_type", "data", "field", "code", "words"),
    [
        ("mrd_reported", {**MRD, "sample_on": "2025-03-02"}, "data.sample_on", "date_order", "lies after occurred_on"),
        ("mrd_reported", {**MRD, "sample_on": "2022-02-28"}, "data.sample_on", "before_anchor", "before the diagnosis"),
        ("counts_recorded", {"sampled_on": "2025-03-02"}, "data.sampled_on", "date_order", "lies after occurred_on"),
        ("lost_to_follow_up", {"last_contact_on": "2025-03-02"}, "data.last_contact_on", "date_order", "lies after"),
        ("contact_recorded", {"on": "2025-03-02"}, "data.on", "date_order", "lies after occurred_on 2025-03-01"),
        ("block_deferred", {"review_on": "2025-02-28"}, "data.review_on", "date_order", "lies before occurred_on"),
        ("block_deferred", {"until": "2025-02-28"}, "data.until", "date_order", "lies before occurred_on"),
        ("appointment_booked", {"for": "mri", "on": "2025-02-28"}, "data.on", "date_order", "lies before occurred_on"),
        (
            "findings_recorded",
            {"csf": {"sampled_at": "2026-07-03T08:00:00+02:00"}},
            "data.csf.sampled_at",
            "in_the_future",
            "data.csf.sampled_at 2026-07-03 lies in the future",
        ),
        (
            "response_assessed",
            {"marrow_blasts_percent": 1, "final": True, "csf": {"sampled_at": "2026-07-03T08:00:00Z"}},
            "data.csf.sampled_at",
            "in_the_future",
            "lies in the future",
        ),
    ],
)
def test_days_inside_a_fact_lie_in_order(
    fact_type: str, data: dict[str, Any], field: str, code: str, words: str
) -> None:
    file = a_running_block("2025-02-01")
    file.add("block_completed", "2025-02-06")
    refusal = file.refused(fact_type, ON, **data)

    assert words in refusal.detail
    assert "correct" in refusal.detail
    assert words in refusal.detail


UNMEASURED: dict[str, Any] = {**MRD, "value": None, "below": "0.0001", "unit": "fraction"}
ABOVE_0 = "must be above 0"
TOO_LITTLE = "is less than one cell in a million million: check the number"


@pytest.mark.parametrize(
    ("field", "changes", "words"),
    [
        ("below", {"below": "0"}, ABOVE_0),
        ("below", {"below": "0.00", "unit": "percent"}, ABOVE_0),
        ("below", {"below": "9.9e-13"}, TOO_LITTLE),
        ("below", {"below": "9.9e-11", "unit": "percent"}, TOO_LITTLE),
        ("below", {"below": "-12.01", "unit": "log10"}, TOO_LITTLE),
        ("sensitivity", {"sensitivity": "0"}, ABOVE_0),
        ("sensitivity", {"value": "0", "below": None, "sensitivity": "0"}, ABOVE_0),
        ("quantitative_range", {"quantitative_range": "0"}, ABOVE_0),
        ("quantitative_range", {"result": "positive_not_quantifiable", "quantitative_range": "0"}, ABOVE_0),
        ("value", {"value": "-400", "below": None, "unit": "log10"}, TOO_LITTLE),
        ("value", {"value": "1e-900", "below": None}, TOO_LITTLE),
    ],
)
def test_an_mrd_that_nobody_can_have_measured_is_refused(field: str, changes: dict[str, Any], words: str) -> None:
    data = {**UNMEASURED, **changes, "sample_on": ON}
    refusal = a_running_block("2025-02-01").refused("mrd_reported", ON, **data)

    assert (refusal.code, refusal.status, refusal.field) == ("mrd_out_of_range", 422, f"data.{field}")
    assert refusal.detail.startswith(f"data.{field} {Decimal(data[field])} {data['unit']} {words}")


@pytest.mark.parametrize(
    "changes",
    [
        {"below": "1e-12"},
        {"below": "1e-10", "unit": "percent"},
        {"below": "-12", "unit": "log10"},
        {"value": "0", "below": None},
        {"value": "0.000", "below": None, "sensitivity": "0.0001"},
        {"below": None, "unit": None, "result": "not_evaluable", "sensitivity": "0"},
    ],
)
def test_an_mrd_at_the_limit_and_a_0_can_be_recorded(changes: dict[str, Any]) -> None:
    file = a_running_block("2025-02-01")
    file.add("mrd_reported", ON, **{**UNMEASURED, **changes, "sample_on": ON})

    assert file.state.course is not None
    assert len(file.state.course.mrd) == 1


def test_a_csf_sample_at_relapse_is_named_by_its_path() -> None:
    findings = {"marrow_blasts_percent": 60, "csf": {"sampled_at": "2026-07-02T00:00:00Z"}}
    refusal = a_registered_patient().refused("relapse_diagnosed", ON, findings=findings)

    assert (refusal.code, refusal.field) == ("in_the_future", "data.findings.csf.sampled_at")


def test_completing_what_did_not_start() -> None:
    refusal = a_relapsed_patient().refused("block_completed", ON)

    assert (refusal.code, refusal.status, refusal.field) == ("not_possible_in_state", 409, "type")
    assert "no block is running on that day (state relapse_diagnosed)" in refusal.detail


def test_completing_before_the_start() -> None:
    refusal = a_running_block("2025-03-02").refused("block_completed", ON)

    assert "no block is running on that day (state relapse_diagnosed)" in refusal.detail


def test_ending_an_element_that_does_not_run() -> None:
    refusal = a_running_block("2025-02-20").refused("block_ended", ON, element="R2", end="ceased", reason="toxicity")

    assert refusal.code == "not_possible_in_state"
    assert "R1 is running since 2025-02-20; send element R1 with end ceased, or complete it first" in refusal.detail


@pytest.mark.parametrize("name", ["all-rez-bfm-2003", "all-rez-bfm-2002@99", "ALL-REZ-BFM-2002"])
def test_an_unknown_protocol_is_answered_with_the_known_ones(name: str) -> None:
    refusal = a_relapsed_patient().refused("protocol_chosen", ON, protocol=name)

    assert (refusal.code, refusal.status, refusal.field) == ("unknown_protocol", 422, "data.protocol")
    assert "all-rez-bfm-2002" in refusal.detail
    assert "all-rez-bfm-90" in refusal.detail


def test_a_fact_the_state_cannot_have_is_answered_with_those_it_can() -> None:
    refusal = a_relapsed_patient().refused("maintenance_completed", ON)

    assert (refusal.code, refusal.status, refusal.title) == ("not_possible_in_state", 409, "Not possible in this state")
    assert refusal.detail.startswith("maintenance_completed on 2025-03-01 is not possible in state relapse_diagnosed.")
    assert {"block_started", "protocol_chosen", "died"} <= set(refusal.possible)
    assert "maintenance_completed" not in refusal.possible
    assert all(name in refusal.detail for name in refusal.possible)


def test_before_a_relapse_is_recorded_the_answer_says_so() -> None:
    refusal = a_registered_patient().refused("block_started", ON)

    assert "no relapse is recorded on or before that day" in refusal.detail
    assert "relapse_diagnosed" in refusal.possible


def test_a_delay_that_does_not_exist() -> None:
    refusal = a_running_block("2025-02-20").refused("delay_explained", ON)

    assert (refusal.code, refusal.status, refusal.field) == ("no_such_delay", 422, "data.window")
    assert "late: none" in refusal.detail


def test_a_second_registration() -> None:
    refusal = a_registered_patient().refused("patient_registered", ON, **REGISTERED)

    assert (refusal.code, refusal.status) == ("already_registered", 409)
    assert "correct the registration instead" in refusal.detail
