"""The real machine is walked through every course that a protocol's gates leave open; a trap is told with its way."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest

from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import FactDraft
from workflow.domain.patient import Block, PatientState
from workflow.protocols.checks.guards import GATES_ON_FACTS
from workflow.protocols.checks.paths import nth_elements, paths
from workflow.protocols.library import shipped
from workflow.protocols.model import Protocol
from workflow.rules.exploration import Judge, patients, traps, walk
from workflow.rules.judgement import Circumstances, Outcome, Stamp
from workflow.rules.record import record
from workflow.rules.sequence import what_comes


def newest(name: str) -> Protocol:
    """Return the newest shipped version of a protocol."""
    found = [protocol for protocol in shipped().versions if protocol.id == name]
    return found[-1]


def refusing(*facts: str) -> Judge:
    """Return the house's judgement, which besides refuses these facts."""

    def judge(state: PatientState, draft: FactDraft, stamp: Stamp, given: Circumstances) -> Outcome:
        if draft.type in facts:
            return Refusal(code="not_here", title="", detail="", field="type")
        return record(state, draft, stamp, given)

    return judge


def test_there_is_a_patient_of_every_group_that_decides_and_walks_meet_the_gates_that_are_stated() -> None:
    protocol = newest("all-rez-bfm-95")
    found = list(patients(protocol))

    assert {groups["ALL_REZ_BFM_95"] for groups, _ in found} == {"S3", "S4", None}
    (s4,) = [walk(protocol, groups, state) for groups, state in found if groups["ALL_REZ_BFM_95"] == "S4"]
    assert s4.complete
    assert s4.refusals == {"individual_decision_needed"}


def test_a_cap_for_life_is_met_in_a_later_relapse_as_well() -> None:
    protocol = newest("blinatumomab-rr")
    ((groups, state),) = patients(protocol)

    walked = walk(protocol, groups, state)

    assert walked.complete
    assert walked.refusals == {"cap_reached"}
    assert walked.refusals <= {gate.code for gate in GATES_ON_FACTS}


def test_a_gate_without_its_key_is_a_trap_told_with_the_fewest_facts_that_lead_there() -> None:
    protocol = newest("blinatumomab-mrd")
    ((groups, state),) = patients(protocol)
    ways_round = ("response_assessed", "reinduction_failed")

    walked = walk(protocol, groups, state, refusing("protocol_chosen", *ways_round))
    told = [trap for trap in walked.traps if trap.startswith("nothing leads on from reinduction.recovery, where")]

    assert told[0] == (
        "nothing leads on from reinduction.recovery, where a start is refused by cap_reached; a way there: "
        "relapse_diagnosed → protocol_chosen → block_started CYCLE_1 → block_started CYCLE_2 → "
        "block_completed as_planned"
    )


def test_a_protocol_without_gates_of_its_own_is_not_walked() -> None:
    assert traps(newest("nelarabine")) == []


@pytest.mark.parametrize("name", ["all-rez-bfm-95", "cog-aall01p2", "blinatumomab-rr"])
def test_the_static_check_reads_the_sequence_as_the_machine_does(name: str) -> None:
    protocol = newest(name)
    for groups, state in patients(protocol):
        course = state.current_course
        assert set(what_comes(course, protocol, 1).elements) == nth_elements(protocol, groups, 1)
        open_after = paths(protocol, groups).follows
        for element in protocol.elements:
            code = f"{element.code}_1" if element.numbered else element.code
            block = Block(
                fact=9, element=code, attempt=1, started_on=date(2025, 1, 8), phase="x", protocol=protocol.ref
            )
            comes = set(what_comes(replace(course, blocks=(block,)), protocol, 1).elements)
            assert comes == {after for last, after in open_after if last == code} or code not in left(open_after)


def left(follows: Iterable[tuple[str, str]]) -> set[str]:
    """Return the codes after which something can come."""
    return {last for last, _ in follows}
