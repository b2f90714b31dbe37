"""Which elements may come next, whether one may start today, and which decision comes before it."""

from datetime import date

from workflow.domain.errors import Refusal
from workflow.domain.patient import PatientState
from workflow.protocols.model import Protocols
from workflow.rules.effects import next_attempt
from workflow.rules.gates import all_told
from workflow.rules.gates_of_blocks import decision_missing, refusals_of_start
from workflow.rules.planned_starts import PlannedStart, pinned
from workflow.rules.risk_groups import is_in
from workflow.rules.sequence import what_comes

_THE_NEXT = "The next block"


def elements_next(state: PatientState, protocols: Protocols) -> tuple[str, ...]:
    """Return what may come next by the course's protocol; nothing where none is chosen, or it is not at hand."""
    protocol = pinned(state, protocols)
    if protocol is None:
        return ()
    return what_comes(state.current_course, protocol, next_attempt(state)).elements


def refusal_today(state: PatientState, today: date, protocols: Protocols) -> Refusal | None:
    """Return why nothing that may come next can start today; None where something can.

    Where the elements differ, the answer is that of the one which can start first.
    """
    elements = elements_next(state, protocols)
    name = _THE_NEXT if len(elements) != 1 else None
    attempt = next_attempt(state)
    starts = [PlannedStart(element=element, on=today, attempt=attempt, name=name) for element in elements or (None,)]
    refused = [tuple(refusals_of_start(state, start, protocols)) for start in starts]
    if () in refused:
        return None
    return min(map(all_told, refused), key=lambda refusal: refusal.earliest_on or date.max)


def decision_awaited(state: PatientState, protocols: Protocols) -> str | None:
    """Return in words that the next element waits for an individual decision, as advice on recording one."""
    protocol = pinned(state, protocols)
    stated = protocol.individual_decision if protocol else None
    if protocol is None or stated is None:
        return None
    member = is_in(state.current_course, stated.risk)
    missing = None if member is False else decision_missing(state, stated, next_attempt(state))
    if missing is None:
        return None
    said = missing[0].upper() + missing[1:]
    unknown = f"The group of {stated.risk.scheme} is not known. If the patient is in it: {missing}"
    return f"{said if member else unknown} ({stated.rule}; {stated.source})"
