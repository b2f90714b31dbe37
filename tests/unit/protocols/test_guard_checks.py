"""From every state of the chart a way leads on whatever the guards say; a shut gate has its key, or a way round."""

from collections.abc import Iterable

import pytest

from workflow.domain.chart import TRANSITIONS, Transition
from workflow.protocols.checks.guards import GATES_ON_FACTS, SETTLED, guard_problems
from workflow.rules.gate_of_caps import cap_reached
from workflow.rules.gates import GATES
from workflow.rules.gates_of_blocks import individual_decision_needed, too_early
from workflow.rules.machine import GUARDS


def without(*facts: str) -> list[Transition]:
    """Return the chart with these facts taken out."""
    return [arrow for arrow in TRANSITIONS if arrow.fact not in facts]


def trapped(transitions: Iterable[Transition]) -> list[str]:
    """Return the states that are traps."""
    return [problem.partition(" is a trap")[0] for problem in guard_problems(list(transitions))]


def test_the_chart_of_the_house_traps_nobody() -> None:
    assert guard_problems() == []


def test_every_gate_of_the_house_is_known_to_the_check() -> None:
    gates = (too_early, cap_reached, individual_decision_needed, *GATES)

    assert {gate.code for gate in GATES_ON_FACTS} == {gate.__name__ for gate in gates}


def test_every_gate_opens_by_itself_or_has_a_fact_that_opens_it() -> None:
    facts = {arrow.fact for arrow in TRANSITIONS}

    for gate in GATES_ON_FACTS:
        assert gate.refuses in facts
        assert set(gate.keys) <= facts
        assert (gate.opens_itself is None) == bool(gate.keys)


def test_every_guard_of_the_patient_is_asked_both_ways() -> None:
    asked = {guard.partition(":")[0] for arrow in TRANSITIONS for guard in arrow.when}

    assert asked == set(GUARDS)


@pytest.mark.parametrize(
    ("key", "state"),
    [("block_decision", "relapse_diagnosed"), ("protocol_chosen", "second_relapse")],
)
def test_a_gate_whose_key_is_gone_traps_where_there_is_no_way_round(key: str, state: str) -> None:
    assert state in trapped(without(key))


def test_a_gate_whose_key_is_gone_traps_nobody_where_another_way_leads_on() -> None:
    assert "reinduction.recovery" not in trapped(without("block_decision"))


def test_a_guard_that_only_some_patients_pass_is_seen() -> None:
    after_local_therapy = [
        arrow
        for arrow in TRANSITIONS
        if arrow.source != "consolidation.recovery" or arrow.fact == "intensive_chemotherapy_completed"
    ]

    (problem,) = [known for known in guard_problems(after_local_therapy) if known.startswith("consolidation.recovery")]

    assert problem.startswith("consolidation.recovery is a trap where not local_therapy_indicated: no way leads on")


def test_a_trap_is_told_with_the_gate_and_with_the_way_there() -> None:
    (problem,) = [known for known in guard_problems(without("block_decision")) if known.startswith("relapse_diagnosed")]

    assert problem == (
        "relapse_diagnosed is a trap where has_course: individual_decision_needed refuses block_started, and no way "
        f"leads on to {', '.join(SETTLED)}; one gets there by relapse_diagnosed"
    )


def test_giving_up_and_relapsing_again_are_no_ways_on() -> None:
    leaving = {"died", "lost_to_follow_up", "withdrawn", "treatment_intent_changed", "relapse_diagnosed"}
    only_leaving = [arrow for arrow in TRANSITIONS if arrow.source != "local_therapy" or arrow.fact in leaving]

    assert "local_therapy" in trapped(only_leaving)
