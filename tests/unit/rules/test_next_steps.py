"""Next steps say of every fact type whether it can be recorded today, why not, from when, and what it takes."""

from datetime import date

import pytest

from tests.facts import AS_ORDERED, OVERRIDE, PatientFile, a_registered_patient, a_relapsed_patient, a_running_block
from tests.spec.chart_paths import Circumstances, reach
from workflow.domain.chart import TRIGGERS
from workflow.rules.next_steps import NextStep, next_steps


def steps_of(file: PatientFile, today: date | None = None) -> dict[str, NextStep]:
    return {step.type: step for step in next_steps(file.state, today or file.today, file.protocols)}


def test_every_fact_type_is_answered_once_in_the_contracts_order() -> None:
    answered = [
        step.type for step in next_steps(a_registered_patient().state, date(2026, 6, 30), reach("registered").protocols)
    ]
    assert answered == list(TRIGGERS)


def test_too_early_a_start_is_told_from_when_it_passes_and_how_it_passes_now() -> None:
    step = steps_of(a_running_block("2025-02-03"), date(2025, 2, 16))["block_started"]

    assert not step.allowed
    assert step.why_not is not None
    assert "2025-02-03" in step.why_not
    assert step.earliest_on == date(2025, 2, 17)
    assert step.override is not None
    assert "R1 is still running" in (step.advice or "")
    assert steps_of(a_running_block("2025-02-03"), date(2025, 2, 17))["block_started"].allowed


def test_what_a_fact_needs_and_who_may_record_it() -> None:
    steps = steps_of(a_relapsed_patient())

    assert steps["block_started"].needs == ("element",)
    assert steps["block_decision"].needs == ("continue", "reason")
    assert steps["mrd_reported"].needs == ("timepoint", "method", "sample_on", "unit", "value or below")
    assert steps["relapse_diagnosed"].needs == ("findings or relapse_site",)
    assert steps["findings_recorded"].needs == ("at least one finding",)
    assert (steps["block_started"].needs_role, steps["consolidation_decided"].needs_role) == ("nurse", "clinician")
    assert steps["block_started"].elements == ("R1", "R2", "F1", "F2")


@pytest.mark.parametrize(
    ("state", "fact", "words"),
    [
        ("registered", "block_started", "Not possible in state registered"),
        ("deceased", "block_started", "Not possible in state deceased: terminal"),
        ("mrd_check", "delay_explained", None),
        ("relapse_diagnosed", "delay_explained", "No window has ended late"),
        ("relapse_diagnosed", "relapse_diagnosed", "reinduction_failed rather than relapse_diagnosed?"),
    ],
)
def test_why_not(state: str, fact: str, words: str | None) -> None:
    step = steps_of(reach(state))[fact]

    assert step.allowed is (words is None)
    assert words is None or (step.why_not is not None and words in step.why_not)


def test_without_a_course_nothing_of_a_course_is_offered() -> None:
    step = steps_of(reach("lost_to_follow_up", Circumstances(course=False)))["response_assessed"]

    assert not step.allowed
    assert step.why_not == "No relapse is recorded yet."


def test_a_running_block_tells_where_a_decision_taken_meanwhile_leads() -> None:
    file = reach("consolidation.block", Circumstances(meanwhile=("consolidation_decided", "hsct")))
    step = steps_of(file)["block_completed"]

    assert step.leads_to == ("hsct.preparation",)
    assert step.advice == "The decision taken meanwhile leads to hsct.preparation."


def test_what_waits_for_a_countersignature_is_named() -> None:
    file = a_relapsed_patient()
    assert steps_of(file)["confirmed"].why_not == "No fact waits for a countersignature."
    file.add("block_started", "2025-02-03", override=AS_ORDERED)
    assert steps_of(file)["confirmed"].advice == "Waiting for a countersignature: f4."


@pytest.mark.parametrize(
    ("given", "advised"),
    [
        (Circumstances(marrow_blasts_percent=30), True),
        (Circumstances(marrow_blasts_percent=30, final=False), False),
        (Circumstances(), False),
    ],
)
def test_a_final_assessment_without_remission_advises_to_record_the_failure(
    given: Circumstances, *, advised: bool
) -> None:
    step = steps_of(reach("mrd_check", given))["reinduction_failed"]
    text = "No complete remission. Where reinduction has failed, record reinduction_failed; no date decides that."
    assert step.advice == (text if advised else None)


@pytest.mark.parametrize("override", [None, OVERRIDE])
def test_an_offered_override_is_honoured(override: dict[str, str] | None) -> None:
    file = a_running_block("2025-02-03")
    step = steps_of(file, date(2025, 2, 10))["block_started"]
    assert step.override is not None
    if override is None:
        assert file.refused("block_started", "2025-02-10", element="R2").override == step.override
    else:
        assert file.add("block_started", "2025-02-10", element="R2", override=override).fact.override is not None
