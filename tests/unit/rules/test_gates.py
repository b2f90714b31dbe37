"""Gates refuse what could be recorded, tell how to pass, and meet plans in full."""

from datetime import date

import pytest

from tests.facts import AS_ORDERED, OVERRIDE, PatientFile, a_draft, a_relapsed_patient, a_running_block
from workflow.domain.errors import Refusal
from workflow.domain.roles import Role
from workflow.rules.judgement import Accepted


def after_r1() -> PatientFile:
    file = a_running_block("2025-02-03")
    file.add("block_completed", "2025-02-08")
    return file


def test_a_booking_meets_the_gate_on_the_day_it_is_booked_for() -> None:
    refusal = after_r1().refused("appointment_booked", "2025-02-09", for_="block_started", on="2025-02-16")

    assert (refusal.code, refusal.field, refusal.earliest_on) == ("too_early", "data.on", date(2025, 2, 17))
    assert refusal.detail.startswith("The next block on 2025-02-16 would start 13 days after R1 of 2025-02-03")


@pytest.mark.parametrize(("booked", "on"), [("block_started", "2025-02-17"), ("mri", "2025-02-10")])
def test_other_bookings_are_taken(booked: str, on: str) -> None:
    accepted = after_r1().add("appointment_booked", "2025-02-09", for_=booked, on=on)
    assert accepted.after.state == "reinduction.recovery"


def test_an_import_does_not_pass_a_plan_through_a_gate() -> None:
    draft = a_draft("appointment_booked", "2025-02-09", for_="block_started", on="2025-02-16")
    outcome = after_r1().propose(draft, Role.COORDINATOR, importing=True)

    assert isinstance(outcome, Refusal)
    assert outcome.code == "too_early"


def test_a_nurses_order_is_no_answer_to_a_relapse_without_a_remission() -> None:
    file = after_r1()
    refusal = file.refused("relapse_diagnosed", "2025-02-20", override=AS_ORDERED, role=Role.NURSE)

    assert refusal.code == "relapse_without_remission"
    assert refusal.rule == "X01"
    assert refusal.override is not None
    assert "or" not in refusal.override
    assert "reinduction_failed" in refusal.detail
    accepted = file.add("relapse_diagnosed", "2025-02-20", override=OVERRIDE)
    assert [known.kind for known in accepted.deviations] == ["relapse_without_remission"]


@pytest.mark.parametrize("seen", ["response", "decision"])
def test_a_remission_on_file_answers_the_relapse_gate(seen: str) -> None:
    file = after_r1()
    file.add("response_assessed", "2025-02-15", marrow_blasts_percent=2 if seen == "response" else 30, final=True)
    if seen == "decision":
        file.add("consolidation_decided", "2025-02-16", decision="hsct")
    accepted = file.add("relapse_diagnosed", "2025-04-01")

    assert (accepted.after.state, accepted.deviations) == ("second_relapse", ())


def test_blood_blasts_are_no_remission() -> None:
    file = after_r1()
    file.add("response_assessed", "2025-02-15", marrow_blasts_percent=2, peripheral_blasts=True, final=True)

    assert file.refused("relapse_diagnosed", "2025-04-01").code == "relapse_without_remission"


def test_the_gate_is_the_one_of_the_element_before() -> None:
    file = a_running_block("2025-02-03", "F1")
    assert file.add("block_started", "2025-02-10", element="R1").fact.override is None
    assert file.refused("block_started", "2025-02-20", element="F2").code == "too_early"


def test_an_element_that_the_protocol_does_not_list_sets_no_minimum_but_an_interval() -> None:
    file = a_running_block("2025-02-03", "PREPHASE")
    window = file.open_window("TR-001")

    assert window is not None
    assert (window.hard_min_on, window.latest_on) == (None, date(2025, 2, 24))


@pytest.mark.parametrize("role", list(Role))
def test_who_may_record_a_decision(role: Role) -> None:
    draft = a_draft("treatment_intent_changed", "2025-02-03")
    outcome = a_relapsed_patient().propose(draft, role)

    if role >= Role.CLINICIAN:
        assert isinstance(outcome, Accepted)
    else:
        assert isinstance(outcome, Refusal)
        assert (outcome.code, outcome.status, outcome.field) == ("role_needed", 403, "type")
        assert f"needs the role clinician; this key has {role.label}" in outcome.detail


def test_a_viewer_records_nothing() -> None:
    outcome = a_relapsed_patient().propose(a_draft("note_added", "2025-02-03"), Role.VIEWER)

    assert isinstance(outcome, Refusal)
    assert outcome.code == "role_needed"
