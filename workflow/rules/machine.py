"""The only door to `transitions`: one flat machine built once from the chart's data."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from transitions import EventData, Machine, MachineError

from workflow.domain.chart import INITIAL, STATES, TRANSITIONS, Transition
from workflow.domain.facts.base import Payload
from workflow.domain.facts.treatment import (
    BlockEndedWithoutCompletion,
    ConsolidationDecided,
    HsctCancelled,
    TreatmentIntentChanged,
)

if TYPE_CHECKING:
    from workflow.domain.patient import PatientState

Guard = Callable[["PatientState", Payload, str], bool]


@dataclass(slots=True)
class Subject:
    """What one firing is about: a throw-away object that carries the state and receives the arrow taken."""

    state: str
    patient: "PatientState"
    data: Payload
    taken: Transition | None = None


def _has_course(patient: "PatientState", _data: Payload, _of: str) -> bool:
    return patient.course is not None


def _assessment_not_final(patient: "PatientState", _data: Payload, _of: str) -> bool:
    return patient.course is not None and patient.course.assessment_final is not True


def _intensive_completed(patient: "PatientState", _data: Payload, _of: str) -> bool:
    return patient.course is not None and patient.course.intensive_completed


def _local_therapy_indicated(patient: "PatientState", _data: Payload, _of: str) -> bool:
    return patient.course is not None and bool(patient.course.extramedullary)


def _ends_running_element(patient: "PatientState", data: Payload, _of: str) -> bool:
    running = patient.course.running if patient.course else None
    return (
        isinstance(data, BlockEndedWithoutCompletion)
        and running is not None
        and (data.element, data.end) == (running.element, "ceased")
    )


def _awaits(patient: "PatientState", _data: Payload, dest: str) -> bool:
    return patient.course is not None and patient.course.awaits == dest


def _decides(_patient: "PatientState", data: Payload, decision: str) -> bool:
    return isinstance(data, ConsolidationDecided) and data.decision == decision


def _next(_patient: "PatientState", data: Payload, next_step: str) -> bool:
    return isinstance(data, HsctCancelled) and data.next_ == next_step


def _decides_intent(_patient: "PatientState", data: Payload, intent: str) -> bool:
    return isinstance(data, TreatmentIntentChanged) and data.intent == intent


def _was_in(patient: "PatientState", _data: Payload, state: str) -> bool:
    return bool(patient.before) and patient.before[-1] == state


GUARDS: dict[str, Guard] = {
    "has_course": _has_course,
    "assessment_not_final": _assessment_not_final,
    "intensive_completed": _intensive_completed,
    "local_therapy_indicated": _local_therapy_indicated,
    "ends_running_element": _ends_running_element,
    "awaits": _awaits,
    "decides": _decides,
    "next": _next,
    "decides_intent": _decides_intent,
    "was_in": _was_in,
}


# Guards that look at the patient alone; the others ask what the fact itself says.
_OF_THE_PATIENT = frozenset(
    {"has_course", "assessment_not_final", "intensive_completed", "local_therapy_indicated", "awaits", "was_in"}
)


def destinations(patient: "PatientState", fact_type: str) -> tuple[str, ...]:
    """Return the states that this fact can lead to from here, depending only on what it will say."""
    found: list[str] = []
    for arrow in TRANSITIONS:
        if (arrow.fact, arrow.source) != (fact_type, patient.state):
            continue
        guards = [name.partition(":") for name in arrow.when]
        own = [GUARDS[name](patient, Payload(), of) for name, _, of in guards if name in _OF_THE_PATIENT]
        if all(own):
            found.append(arrow.dest)
            if len(own) == len(guards):
                break
    return tuple(dict.fromkeys(found))


def _condition(name: str) -> Callable[[EventData], bool]:
    guard_name, _, argument = name.partition(":")
    guard = GUARDS[guard_name]

    def holds(event: EventData) -> bool:
        subject: Any = event.model
        return guard(subject.patient, subject.data, argument)

    return holds


def _remember(arrow: Transition, event: EventData) -> None:
    subject: Any = event.model
    subject.taken = arrow


@cache
def _machine() -> Machine:
    """Build the machine: no model of its own, no automatic triggers, no queue (see decision record 0001)."""
    machine = Machine(
        model=None,
        states=list(STATES),
        initial=INITIAL,
        auto_transitions=False,
        send_event=True,
        queued=False,
    )
    for arrow in TRANSITIONS:
        machine.add_transition(
            arrow.fact,
            arrow.source,
            arrow.dest,
            conditions=[_condition(name) for name in arrow.when],
            before=partial(_remember, arrow),
        )
    return machine


def fire(patient: "PatientState", fact_type: str, data: Payload) -> Transition | None:
    """Return the arrow that this fact takes from the patient's state, or None where the chart has none."""
    event = _machine().events.get(fact_type)
    if event is None:
        return None
    subject = Subject(patient.state, patient, data)
    try:
        event.trigger(subject)
    except MachineError:
        return None
    return subject.taken


@cache
def possible_facts(state: str) -> tuple[str, ...]:
    """Return the fact types for which the chart has an arrow from this state, whatever its guards."""
    return tuple(dict.fromkeys(arrow.fact for arrow in TRANSITIONS if arrow.source == state))
