"""How a fact ends, moves and opens timing windows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from workflow.domain.chart import SUSPENDED, TERMINAL
from workflow.domain.facts.fact import Fact
from workflow.domain.facts.response import MrdReported
from workflow.domain.facts.treatment import (
    BlockDeferred,
    BlockEndedWithoutCompletion,
    BlockStarted,
    ProtocolChosen,
    TreatmentIntentChanged,
)
from workflow.domain.patient import PatientState
from workflow.domain.windows import Window
from workflow.protocols.codes import id_of
from workflow.protocols.model import Expectation, Protocol, Protocols, WindowRule
from workflow.protocols.operations import OPERATIONS
from workflow.rules import operations
from workflow.rules.effects import attempt_of, stands_still_again
from workflow.rules.moved_thresholds import by_version, paused, resumed, thresholds_of
from workflow.rules.mrd_filing import course_of
from workflow.rules.window_conditions import (
    BLOCK_STARTED,
    Anchor,
    anchor_of,
    awaits_start_of,
    is_gated,
    is_met_by_start,
    opens,
    waits_for_own_elements,
)

# Ends of a course or of care: no window outlives them (contract §5, domain model §4).
ALWAYS_CLOSE = frozenset({"relapse_diagnosed", "died", "lost_to_follow_up", "withdrawn"})
# Nothing is expected of a patient in these states, so what is recorded there starts no clock (domain model §2).
CLOCKS_STOP = frozenset({*SUSPENDED, *TERMINAL, "palliative"})


@dataclass(frozen=True, slots=True)
class _Turn:
    """One fact with the patient before it, and after it with the windows of before."""

    before: PatientState
    after: PatientState
    fact: Fact
    protocols: Protocols


def advance(before: PatientState, after: PatientState, fact: Fact, protocols: Protocols) -> tuple[Window, ...]:
    """Return the patient's windows after a fact: those it ends, those it leaves or moves, and those it opens.

    `before` is the patient before the fact; `after` carries its effects and new state, with the windows of before. The
    windows of before come first, in their order.
    """
    if not before.open_windows and after.course is None:
        return before.windows
    turn = _Turn(before, after, fact, protocols)
    kept = tuple(
        window if window.end or _of_another_course(window, after, fact) else _ended(window, turn)
        for window in before.windows
    )
    if after.course is None or after.state in CLOCKS_STOP:
        return kept
    opened = _opened(turn)
    if opened:
        kept = _without_former(kept, opened, fact)
    return operations.decision_windows(after, (*kept, *opened, *operations.sample_windows(after, fact)), fact)


def as_they_stood(before: Sequence[Window], after: Sequence[Window], fact: Fact) -> tuple[Window, ...]:
    """Return the windows whose thresholds a fact has moved, as they stood from one day until that of the fact.

    `after` are the windows after the fact, those of before first. What changed within one day never stood.
    """
    return tuple(
        replace(was, ended_on=fact.occurred_on)
        for was, now in zip(before, after, strict=False)
        if now.changed_on == fact.occurred_on and (was.changed_on or was.anchor_on) < fact.occurred_on
    )


def _ended(window: Window, turn: _Turn) -> Window:
    """Return an open window after a fact; the day on which its thresholds moved is kept with it."""
    now = _after(window, turn)
    if now is window or _days(now) == _days(window):
        return now
    on = turn.fact.occurred_on
    return replace(now, changed_on=on if on > window.anchor_on else None)


def _days(window: Window) -> tuple[object, ...]:
    return (
        window.protocol,
        window.hard_min_on,
        window.earliest_on,
        window.target_on,
        window.latest_on,
        window.critical_from,
        window.paused_on,
        window.interrupted_days,
    )


def _after(window: Window, turn: _Turn) -> Window:
    if _care_or_course_ends(turn):
        return _closed(window, turn.fact)
    if window.protocol == OPERATIONS.ref:
        return operations.ended(window, turn.fact)
    if isinstance(turn.fact.data, ProtocolChosen):
        window = _by_the_version_chosen(window, turn)
    protocol = turn.protocols.named(window.protocol)
    rule = protocol.window_rule(window.rule) if protocol else None
    if window.end is not None or protocol is None or rule is None:
        return window
    return _by_its_rule(window, rule, protocol, turn)


def _by_its_rule(window: Window, rule: WindowRule, protocol: Protocol, turn: _Turn) -> Window:
    fact = turn.fact
    left = _still_expected(window, rule, protocol, turn)
    if len(left) < len(window.expects):
        if _other_attempt(turn.before, fact):
            return _closed(window, fact)
        window = replace(window, expects=left)
        return window if left else _met(window, rule, fact)
    if _closes(window, rule, protocol, turn):
        return _closed(window, fact)
    if isinstance(fact.data, BlockDeferred) and _speaks_of(window, rule, fact.data.element, protocol):
        return replace(window, review_on=fact.data.review_on)
    return _by_interruption(window, rule, turn) if rule.pauses_with_interruption else window


def _by_interruption(window: Window, rule: WindowRule, turn: _Turn) -> Window:
    """Return a window as therapy stands still or goes on with a fact."""
    fact = turn.fact
    if fact.type == "therapy_interrupted":
        return paused(window, fact.occurred_on)
    # A start tells that therapy goes on as well.
    if fact.type not in {"therapy_resumed", BLOCK_STARTED}:
        return window
    goes_on = resumed(window, rule, fact.occurred_on)
    if fact.type == "therapy_resumed" and stands_still_again(turn.before.course, fact.occurred_on):
        return paused(goes_on, fact.occurred_on)
    return goes_on


def _closes(window: Window, rule: WindowRule, protocol: Protocol, turn: _Turn) -> bool:
    """Whether a fact that the window does not wait for ends it all the same."""
    fact, course = turn.fact, turn.after.course
    if fact.type in rule.closed_by or _ends_awaited(window, rule, protocol, turn):
        return True
    if isinstance(fact.data, BlockStarted) and (
        waits_for_own_elements(window, rule) or _waits_for_own_end(window, rule)
    ):
        return True
    return course is not None and opens(rule, anchor_of(fact, turn.before, course), course, protocol)


def _waits_for_own_end(window: Window, rule: WindowRule) -> bool:
    """Whether a window waits for the end of the block that opened it: the next start has cut that block off."""
    return rule.anchor == BLOCK_STARTED and "block_completed" in window.expects


def _by_the_version_chosen(window: Window, turn: _Turn) -> Window:
    """Return a window as the version has it that the course is moved to; the protocol of another id leaves it."""
    chosen, course = turn.protocols.pinned(turn.fact.protocol_sha), turn.after.course
    if chosen is None or course is None or chosen.ref == window.protocol or chosen.id != id_of(window.protocol):
        return window
    former = turn.protocols.named(window.protocol)
    return by_version(window, course, former, chosen) or _closed(window, turn.fact)


def _care_or_course_ends(turn: _Turn) -> bool:
    before, after, fact = turn.before, turn.after, turn.fact
    if isinstance(fact.data, TreatmentIntentChanged):
        return fact.data.intent != "curative"
    turned_palliative = after.state == "palliative" and before.state != "palliative"
    return fact.type in ALWAYS_CLOSE or turned_palliative


def _of_another_course(window: Window, after: PatientState, fact: Fact) -> bool:
    """Whether an MRD result belongs to another course than the window: it neither meets nor closes anything there.

    A window of daily work names its own sample, and is met by the result of that one wherever it is filed.
    """
    if not isinstance(fact.data, MrdReported) or window.protocol == OPERATIONS.ref:
        return False
    course = course_of(after, fact.data.sample_on)
    return course is None or course.number != window.course


def _still_expected(window: Window, rule: WindowRule, protocol: Protocol, turn: _Turn) -> tuple[str, ...]:
    met = {expected.label for expected in rule.expects if _meets(expected, window, protocol, turn)}
    return tuple(label for label in window.expects if label not in met)


def _meets(expected: Expectation, window: Window, protocol: Protocol, turn: _Turn) -> bool:
    fact = turn.fact
    if fact.type not in expected.facts:
        return False
    if isinstance(fact.data, BlockStarted):
        course = turn.before.course
        return is_met_by_start(expected, window, (fact.data.element, course.protocol if course else None), protocol)
    # Not getattr: asked for a field that it has not, a payload takes longer than all the rest of a step.
    timepoint = vars(fact.data).get("timepoint")
    return not expected.timepoints or timepoint is None or timepoint in expected.timepoints


def _other_attempt(before: PatientState, fact: Fact) -> bool:
    if not isinstance(fact.data, BlockStarted) or before.course is None:
        return False
    return attempt_of(before, fact.data) != before.course.attempt


def _ends_awaited(window: Window, rule: WindowRule, protocol: Protocol, turn: _Turn) -> bool:
    """Whether `block_ended` speaks of what the window waits for: the running block's end, else the next start."""
    data, course = turn.fact.data, turn.before.course
    if not isinstance(data, BlockEndedWithoutCompletion):
        return False
    if course is not None and course.running is not None:
        return "block_completed" in window.expects
    return _speaks_of(window, rule, data.element, protocol)


def _speaks_of(window: Window, rule: WindowRule, element: str | None, protocol: Protocol) -> bool:
    """Whether what is said of the next element is said of the one that the window waits for; None is any."""
    if BLOCK_STARTED not in window.expects:
        return False
    return element is None or awaits_start_of(window, rule, element, protocol)


def _met(window: Window, rule: WindowRule, fact: Fact) -> Window:
    # What stood still until then did so to the last day: the end is judged by the days that counted.
    window = resumed(window, rule, fact.occurred_on)
    return replace(window, end="met", ended_on=fact.occurred_on, ended_by=fact.lineage, ended_because=fact.type)


def _closed(window: Window, fact: Fact) -> Window:
    return replace(window, end="closed", ended_on=fact.occurred_on, ended_by=fact.lineage, ended_because=fact.type)


def _opened(turn: _Turn) -> tuple[Window, ...]:
    course = turn.after.current_course
    protocol = turn.protocols.pinned(course.protocol_sha)
    if protocol is None:
        return ()
    anchor = anchor_of(turn.fact, turn.before, course)
    rules = [rule for rule in protocol.windows if rule.anchor == anchor.type]
    opened = (_window(rule, anchor, course.number, protocol) for rule in rules if opens(rule, anchor, course, protocol))
    if course.interrupted_on is None:
        return tuple(opened)
    pausing = {rule.rule for rule in rules if rule.pauses_with_interruption}
    return tuple(paused(window, anchor.on) if window.rule in pausing else window for window in opened)


def _without_former(kept: Iterable[Window], opened: Sequence[Window], fact: Fact) -> tuple[Window, ...]:
    """Return the windows with those ended whose rule opens anew: of one rule, one window is open."""
    again = {window.rule for window in opened}
    return tuple(_closed(window, fact) if window.end is None and window.rule in again else window for window in kept)


def _window(rule: WindowRule, anchor: Anchor, course: int, protocol: Protocol) -> Window:
    return Window(
        rule=rule.rule,
        course=course,
        label=rule.label,
        anchor=anchor.fact,
        anchor_on=anchor.on,
        protocol=protocol.ref,
        expects=tuple(expected.label for expected in rule.expects),
        **thresholds_of(rule, anchor.on, gated=is_gated(rule, anchor, protocol)),  # type: ignore[arg-type]
    )
