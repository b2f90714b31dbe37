"""Where treatment goes on by an individual decision after each element, no element starts without it (S4; TR-006)."""

from datetime import date
from typing import Any

import pytest

from tests.facts import AS_ORDERED, OVERRIDE, PatientFile, a_draft
from tests.spec.small_protocols import (
    BLOCKS,
    DECISION_OF_S4,
    EARLY,
    MINIMUM_OF_BLOCKS,
    OF_UNKNOWN_TIME,
    VERY_EARLY,
    a_course_of,
    give,
    small,
)
from workflow.domain.errors import Refusal
from workflow.domain.roles import Role
from workflow.rules.judgement import Accepted
from workflow.rules.next_steps import next_steps

S4 = VERY_EARLY
DECIDED = small("decided", BLOCKS, DECISION_OF_S4)


def after_r1(registered: dict[str, Any]) -> PatientFile:
    return give(a_course_of([DECIDED, small("free", BLOCKS)], **registered), "R1", "2025-02-03", "2025-02-08")


def decide(file: PatientFile, on: str, *, goes_on: bool) -> PatientFile:
    file.add("block_decision", on, continue_=goes_on, reason="decided at the tumour board")
    return file


def test_in_the_group_the_next_element_needs_a_decision_and_is_told_how_to_record_one() -> None:
    refusal = after_r1(S4).refused("block_started", "2025-02-24", role=Role.NURSE, element="R2")

    assert (refusal.code, refusal.status, refusal.field) == ("individual_decision_needed", 409, "type")
    assert (refusal.rule, refusal.source, refusal.earliest_on) == ("TR-006", "000, page 3", None)
    assert refusal.detail == (
        "R2 on 2025-02-24: in S4 of ALL_REZ_BFM_95 it is decided after each element whether to go on, and no decision "
        "is on file since R1 ended on 2025-02-08. Record block_decision. Otherwise a clinician decides before it is "
        "given, and records it with a coded reason; what was given already on a clinician's order a nurse records with "
        "given_as_ordered and ordered_by."
    )
    assert refusal.override is not None
    assert "or" in refusal.override


def test_a_decision_to_go_on_lifts_it_for_one_element() -> None:
    file = decide(after_r1(S4), "2025-02-10", goes_on=True)
    give(file, "R2", "2025-02-24", "2025-02-28")

    assert file.refused("block_started", "2025-03-17", element="R1").code == "individual_decision_needed"


def test_a_decision_not_to_go_on_refuses_too_until_it_is_decided_otherwise() -> None:
    file = decide(after_r1(S4), "2025-02-10", goes_on=False)
    refusal = file.refused("block_started", "2025-02-24", element="R2")

    assert refusal.code == "individual_decision_needed"
    assert "on 2025-02-10 it was decided not to go on after R1" in refusal.detail
    assert "record block_decision with continue: true" in refusal.detail
    decide(file, "2025-02-20", goes_on=True).add("block_started", "2025-02-24", element="R2")


def test_a_decision_of_the_day_of_the_start_comes_before_it() -> None:
    decide(after_r1(S4), "2025-02-24", goes_on=True).add("block_started", "2025-02-24", element="R2")


def test_a_decision_before_the_first_element_lifts_nothing_after_it() -> None:
    file = decide(a_course_of([DECIDED], **S4), "2025-01-20", goes_on=True)
    give(file, "R1", "2025-02-03", "2025-02-08")

    assert file.refused("block_started", "2025-02-24", element="R2").code == "individual_decision_needed"


def test_while_an_element_runs_its_end_is_asked_for_first() -> None:
    file = a_course_of([DECIDED], **S4)
    file.add("block_started", "2025-02-03", element="R1")
    refusal = file.refused("block_started", "2025-02-24", element="R2")

    assert "R1 is still running. Record block_completed, then block_decision." in refusal.detail


def test_a_ceased_element_is_one_after_which_it_is_decided_too() -> None:
    file = a_course_of([DECIDED], **S4)
    file.add("block_started", "2025-02-03", element="R1")
    file.add("block_ended", "2025-02-05", element="R1", end="ceased", reason="toxicity")

    assert file.refused("block_started", "2025-02-24", element="R2").code == "individual_decision_needed"


def on_the_way_to_transplant() -> PatientFile:
    file = after_r1(S4)
    file.add("response_assessed", "2025-02-20", marrow_blasts_percent=1, final=True)
    file.add("consolidation_decided", "2025-02-21", decision="hsct")
    return file


def test_before_a_transplant_the_way_to_the_decision_is_told_and_leads_to_it() -> None:
    file = on_the_way_to_transplant()
    told = file.refused("block_started", "2025-02-24", element="R2").detail
    assert (
        "In state hsct.preparation none can be recorded: record consolidation_decided with bridging_then_hsct first, "
        "then block_decision on a later day." in told
    )
    refused = file.refused("block_decision", "2025-02-23", continue_=True, reason="in good condition")
    assert (refused.code, "on a later day than that" in refused.detail) == ("not_possible_in_state", True)

    file.add("consolidation_decided", "2025-02-22", decision="bridging_then_hsct")
    decide(file, "2025-02-23", goes_on=True).add("block_started", "2025-02-24", element="R2")


def test_before_a_transplant_another_protocol_is_chosen_by_the_same_way() -> None:
    file = on_the_way_to_transplant()
    told = file.refused("protocol_chosen", "2025-02-23", protocol="free").detail
    assert "Record consolidation_decided with bridging_then_hsct first, and date protocol_chosen on a later" in told

    file.add("consolidation_decided", "2025-02-22", decision="bridging_then_hsct")
    file.add("protocol_chosen", "2025-02-23", protocol="free")


@pytest.mark.parametrize("attempt", [1, 2, 9])
def test_an_attempt_that_nobody_has_said_to_have_failed_is_the_same_one_for_the_decision(attempt: int) -> None:
    refusal = after_r1(S4).refused("block_started", "2025-02-24", role=Role.NURSE, element="R2", attempt=attempt)

    assert refusal.code == "individual_decision_needed"
    assert (f"Attempt {attempt} begins once reinduction_failed is on file." in refusal.detail) is (attempt > 1)


def test_where_the_decision_and_the_minimum_keep_a_start_no_day_is_told_on_which_it_passes() -> None:
    both = small("both", BLOCKS, DECISION_OF_S4, MINIMUM_OF_BLOCKS)
    file = give(a_course_of([both], **S4), "R1", "2025-02-03", "2025-02-08")
    refusal = file.refused("block_started", "2025-02-10", element="R2")
    (offered,) = (
        step for step in next_steps(file.state, date(2025, 2, 10), file.protocols) if step.type == "block_started"
    )

    assert (refusal.code, refusal.earliest_on) == ("individual_decision_needed", None)
    assert refusal.detail.endswith("at least 14 are required. From 2025-02-17 on it is no longer too early.")
    assert (offered.allowed, offered.earliest_on) == (False, None)
    assert "It is possible from" not in (offered.why_not or "")
    decided = decide(file, "2025-02-10", goes_on=True).refused("block_started", "2025-02-10", element="R2")
    assert (decided.code, decided.earliest_on) == ("too_early", date(2025, 2, 17))


@pytest.mark.parametrize(
    ("registered", "protocol"),
    [(EARLY, "decided"), (S4, "free")],
    ids=["outside the group", "under a protocol that declares nothing"],
)
def test_elsewhere_nothing_is_asked(registered: dict[str, Any], protocol: str) -> None:
    file = after_r1(registered)
    file.add("protocol_chosen", "2025-02-10", protocol=protocol)

    assert file.add("block_started", "2025-02-24", element="R2").warnings == ()


def test_the_first_element_of_an_attempt_needs_no_decision() -> None:
    file = after_r1(S4)
    file.add("reinduction_failed", "2025-02-20")
    file.add("block_started", "2025-02-24", element="R1")


def test_from_the_second_relapse_on_there_is_no_group_and_no_gate() -> None:
    file = after_r1(S4)
    file.add("response_assessed", "2025-02-20", marrow_blasts_percent=1, final=True)
    file.add("relapse_diagnosed", "2025-05-05", relapse_site="isolated_bm")
    file.add("protocol_chosen", "2025-05-05", protocol="decided")
    give(file, "R1", "2025-05-06", "2025-05-10")

    assert file.add("block_started", "2025-05-27", element="R2").warnings == ()


@pytest.mark.parametrize("decided", [True, False])
def test_where_the_group_is_not_known_the_start_is_taken_with_a_question(*, decided: bool) -> None:
    file = after_r1(OF_UNKNOWN_TIME)
    if decided:
        decide(file, "2025-02-10", goes_on=True)
    warnings = file.add("block_started", "2025-02-24", element="R2").warnings

    assert [warning.code for warning in warnings] == ([] if decided else ["individual_decision_if_in_group"])
    assert all("The group of ALL_REZ_BFM_95 is not known" in warning.message for warning in warnings)


def test_a_booking_needs_the_decision_too_and_a_clinicians_reason_passes() -> None:
    data: dict[str, Any] = {"for_": "block_started", "on": "2025-02-24"}
    refusal = after_r1(S4).refused("appointment_booked", "2025-02-10", role=Role.NURSE, override=AS_ORDERED, **data)

    assert (refusal.code, refusal.field) == ("individual_decision_needed", "data.for")
    after_r1(S4).add("appointment_booked", "2025-02-10", override=OVERRIDE, **data)


def test_what_was_given_as_ordered_or_comes_by_import_waits_for_a_clinician() -> None:
    for override in (AS_ORDERED, None):
        draft = a_draft("block_started", "2025-02-24", override=override, element="R2")
        outcome = after_r1(S4).propose(draft, Role.ADMIN, importing=override is None)
        assert isinstance(outcome, Accepted)
        assert outcome.after.unconfirmed == (outcome.fact.lineage,)
    assert isinstance(after_r1(S4).propose(a_draft("block_started", "2025-02-24", element="R2")), Refusal)
