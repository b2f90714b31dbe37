"""What is said with an accepted fact about the strategy: it contradicts a decision now, or waits for something else."""

from collections.abc import Iterable, Iterator

from workflow.domain.facts.fact import Fact, FactDraft
from workflow.domain.facts.response import MrdNotAvailable
from workflow.domain.patient import Course, PatientState
from workflow.knowledge.strategies import STRATEGIES
from workflow.protocols.model import Protocols
from workflow.rules.agreement import agrees_now, recommendation_of
from workflow.rules.gates_of_decisions import FACT, in_words
from workflow.rules.judgement import Caution, Circumstances
from workflow.rules.machine import possible_facts


def decision_to_review(
    before: PatientState, after: PatientState, facts: Iterable[Fact], given: Circumstances
) -> tuple[Caution, ...]:
    """Return that the strategy contradicts the decision on file since these facts.

    A decision among `facts` was asked for its reason by the gate; one that was contradicted so before is told no more.
    """
    course = after.course
    if not given.recommendations or course is None or course.decided is None:
        return ()
    decided, recommended = course.decided, recommendation_of(course)
    if recommended is None or agrees_now(course) is not False or decided.fact in {fact.lineage for fact in facts}:
        return ()
    was = next((known for known in before.courses if known.number == course.number), None)
    if was is not None and _contradiction(was) == _contradiction(course):
        return ()
    if FACT in possible_facts(after.state):
        way_out = f"Decide anew with {FACT}, or leave it."
    else:
        way_out = f"In state {after.state} nothing is decided anew."
    return (
        Caution(
            "decision_to_review",
            f"Recommended now: {in_words(recommended).rstrip(',')} by {course.strategy}; "
            f"decided: {decided.decision} on {decided.on}. {way_out}",
        ),
    )


def _contradiction(course: Course) -> tuple[object, ...] | None:
    recommended = recommendation_of(course)
    if recommended is None or agrees_now(course) is not False:
        return None
    return course.strategy, recommended.decision, course.decision


def other_timepoint_awaited(after: PatientState, draft: FactDraft, _protocols: Protocols) -> Iterator[Caution]:
    """Yield that a result which will not come is not the one that the active strategy waits for."""
    course = after.course
    recommended = recommendation_of(course) if course else None
    if not isinstance(draft.data, MrdNotAvailable) or course is None or course.strategy is None or recommended is None:
        return
    point = STRATEGIES[course.strategy].point
    awaited = point.timepoints if point else None
    if recommended.decision != "NEED_MRD" or awaited is None or draft.data.timepoint in awaited:
        return
    yield Caution(
        "other_timepoint_awaited",
        f"This changes nothing for {course.strategy}, which waits for {' or '.join(awaited)} and not for "
        f"{draft.data.timepoint}.",
    )
