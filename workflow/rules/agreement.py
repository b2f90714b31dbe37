"""A clinician's consolidation decision beside what the active strategy recommends: both stay visible."""

from workflow.domain.classification import Recommendation
from workflow.domain.facts.fact import Fact
from workflow.domain.patient import ConsolidationDecision, Course, DeviationKind

# Which decisions carry out what a strategy says; its other answers are nothing to disagree with.
CARRIES_OUT = {
    "HSCT": ("hsct", "bridging_then_hsct"),
    "BRIDGE_HSCT": ("bridging_then_hsct",),
    "CHEMO_MAINT": ("chemotherapy",),
}

TIMING_CONFLICT = "timing_conflict"


def timing_unconfirmed(course: Course) -> bool:
    """Whether two rules of timing collide and no clinician has confirmed which one stands (C05)."""
    found = course.classification
    return found is not None and TIMING_CONFLICT in found.flags and TIMING_CONFLICT not in course.acknowledged_flags


def recommendation_of(course: Course) -> Recommendation | None:
    """Return what the course's active strategy says as the course stands; None where none is chosen."""
    if course.classification is None or course.strategy is None:
        return None
    return course.classification.recommendation.get(course.strategy)


def carries_out(decision: str, recommended: Recommendation | None) -> bool | None:
    """Whether a decision carries out what is recommended; None where nothing is, or nothing that it could."""
    carried_out_by = CARRIES_OUT.get(recommended.decision or "") if recommended else None
    return None if carried_out_by is None else decision in carried_out_by


def agrees(course: Course, decision: str) -> bool | None:
    """Whether a decision carries out what is recommended as the course stands.

    None where nothing is; nobody is held to a class that nobody has confirmed.
    """
    return None if timing_unconfirmed(course) else carries_out(decision, recommendation_of(course))


def agrees_now(course: Course) -> bool | None:
    """Whether the decision that stands carries out what is recommended as the course stands now."""
    return agrees(course, course.decided.decision) if course.decided else None


def decision_of(course: Course, fact: Fact, decision: str) -> ConsolidationDecision:
    """Return a decision as it stands beside the recommendation of its moment."""
    recommended = recommendation_of(course)
    return ConsolidationDecision(
        fact=fact.lineage,
        on=fact.occurred_on,
        decision=decision,
        strategy=course.strategy,
        recommended=recommended,
        agrees=agrees(course, decision),
        reason=fact.override.code if fact.override else None,
    )


def departure(decided: ConsolidationDecision) -> DeviationKind | None:
    """Return how a decision departs from its strategy, so that its reason is asked for; None where it does not."""
    if decided.agrees is False:
        return "against_strategy"
    awaited = decided.recommended is not None and decided.recommended.decision == "NEED_MRD"
    return "decided_without_mrd" if awaited else None
