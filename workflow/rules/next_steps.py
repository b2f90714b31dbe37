"""What can be recorded next: every fact type, allowed or not, why not, from when, and what it would need."""

from dataclasses import dataclass, replace
from datetime import date

from workflow.domain.chart import ARRIVES_FOR_BLOCK, STATES
from workflow.domain.errors import Refusal
from workflow.domain.facts.base import Payload
from workflow.domain.facts.types import PAYLOADS, REGISTRATION
from workflow.domain.patient import Course, PatientState
from workflow.domain.reasons import CLINICIANS_OFFER
from workflow.domain.roles import role_needed_for
from workflow.protocols.model import Protocols
from workflow.rules.classification import reading_of
from workflow.rules.gates_of_decisions import FACT as DECISION
from workflow.rules.gates_of_decisions import WAYS_OUT, advised, mrd_awaited
from workflow.rules.machine import destinations, possible_facts
from workflow.rules.next_starts import decision_awaited, elements_next, refusal_today
from workflow.rules.ways_on import comes_first
from workflow.rules.window_conditions import BLOCK_STARTED


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """One fact type as it stands today: `needs` are the required fields of its data."""

    type: str
    allowed: bool
    needs: tuple[str, ...]
    needs_role: str
    leads_to: tuple[str, ...] = ()
    why_not: str | None = None
    earliest_on: date | None = None
    override: dict[str, object] | None = None
    elements: tuple[str, ...] = ()
    advice: str | None = None


def next_steps(
    state: PatientState, today: date, protocols: Protocols, *, recommendations: bool = True
) -> tuple[NextStep, ...]:
    """Return every fact type but the registration, in the contract's order.

    Without `recommendations` no decision is asked about its strategy, nor advised by it.
    """
    steps = (_next_step(state, name, today, protocols) for name in PAYLOADS if name != REGISTRATION)
    if not recommendations or state.course is None:
        return tuple(steps)
    return tuple(_by_strategy(step, state, protocols) if step.type == DECISION else step for step in steps)


def _by_strategy(step: NextStep, state: PatientState, protocols: Protocols) -> NextStep:
    """Return the decision with what the active strategy says: it may wait for an MRD result (a gate)."""
    awaited = mrd_awaited(state, protocols) if step.allowed else None
    if awaited is not None:
        return replace(step, allowed=False, why_not=f"{awaited.text} {WAYS_OUT}", override=CLINICIANS_OFFER)
    return replace(step, advice=advised(state, protocols) if step.allowed else step.advice)


def required_fields(model: type[Payload]) -> tuple[str, ...]:
    """Return the names, as written outside, of the fields without which a payload is refused."""
    required = [field.alias or name for name, field in model.model_fields.items() if field.is_required()]
    return (*required, *model.also_needs)


def _next_step(state: PatientState, fact_type: str, today: date, protocols: Protocols) -> NextStep:
    why_not, override, earliest_on = _why_not(state, fact_type), None, None
    refused = refusal_today(state, today, protocols) if fact_type == BLOCK_STARTED and why_not is None else None
    if refused is not None:
        why_not, override, earliest_on = _in_words(refused), refused.override, refused.earliest_on
    elif why_not is None and _relapse_asked(state, fact_type):
        why_not, override = (
            "No remission is on file: reinduction_failed rather than relapse_diagnosed?",
            CLINICIANS_OFFER,
        )
    return NextStep(
        type=fact_type,
        allowed=why_not is None,
        why_not=why_not,
        earliest_on=earliest_on,
        override=override,
        needs=required_fields(PAYLOADS[fact_type]),
        needs_role=role_needed_for(fact_type).label,
        leads_to=destinations(state, fact_type),
        elements=_elements(state, fact_type, protocols),
        advice=_advice(state, fact_type, protocols),
    )


def _why_not(state: PatientState, fact_type: str) -> str | None:
    if fact_type not in possible_facts(state.state):
        first = comes_first(state, fact_type)
        return " ".join(filter(None, (f"Not possible in state {state.state}: {STATES[state.state]}.", first)))
    if not destinations(state, fact_type):
        return "No relapse is recorded yet." if state.course is None else "Nothing in this patient's course allows it."
    if fact_type == "confirmed" and not state.unconfirmed:
        return "No fact waits for a countersignature."
    if fact_type == "delay_explained" and not any(known.days_past_latest for known in state.deviations):
        return "No window has ended late."
    return None


def _relapse_asked(state: PatientState, fact_type: str) -> bool:
    return fact_type == "relapse_diagnosed" and state.course is not None and not state.course.had_remission


def _in_words(refused: Refusal) -> str:
    if refused.earliest_on is None:
        return refused.detail
    return f"{refused.detail} It is possible from {refused.earliest_on} on, or earlier with an override."


def _elements(state: PatientState, fact_type: str, protocols: Protocols) -> tuple[str, ...]:
    running = state.course.running if state.course else None
    if fact_type == "block_ended" and running is not None:
        return (running.element,)
    return elements_next(state, protocols) if fact_type in {BLOCK_STARTED, "block_deferred", "block_ended"} else ()


def _advice(state: PatientState, fact_type: str, protocols: Protocols) -> str | None:
    course = state.course
    if course is None:
        return None
    if fact_type == BLOCK_STARTED and course.running is not None:
        return f"{course.running.element} is still running; record block_completed first, or it is closed without one."
    if fact_type == BLOCK_STARTED and course.protocol is None:
        return "No protocol is chosen; record protocol_chosen, or no timing rule applies."
    if fact_type == "block_decision":
        return decision_awaited(state, protocols)
    if fact_type == "reinduction_failed":
        return _failure(course, protocols)
    if fact_type == "confirmed" and state.unconfirmed:
        return f"Waiting for a countersignature: {', '.join(f'f{lineage}' for lineage in state.unconfirmed)}."
    if fact_type == "block_completed" and course.awaits in ARRIVES_FOR_BLOCK:
        return f"The decision taken meanwhile leads to {course.awaits}."
    return None


def _failure(course: Course, protocols: Protocols) -> str | None:
    """Return how a final assessment reads that found no remission: people record the failure, no date decides it."""
    reading = reading_of(course, protocols)
    if reading is None or reading.outcome != "no_cr" or not course.assessment_final or course.reinduction_failed:
        return None
    return next(reason.text for reason in reading.reasons if reason.about == "response.outcome")
