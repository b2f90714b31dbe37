"""What is said with an accepted fact about classifying the relapse: an open site, colliding times, MRD in doubt."""

from collections.abc import Iterator

from workflow.domain.classification import Reason
from workflow.domain.facts.fact import FactDraft
from workflow.domain.facts.findings import RecordedFindings
from workflow.domain.facts.response import MrdReported
from workflow.domain.facts.treatment import BlockStarted, ConsolidationDecided, ProtocolChosen, RelapseDiagnosed
from workflow.domain.patient import Course, PatientState
from workflow.knowledge.classify import classify
from workflow.protocols.model import Protocols
from workflow.rules.agreement import TIMING_CONFLICT, timing_unconfirmed
from workflow.rules.classification import case_of
from workflow.rules.judgement import Caution
from workflow.rules.mrd_filing import course_of, doubt_of, results_that_count

# The gap of a relapse that is not screened everywhere, so that it may not be called isolated.
_NOT_SCREENED = "G6"
# A sample of no named time point may well be that of the relapse itself, which nobody expects to decide anything.
_AT_RELAPSE_TOO = "OTHER"


def open_site(after: PatientState, draft: FactDraft, protocols: Protocols) -> Iterator[Caution]:
    """Yield why the findings give no site, and what to examine."""
    course = after.course
    if course is None or course.classification is None or not _asks_for_site(draft, course):
        return
    for gap in course.classification.gaps:
        for reason in _reasons(after, course, protocols, about="relapse_site", rule=gap):
            yield Caution("screening_incomplete" if gap == _NOT_SCREENED else "site_needs_review", reason.text)


def timing_to_confirm(after: PatientState, draft: FactDraft, protocols: Protocols) -> Iterator[Caution]:
    """Yield that two rules of timing collide, until somebody has acknowledged it with the choice of the protocol."""
    course = after.course
    asks = isinstance(draft.data, ProtocolChosen | BlockStarted | ConsolidationDecided)
    if not asks or course is None or not timing_unconfirmed(course):
        return
    for reason in _reasons(after, course, protocols, about=f"flags.{TIMING_CONFLICT}"):
        way_out = f"a clinician records protocol_chosen with acknowledged_flags {TIMING_CONFLICT}"
        yield Caution(TIMING_CONFLICT, f"{reason.text} Once it is confirmed, {way_out}.")


def mrd_filed(after: PatientState, draft: FactDraft, _protocols: Protocols) -> Iterator[Caution]:
    """Yield where an MRD result is filed, unless that is the current course, and whether its time point is in doubt."""
    if not isinstance(draft.data, MrdReported) or after.course is None:
        return
    sample_on = draft.data.sample_on
    course = course_of(after, sample_on)
    if course is None:
        first = after.courses[0].relapse_on
        yield Caution(
            "sample_before_first_relapse",
            f"The sample of {sample_on} lies before the first relapse here, {first}: the result belongs to no course "
            "and is used for nothing. Correct sample_on if it is wrong.",
        )
        return
    if course.number != after.course.number:
        yield Caution(
            "sample_of_earlier_course",
            f"The sample of {sample_on} belongs to course {course.number} (relapse of {course.relapse_on}): the result "
            "is filed there.",
        )
    doubt = doubt_of(course, draft.data.timepoint, sample_on)
    if doubt is not None:
        yield Caution(
            "timepoint_in_doubt",
            f"{draft.data.timepoint} does not fit the blocks: {doubt}. The result is used for nothing until a "
            "clinician confirms it; correct timepoint, sample_on or the blocks if they are wrong.",
        )
    elif draft.data.timepoint != _AT_RELAPSE_TOO and draft.data not in results_that_count(course):
        yield Caution(
            "result_without_effect",
            f"The sample of {sample_on} was taken before the present attempt at a remission began: the result is "
            "filed, and no strategy looks at it.",
        )


def _asks_for_site(draft: FactDraft, course: Course) -> bool:
    if isinstance(draft.data, RelapseDiagnosed):
        return draft.data.findings is not None
    needs_review = course.classification is not None and course.classification.site == "needs_review"
    return isinstance(draft.data, RecordedFindings) and needs_review


def _reasons(
    state: PatientState, course: Course, protocols: Protocols, *, about: str, rule: str | None = None
) -> Iterator[Reason]:
    for reason in classify(case_of(state, course, protocols)).reasons:
        if reason.about == about and rule in {None, reason.rule}:
            yield reason
