"""The shape of a patient's courses: what the tables say of each relapse, and what was decided upon it."""

from workflow.domain.classification import Classified
from workflow.domain.facts.fact import fact_id
from workflow.domain.patient import ConsolidationDecision, Course, PatientState
from workflow.knowledge.classify import classify
from workflow.knowledge.response import ResponseReading
from workflow.protocols.model import Protocols
from workflow.rules.agreement import agrees_now
from workflow.rules.classification import case_of, reading_of
from workflow.services.classification_answers import (
    Shape,
    classification_shape,
    codes_shape,
    reason_shape,
    recommendation_shape,
)


def courses_shape(state: PatientState, protocols: Protocols, *, recommendations: bool) -> Shape:
    """Return the current course's classification, response and decision, and a line for every course.

    Without `recommendations` a decision stands alone, beside nothing that was recommended.
    """
    lines = lines_of_courses(state, protocols, recommendations=recommendations)
    shape: Shape = {"classification": None, "response": None, "consolidation": None, "courses": lines}
    if state.course is not None:
        shape["classification"] = classification_shape(
            classify(case_of(state, state.course, protocols)),
            recommendations=recommendations,
            acknowledged=state.course.acknowledged_flags,
        )
        reading = reading_of(state.course, protocols)
        if reading is not None:
            shape["response"] = _response(reading) | {"reasons": [reason_shape(reason) for reason in reading.reasons]}
        shape["consolidation"] = lines[-1]["consolidation"]
    return shape


def lines_of_courses(state: PatientState, protocols: Protocols, *, recommendations: bool) -> list[Shape]:
    """Return a line for every course: its codes and its decision, without the reasons."""
    return [
        _line(course, classify(case_of(state, course, protocols)), recommendations=recommendations)
        | {"response": _response(reading) if (reading := reading_of(course, protocols)) else None}
        for course in state.courses
    ]


def _line(course: Course, found: Classified, *, recommendations: bool) -> Shape:
    return {
        "relapse_number": course.number,
        "relapse_on": course.relapse_on,
        "protocol": course.protocol,
        "strategy": course.strategy,
        "classification": codes_shape(
            found.classification, recommendations=recommendations, advice_flags=found.advice_flags
        ),
        "consolidation": _decided(course, course.decided, recommendations=recommendations) if course.decided else None,
    }


def _response(reading: ResponseReading) -> Shape:
    return {
        "outcome": reading.outcome,
        "marrow": reading.marrow,
        "cns": reading.cns,
        "testis": reading.testis,
        "missing": list(reading.missing),
    }


def _decided(course: Course, decided: ConsolidationDecision, *, recommendations: bool) -> Shape:
    recommended = decided.recommended if recommendations else None
    return {
        "decision": decided.decision,
        "decided_on": decided.on,
        "fact": fact_id(decided.fact),
        "strategy": decided.strategy,
        "recommended": recommendation_shape(recommended) if recommended else None,
        "agrees": decided.agrees if recommended else None,
        "agrees_now": agrees_now(course) if recommendations else None,
        "reason": decided.reason,
    }
