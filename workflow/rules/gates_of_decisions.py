"""The gates of a consolidation decision: the MRD that its strategy still needs, and a decision against the strategy."""

from workflow.domain.classification import Reason, Recommendation
from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import FactDraft
from workflow.domain.facts.treatment import ConsolidationDecided
from workflow.domain.patient import Course, PatientState
from workflow.domain.reasons import CLINICIANS_OFFER
from workflow.knowledge.classify import classify
from workflow.protocols.model import Protocols
from workflow.rules.agreement import CARRIES_OUT, agrees, recommendation_of
from workflow.rules.classification import case_of
from workflow.rules.judgement import Circumstances

FACT = "consolidation_decided"
_ASSESSED = "record response_assessed with final: true"
# What comes before a decision, in the states of the way to it that know none yet.
COMES_FIRST = {
    "relapse_diagnosed": f"A decision follows reinduction: record its blocks, then {_ASSESSED}.",
    "second_relapse": f"A decision follows reinduction: record its blocks, then {_ASSESSED}.",
    "reinduction.block": f"A decision follows the assessment: record block_completed, then {_ASSESSED}.",
    "reinduction.recovery": f"A decision follows the assessment: first {_ASSESSED}.",
}


def mrd_needed(state: PatientState, draft: FactDraft, given: Circumstances) -> Refusal | None:
    """Refuse a decision while the active strategy waits for an MRD result (the rows NEED_MRD of its table)."""
    because = mrd_awaited(state, given.protocols) if draft.type == FACT and given.recommendations else None
    if because is None:
        return None
    return Refusal(
        code="mrd_needed",
        title="MRD is needed",
        detail=f"{because.text} {_of_its_day(draft, given)}{WAYS_OUT}",
        field="type",
        rule=because.rule,
        source=because.source,
        override=CLINICIANS_OFFER,
    )


def _of_its_day(draft: FactDraft, given: Circumstances) -> str:
    """Say of a decision entered later than its day what was known then: what came after it lets nobody decide."""
    if draft.occurred_on >= given.today:
        return ""
    return (
        f"Only what was reported by the day of the decision, {draft.occurred_on}, counts for it: a result that was "
        "reported on a later day may be on file, and does not help here. "
    )


WAYS_OUT = (
    "Record mrd_reported; or mrd_not_available for this time point, if no result will come; "
    "or a clinician overrides with a coded reason."
)


def against_strategy(state: PatientState, draft: FactDraft, given: Circumstances) -> Refusal | None:
    """Refuse a decision other than the one that the active strategy recommends, until it comes with its reason."""
    course = state.course
    if not isinstance(draft.data, ConsolidationDecided) or course is None or not given.recommendations:
        return None
    recommended = recommendation_of(course)
    if recommended is None or agrees(course, draft.data.decision) is not False:
        return None
    because = recommended_because(state, course, given.protocols)
    return Refusal(
        code="against_strategy",
        title="Against the strategy",
        detail=f"The decision is {draft.data.decision}; {in_words(recommended)} is recommended by {course.strategy}: "
        f"{because.text} Correct the decision, or a clinician sends it with a coded reason.",
        field="data.decision",
        rule=because.rule,
        source=because.source,
        override=CLINICIANS_OFFER,
    )


def advised(state: PatientState, protocols: Protocols) -> str | None:
    """Return what the active strategy says of the decision, in words; None where the course has no strategy."""
    course = state.course
    recommended = recommendation_of(course) if course else None
    if course is None or recommended is None:
        return None
    because = recommended_because(state, course, protocols)
    if recommended.decision in CARRIES_OUT:
        return f"{in_words(recommended)} is recommended by {course.strategy}: {because.text}"
    return f"{course.strategy} says {recommended.decision or 'nothing'}: {because.text}"


def in_words(recommended: Recommendation) -> str:
    """Return a decision with what it is conditional on."""
    condition = f", conditional on {recommended.conditional_on}," if recommended.conditional_on else ""
    return f"{recommended.decision}{condition}"


def mrd_awaited(state: PatientState, protocols: Protocols) -> Reason | None:
    """Return why the active strategy cannot decide without an MRD result, or None where it waits for none."""
    course = state.course
    recommended = recommendation_of(course) if course else None
    if course is None or recommended is None or recommended.decision != "NEED_MRD":
        return None
    return recommended_because(state, course, protocols)


def recommended_because(state: PatientState, course: Course, protocols: Protocols) -> Reason:
    """Return why the active strategy says what it says; the course has one."""
    assert course.strategy is not None, "a course without a strategy is recommended nothing"
    return classify(case_of(state, course, protocols)).recommended_because[course.strategy]
