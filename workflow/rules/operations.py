"""The windows of daily work: an MRD result that is awaited, a decision without which the course stands still."""

from collections.abc import Sequence
from dataclasses import replace

from workflow.domain.facts.fact import Fact
from workflow.domain.facts.response import MrdNotAvailable, MrdReported, MrdSampled
from workflow.domain.patient import PatientState
from workflow.domain.windows import DECISION, MRD_RESULT, Window
from workflow.protocols.operations import OPERATIONS
from workflow.rules.mrd_filing import is_on_file

_RESULT = "mrd_reported"
_DECISION = "consolidation_decided"
# The one time point that stands for several: one of its samples says nothing about the others.
_NOT_NAMED = "OTHER"


def ended(window: Window, fact: Fact) -> Window:
    """Return an open MRD window after a fact: met by the result of its own sample or by there being none for its point.

    It is closed by another sample of its day; of a named time point also by a later sample or by the result of one.
    A window of the decision is left to `decision_windows`, which looks at everything that a decision waits for.
    """
    if window.rule != MRD_RESULT:
        return window
    data = fact.data
    if not isinstance(data, MrdSampled | MrdReported | MrdNotAvailable) or not _awaits(window, data.timepoint):
        return window
    if isinstance(data, MrdNotAvailable):
        return _at_its_end(window, fact, met=True)
    if window.earliest_on == data.sample_on:
        return _at_its_end(window, fact, met=isinstance(data, MrdReported))
    if data.timepoint != _NOT_NAMED and window.earliest_on is not None and window.earliest_on < data.sample_on:
        return _at_its_end(window, fact, met=False)
    return window


def sample_windows(after: PatientState, fact: Fact) -> tuple[Window, ...]:
    """Return the window that a sample opens: a result is possible, and counted, from the day of the sample on.

    None where the result is on file already: a sample may be documented after it.
    """
    if not isinstance(fact.data, MrdSampled) or is_on_file(after, fact.data.timepoint, fact.data.sample_on):
        return ()
    rule = OPERATIONS.window_rule(MRD_RESULT)
    assert rule is not None
    return (
        Window(
            rule=MRD_RESULT,
            course=after.current_course.number,
            label=rule.label,
            anchor=fact.lineage,
            anchor_on=fact.occurred_on,
            earliest_on=fact.data.sample_on,
            protocol=OPERATIONS.ref,
            expects=(f"{_RESULT}:{fact.data.timepoint}",),
        ),
    )


def decision_windows(after: PatientState, windows: Sequence[Window], fact: Fact) -> tuple[Window, ...]:
    """Return all windows with the one of the decision opened or ended, as the patient stands after a fact."""
    waiting = awaits_decision(after, windows)
    standing = next((window for window in windows if window.rule == DECISION and window.end is None), None)
    if standing is not None and not waiting:
        last = _at_its_end(standing, fact, met=fact.type == _DECISION)
        return tuple(last if window is standing else window for window in windows)
    if standing is None and waiting and after.course is not None:
        return (*windows, _decision(after.course.number, fact))
    return tuple(windows)


def awaits_decision(state: PatientState, windows: Sequence[Window]) -> bool:
    """Whether everything is in that a consolidation decision waits for, and the course waits for the decision."""
    course = state.course
    if state.state != "mrd_check" or course is None or not course.assessment_final or course.decision is not None:
        return False
    awaited = (label for window in windows if window.end is None for label in window.expects)
    return not any(label.startswith(_RESULT) for label in awaited)


def _decision(course: int, fact: Fact) -> Window:
    rule = OPERATIONS.window_rule(DECISION)
    assert rule is not None
    return Window(
        rule=DECISION,
        course=course,
        label=rule.label,
        anchor=fact.lineage,
        anchor_on=fact.occurred_on,
        protocol=OPERATIONS.ref,
        expects=(_DECISION,),
        target_on=fact.occurred_on,
    )


def _awaits(window: Window, timepoint: str) -> bool:
    return window.expects == (f"{_RESULT}:{timepoint}",)


def _at_its_end(window: Window, fact: Fact, *, met: bool) -> Window:
    return replace(
        window,
        expects=() if met else window.expects,
        end="met" if met else "closed",
        ended_on=fact.occurred_on,
        ended_by=fact.lineage,
        ended_because=fact.type,
    )
