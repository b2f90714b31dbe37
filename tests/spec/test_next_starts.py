"""Next steps tell of the next block what may come, which gate stands before it, and how it passes."""

from datetime import date

from tests.facts import PatientFile, a_registered_patient, a_relapsed_patient
from tests.spec.small_protocols import (
    BLOCKS,
    CYCLE_AFTER_CYCLE,
    DECISION_OF_S4,
    EARLY,
    OF_UNKNOWN_TIME,
    TWO_MINIMA,
    VERY_EARLY,
    a_course_of,
    cycles,
    give,
    small,
)
from workflow.rules.next_steps import NextStep, next_steps

DECIDED = small("decided", BLOCKS, DECISION_OF_S4)


def step_of(file: PatientFile, fact_type: str, today: str) -> NextStep:
    steps = next_steps(file.state, date.fromisoformat(today), file.protocols)
    return next(step for step in steps if step.type == fact_type)


def test_the_next_cycle_is_told_the_later_of_two_minima() -> None:
    only_cycles = cycles(more=TWO_MINIMA + CYCLE_AFTER_CYCLE)
    file = give(a_course_of([only_cycles]), "CYCLE_1", "2025-02-03", "2025-03-07")
    step = step_of(file, "block_started", "2025-03-18")

    assert (step.allowed, step.elements, step.earliest_on) == (False, ("CYCLE_2",), date(2025, 3, 21))
    assert step.why_not == (
        "CYCLE_2 on 2025-03-18 would start 11 days after CYCLE_1 ended on 2025-03-07; at least 14 are required. It is "
        "possible from 2025-03-21 on, or earlier with an override."
    )
    assert step.override is not None
    assert step_of(file, "block_started", "2025-03-21").allowed


def test_where_something_else_may_come_a_start_is_possible() -> None:
    file = give(a_course_of([cycles(more=TWO_MINIMA)]), "CYCLE_1", "2025-02-03", "2025-03-07")
    step = step_of(file, "block_started", "2025-03-18")

    assert (step.allowed, step.elements) == (True, ("CYCLE_2", "PREPHASE"))


def test_one_cycle_too_many_is_told_with_its_way_out() -> None:
    file = a_course_of([cycles(more=TWO_MINIMA + CYCLE_AFTER_CYCLE)])
    give(file, "CYCLE_1", "2025-02-03", "2025-03-03")
    give(file, "CYCLE_2", "2025-04-01", "2025-04-29")
    step = step_of(file, "block_started", "2025-06-30")

    assert (step.allowed, step.elements, step.earliest_on) == (False, ("CYCLE_3",), None)
    assert step.why_not is not None
    assert step.why_not.startswith(
        "CYCLE_3 on 2025-06-30 would be number 3 of CYCLE under cycles; at most 2 are stated"
    )
    assert step.override == file.refused("block_started", "2025-06-30", element="CYCLE_3").override
    assert "Besides: CYCLE_3 on 2025-05-05" in (step_of(file, "block_started", "2025-05-05").why_not or "")


def test_in_the_group_the_missing_decision_keeps_the_start_and_is_advised() -> None:
    file = give(a_course_of([DECIDED], **VERY_EARLY), "R1", "2025-02-03", "2025-02-08")
    step = step_of(file, "block_started", "2025-02-24")

    assert not step.allowed
    assert (step.why_not or "").startswith("The next block on 2025-02-24: in S4 of ALL_REZ_BFM_95 it is decided after")
    assert step_of(file, "block_decision", "2025-02-24").advice == (
        "In S4 of ALL_REZ_BFM_95 it is decided after each element whether to go on, and no decision is on file since "
        "R1 ended on 2025-02-08. Record block_decision. (TR-006; 000, page 3)"
    )
    file.add("block_decision", "2025-02-20", continue_=True, reason="in good condition")
    assert step_of(file, "block_started", "2025-02-24").allowed
    assert step_of(file, "block_decision", "2025-02-24").advice is None


def test_where_the_group_is_not_known_a_start_is_possible_and_the_decision_advised_in_case() -> None:
    file = give(a_course_of([DECIDED], **OF_UNKNOWN_TIME), "R1", "2025-02-03", "2025-02-08")

    assert step_of(file, "block_started", "2025-02-24").allowed
    advice = step_of(file, "block_decision", "2025-02-24").advice or ""
    assert advice.startswith("The group of ALL_REZ_BFM_95 is not known. If the patient is in it: in S4 of")


def test_outside_the_group_nothing_is_advised() -> None:
    file = give(a_course_of([DECIDED], **EARLY), "R1", "2025-02-03", "2025-02-08")
    assert step_of(file, "block_decision", "2025-02-24").advice is None
    assert step_of(a_relapsed_patient(), "block_decision", "2025-02-24").advice is None


def test_what_ends_is_the_running_element_and_what_is_left_out_the_one_that_may_come() -> None:
    file = a_course_of([cycles()])
    file.add("block_started", "2025-02-03", element="CYCLE_1")
    assert step_of(file, "block_ended", "2025-02-10").elements == ("CYCLE_1",)
    file.add("block_completed", "2025-03-03")
    assert step_of(file, "block_ended", "2025-03-10").elements == ("CYCLE_2", "PREPHASE")


def test_without_a_protocol_no_element_is_named() -> None:
    file = a_registered_patient()
    file.add("relapse_diagnosed", "2025-01-06")
    step = step_of(file, "block_started", "2025-01-10")

    assert (step.allowed, step.elements) == (True, ())
