"""What to record first where a fact has no step in the state that a patient is in."""

from workflow.domain.chart import BLOCK_STATES
from workflow.domain.patient import PatientState
from workflow.rules.gates_of_decisions import COMES_FIRST
from workflow.rules.gates_of_decisions import FACT as DECISION

# From here the way to the transplant takes therapy between, and what belongs to it, by a decision for bridging.
BRIDGING_FIRST = {"hsct.preparation": "record consolidation_decided with bridging_then_hsct first"}
_OF_THERAPY_BETWEEN = ("protocol_chosen", "block_decision")


def comes_first(state: PatientState, fact_type: str) -> str | None:
    """Return in a sentence how a fact becomes possible that is not possible in the patient's state, or None."""
    if fact_type == DECISION:
        return COMES_FIRST.get(state.state)
    first = BRIDGING_FIRST.get(state.state)
    if fact_type in _OF_THERAPY_BETWEEN and first is not None:
        # Of one day the decision comes after both (contract §4).
        return f"{first[0].upper()}{first[1:]}, and date {fact_type} on a later day than that."
    running = state.course.running if state.course else None
    if fact_type == "protocol_chosen" and state.state in BLOCK_STATES and running is not None:
        return (
            f"{running.element} is running since {running.started_on}. For its intervals date it on the day of the "
            "start or before; for what comes after it, record its end first, and choose on a later day."
        )
    return None
