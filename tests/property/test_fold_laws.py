"""Laws of the fold: snapshot, replay and spans agree whatever is recorded, in whatever order (domain model §7)."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.facts import PatientFile, a_registered_patient
from tests.property.histories import a_day, a_readable_draft, a_type, histories, write_an_entry
from tests.property.naming import entered_in_order, named_by_fact
from tests.spec.chart_paths import reach
from workflow.domain.chart import STATES
from workflow.domain.facts.fact import Fact
from workflow.domain.facts.registration import Confirmed
from workflow.domain.facts.response import MrdReported
from workflow.domain.patient import Course, PatientState
from workflow.domain.windows import Window
from workflow.rules.fold import effective, fold, until
from workflow.rules.spans import state_spans, window_spans

ONE_DAY = timedelta(days=1)


class Recording(RuleBasedStateMachine):
    """Appends, backdating and corrections in any interleaving, on one patient."""

    def __init__(self) -> None:
        super().__init__()
        self.file = a_registered_patient()

    @initialize(state=st.sampled_from(sorted(STATES)))
    def begin(self, state: str) -> None:
        self.file = reach(state)

    @rule(data=st.data())
    def record(self, data: st.DataObject) -> None:
        write_an_entry(data.draw, self.file)

    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        standing = effective(self.file.facts)[1:]
        if len(standing) > 3:
            self.file.void(data.draw(st.sampled_from(standing)))

    @rule(data=st.data())
    def supersede(self, data: st.DataObject) -> None:
        standing = effective(self.file.facts)[1:]
        if standing:
            target = data.draw(st.sampled_from(standing))
            draft = a_readable_draft(data.draw, target.type, a_day(data.draw, self.file))
            if draft is not None:
                self.file.supersede(target, draft)

    @invariant()
    def the_snapshot_is_the_fold(self) -> None:
        assert self.file.state == fold(self.file.facts, self.file.protocols)

    @invariant()
    def what_was_known_then_does_not_change(self) -> None:
        for count in range(1, len(self.file.facts)):
            then = self.file.facts[:count]
            assert effective(self.file.facts, known_at=then[-1].recorded_at) == effective(then)


TestRecording = Recording.TestCase
TestRecording.settings = settings(max_examples=50, stateful_step_count=20)


def days_of_interest(file: PatientFile) -> list[date]:
    days = {fact.occurred_on for fact in file.facts}
    for window in file.state.windows:
        days |= {day for day in (window.earliest_on, window.latest_on, window.critical_from) if day is not None}
    return sorted({near for day in days for near in (day - ONE_DAY, day, day + ONE_DAY)})


def state_on(file: PatientFile, day: date) -> PatientState:
    return fold(until(file.facts, day), file.protocols)


@settings(max_examples=35)
@given(histories())
def test_the_spans_tell_for_every_day_what_the_fold_until_that_day_tells(file: PatientFile) -> None:
    spans = state_spans(file.state)
    for day in days_of_interest(file):
        holding = [span for span in spans if span.valid_from <= day and (span.valid_to is None or day < span.valid_to)]
        if day < spans[0].valid_from:
            assert holding == []
            continue
        (span,) = holding
        folded = state_on(file, day)
        assert (span.state, span.course) == (folded.state, folded.relapse_number)


def as_they_stood(state: PatientState, day: date) -> list[Window]:
    """Return each window of a day by the thresholds that it had then."""
    begun = sorted(filter(lambda window: window.stood_from <= day, window_spans(state)), key=lambda at: at.stood_from)
    return list({window.id: window for window in begun}.values())


def stands(window: Window, day: date) -> tuple[object, ...]:
    return window.status(day), window.verdict(day), window.days(day), window.days_past_latest(day), window.is_due(day)


@settings(max_examples=35)
@given(histories())
def test_every_window_stands_on_every_day_as_the_fold_until_that_day_tells(file: PatientFile) -> None:
    for day in days_of_interest(file):
        now = {window.id: stands(window, day) for window in as_they_stood(file.state, day)}
        then = {window.id: stands(window, day) for window in state_on(file, day).windows}
        assert now == then


@settings(max_examples=35)
@given(histories(), st.randoms(use_true_random=False))
def test_for_facts_that_differ_in_day_or_type_the_order_of_entry_does_not_matter(
    file: PatientFile, chance: Random
) -> None:
    facts = list({(fact.type, fact.occurred_on): fact for fact in effective(file.facts)}.values())
    shuffled = list(facts)
    chance.shuffle(shuffled)
    first, second = entered_in_order(facts, facts), entered_in_order(shuffled, facts)

    assert named_by_fact(fold(first, file.protocols), first) == named_by_fact(fold(second, file.protocols), second)


def in_first_versions(state: PatientState) -> PatientState:
    """Return the patient with every result as if nobody had ever corrected it."""

    def first(course: Course) -> Course:
        return replace(course, mrd=tuple(replace(known, version=known.fact) for known in course.mrd))

    ended = tuple(first(course) for course in state.ended_courses)
    return replace(state, course=first(state.course) if state.course else None, ended_courses=ended)


@settings(max_examples=35)
@given(histories(), st.data())
def test_a_correction_is_as_if_recorded_right_at_first(file: PatientFile, data: st.DataObject) -> None:
    standing = effective(file.facts)[1:]
    assume(standing)
    wrong: Fact = data.draw(st.sampled_from(standing))
    draft = a_readable_draft(data.draw, wrong.type, a_day(data.draw, file))
    assume(draft is not None)
    assert draft is not None
    corrected, voided = file.copy(), file.copy()
    right = corrected.supersede(wrong, draft)
    voided.void(wrong)
    others = [fact for fact in file.facts if fact.seq != wrong.seq]
    at_first = replace(right, operation="record", target_seq=None, seq=wrong.seq)
    # A result that is put right is no more what somebody confirmed before.
    confirmed = {fact.data.fact for fact in others if isinstance(fact.data, Confirmed)}
    assume(not (isinstance(wrong.data, MrdReported) and wrong.id in confirmed))

    assert in_first_versions(corrected.state) == in_first_versions(fold([*others, at_first], file.protocols))
    assert voided.state == fold(others, file.protocols)


@settings(max_examples=35)
@given(histories(), st.data())
def test_judging_again_tells_nothing_new_and_a_preview_writes_nothing(file: PatientFile, data: st.DataObject) -> None:
    draft = a_readable_draft(data.draw, a_type(data.draw, file), a_day(data.draw, file))
    assume(draft is not None)
    assert draft is not None
    facts, state = list(file.facts), file.state

    assert file.propose(draft) == file.propose(draft)
    assert (file.facts, file.state) == (facts, state)
    assert fold(file.facts, file.protocols) == state
