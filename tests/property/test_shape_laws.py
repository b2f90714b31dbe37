"""What holds of a patient after every single fact: windows, trail, running blocks and conflicts keep their shape."""

from itertools import pairwise

from hypothesis import given, settings

from tests.facts import PatientFile
from tests.property.histories import histories
from workflow.domain.chart import BLOCK_STATES, SUSPENDED
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.spans import StateSpan
from workflow.domain.windows import MRD_RESULT, Window
from workflow.rules.fold import effective, replay
from workflow.rules.machine import fire
from workflow.rules.spans import state_spans
from workflow.rules.windows import CLOCKS_STOP

PAUSED = (*SUSPENDED, "palliative")


@settings(max_examples=35)
@given(histories())
def test_a_window_ends_by_its_fact_or_by_a_recorded_end(file: PatientFile) -> None:
    facts = {fact.lineage: fact for fact in effective(file.facts)}
    for window in file.state.windows:
        assert facts[window.anchor].occurred_on == window.anchor_on
        if window.end is None:
            assert (window.ended_on, window.ended_by, window.ended_because) == (None, None, None)
            continue
        ending = facts[window.ended_by or 0]
        assert (window.ended_on, window.ended_because) == (ending.occurred_on, ending.type)
        assert ending.order > facts[window.anchor].order or ending.type == "block_completed"
        assert bool(window.expects) == (window.end == "closed")


@settings(max_examples=35)
@given(histories())
def test_of_one_rule_or_sample_at_most_one_window_is_open_and_none_while_the_clocks_stop(file: PatientFile) -> None:
    for moment in replay(effective(file.facts), file.protocols):
        waits = [_wait(window) for window in moment.after.open_windows]
        assert len(waits) == len(set(waits))
        assert not (moment.after.state in CLOCKS_STOP and waits)
    identities = [window.id for window in file.state.windows]
    assert len(identities) == len(set(identities))


def _wait(window: Window) -> tuple[object, ...]:
    """Return of what at most one window is open: a rule; of that for MRD results, a time point's sample day."""
    return (window.rule, window.expects, window.earliest_on) if window.rule == MRD_RESULT else (window.rule,)


@settings(max_examples=35)
@given(histories())
def test_an_ended_window_never_changes_again(file: PatientFile) -> None:
    for moment in replay(effective(file.facts), file.protocols):
        ended = [window for window in moment.before.windows if window.end is not None]
        after = {window.id: window for window in moment.after.windows}
        assert [after[window.id] for window in ended] == ended


@settings(max_examples=35)
@given(histories())
def test_the_trail_has_neither_gap_nor_overlap_and_ends_where_the_patient_is(file: PatientFile) -> None:
    spans = state_spans(file.state)
    for earlier, later in pairwise(spans):
        assert earlier.valid_from < later.valid_from
        assert earlier.valid_to == later.valid_from
        assert _place(earlier) != _place(later)
    assert (spans[-1].state, spans[-1].valid_to) == (file.state.state, None)
    assert spans[-1].course == file.state.relapse_number


def _place(span: StateSpan) -> tuple[str, int | None, str | None, str | None]:
    return (span.state, span.course, span.site_id, span.protocol)


@settings(max_examples=35)
@given(histories())
def test_a_block_runs_where_the_chart_says_so_and_care_resumes_only_what_was_paused(file: PatientFile) -> None:
    for moment in replay(effective(file.facts), file.protocols):
        state, course = moment.after.state, moment.after.course
        running = course is not None and course.running is not None
        assert running or state not in BLOCK_STATES
        assert not running or state in (*BLOCK_STATES, *PAUSED)
        assert (state in PAUSED) == bool(moment.after.before)
        if course is not None:
            assert all(block.ended_on is not None for block in course.blocks[:-1])
            assert course.awaits is None or running


@settings(max_examples=35)
@given(histories())
def test_a_conflict_is_counted_and_changes_nothing_else(file: PatientFile) -> None:
    conflicts = []
    for moment in replay(effective(file.facts), file.protocols):
        before, after = moment.before, moment.after
        if moment.fact.type == REGISTRATION or fire(before, moment.fact.type, moment.fact.data) is not None:
            continue
        conflicts.append(moment.fact.lineage)
        assert (after.state, after.course, after.windows) == (before.state, before.course, before.windows)
        assert (after.trail, after.deviations, after.before) == (before.trail, before.deviations, before.before)
    assert [conflict.fact for conflict in file.state.conflicts] == conflicts
