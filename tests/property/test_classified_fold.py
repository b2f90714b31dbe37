"""Laws of the classification inside the fold: at every step it is what the tables say of the course as it stands."""

from datetime import date

from hypothesis import given, settings

from tests.facts import PatientFile
from tests.property.histories import histories
from workflow.domain.facts.fact import Fact, fact_id
from workflow.domain.facts.registration import Confirmed
from workflow.domain.facts.response import MrdReported
from workflow.domain.patient import Course, MrdOnFile, PatientState
from workflow.knowledge.classify import classify
from workflow.rules.classification import case_of
from workflow.rules.fold import effective, replay
from workflow.rules.machine import fire
from workflow.rules.mrd_filing import doubt_of


@settings(max_examples=50)
@given(histories())
def test_at_every_step_every_course_carries_what_the_tables_say_of_it(file: PatientFile) -> None:
    for moment in replay(effective(file.facts), file.protocols):
        for course in moment.after.courses:
            asked = case_of(moment.after, course, file.protocols)
            assert course.classification == classify(asked).classification


@settings(max_examples=50)
@given(histories())
def test_an_earlier_course_changes_by_results_of_its_own_samples_alone(file: PatientFile) -> None:
    for moment in replay(effective(file.facts), file.protocols):
        for was, now in zip(moment.before.ended_courses, moment.after.ended_courses, strict=False):
            assert was == now or isinstance(moment.fact.data, MrdReported | Confirmed)


@settings(max_examples=50)
@given(histories())
def test_every_result_is_on_file_once_in_the_course_of_its_sample_or_before_all_courses(file: PatientFile) -> None:
    taken = [
        moment.fact
        for moment in replay(effective(file.facts), file.protocols)
        if isinstance(moment.fact.data, MrdReported) and fire(moment.before, moment.fact.type, moment.fact.data)
    ]
    expected = {fact.lineage: _course_of(file.state, fact) for fact in taken}
    filed = {known.fact: course.number for course in file.state.courses for known in course.mrd}
    assert filed == {lineage: number for lineage, number in expected.items() if number is not None}
    assert sum(len(course.mrd) for course in file.state.courses) == len(filed)


def _course_of(state: PatientState, fact: Fact) -> int | None:
    """Return the relapse number of the course between whose relapse and the next the sample was taken."""
    assert isinstance(fact.data, MrdReported)
    ends = [*(course.relapse_on for course in state.courses[1:]), date.max]
    for course, end in zip(state.courses, ends, strict=True):
        if course.relapse_on <= fact.data.sample_on < end:
            return course.number
    return None


@settings(max_examples=50)
@given(histories())
def test_what_is_in_doubt_waits_for_a_clinician_and_counts_for_nothing(file: PatientFile) -> None:
    confirmed = {fact.data.fact for fact in effective(file.facts) if isinstance(fact.data, Confirmed)}
    for course in file.state.courses:
        used = case_of(file.state, course, file.protocols).mrd
        assert used == tuple(known.result for known in course.mrd if known.doubt is None and _is_of_now(course, known))
        for known in course.mrd:
            expected = doubt_of(course, known.result.timepoint, known.result.sample_on)
            assert known.doubt == (None if known.confirmed else expected)
            assert (known.doubt is not None) == (known.fact in file.state.unconfirmed)
            assert known.doubt is None or fact_id(known.fact) not in confirmed


def _is_of_now(course: Course, known: MrdOnFile) -> bool:
    """Whether a sample was taken in the attempt that the course is at, and, of a point without a name, under it."""
    attempts = [block.attempt for block in course.blocks if block.started_on < known.result.sample_on]
    return (attempts or [1])[-1] == course.attempt and bool(attempts or known.result.timepoint != "OTHER")


@settings(max_examples=50)
@given(histories())
def test_a_decision_keeps_what_its_strategy_recommended_when_it_was_taken(file: PatientFile) -> None:
    for moment in replay(effective(file.facts), file.protocols):
        if (
            moment.fact.type != "consolidation_decided"
            or fire(moment.before, moment.fact.type, moment.fact.data) is None
        ):
            continue
        before, after = moment.before.current_course, moment.after.current_course
        assert after.decided is not None
        assert after.decided.recommended == _recommended(before)
        kinds = {one.kind for one in moment.after.deviations if one.fact == moment.fact.lineage}
        assert ("against_strategy" in kinds) == (after.decided.agrees is False)


def _recommended(course: Course) -> object:
    if course.strategy is None or course.classification is None:
        return None
    return course.classification.recommendation[course.strategy]
