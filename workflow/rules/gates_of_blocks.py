"""The gates of a block start, and of its booking: too early, a cap reached, an individual decision that is missing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from workflow.domain.calendar import MINUS, arithmetic, days_between
from workflow.domain.errors import Refusal
from workflow.domain.patient import Course, PatientState
from workflow.domain.windows import Window
from workflow.protocols.model import IndividualDecision, Protocols
from workflow.rules.effects import attempt_of_gates
from workflow.rules.gate_of_caps import cap_reached
from workflow.rules.machine import possible_facts
from workflow.rules.minima import asked, on_day
from workflow.rules.planned_starts import PlannedStart, pinned
from workflow.rules.risk_groups import in_words, is_in
from workflow.rules.ways_on import BRIDGING_FIRST

_DECISION = "block_decision"


def refusals_of_start(state: PatientState, start: PlannedStart, protocols: Protocols) -> Iterator[Refusal]:
    """Yield what each gate says against a start; those that no waiting lifts come first."""
    cap = cap_reached(state, start, protocols)
    if cap is not None:
        yield cap
    for gate in (individual_decision_needed, too_early):
        refusal = gate(state, start, protocols)
        if refusal is not None:
            yield replace(refusal, detail=" ".join((refusal.detail, *_of_the_attempt(state, start))))


def _of_the_attempt(state: PatientState, start: PlannedStart) -> Iterator[str]:
    if attempt_of_gates(state, start.attempt) != start.attempt:
        yield f"Attempt {start.attempt} begins once reinduction_failed is on file."


def too_early(state: PatientState, start: PlannedStart, protocols: Protocols) -> Refusal | None:
    """Refuse a start under a hard minimum; of several that it is asked about the last earliest date counts."""
    if state.course is None:
        return None
    minima = [
        (now.hard_min_on, window, now)
        for window in asked(state, start.element, start.attempt, protocols)
        if (now := on_day(window, start.on, protocols)).hard_min_on is not None and start.on < now.hard_min_on
    ]
    if not minima:
        return None
    holds_until, window, now = max(minima, key=lambda minimum: (minimum[0], -_place(minimum[1], protocols)))
    stands_still = window.end is None and now is not window
    rule = protocols.rule_of(window.protocol, window.rule)
    return Refusal(
        code="too_early",
        title="Too early",
        detail=" ".join((_too_early_in_words(state.course, start, now, holds_until), *_why_still(window, now))),
        field="data.on" if start.booked else "occurred_on",
        rule=window.rule,
        source=rule.source if rule else None,
        arithmetic=_arithmetic(start.on, now, holds_until),
        earliest_on=None if stands_still else holds_until,
        override=start.offer,
    )


def _place(window: Window, protocols: Protocols) -> int:
    """Return where a window's rule stands in its protocol: of two with the same earliest date the first is named."""
    protocol = protocols.named(window.protocol)
    rules = [rule.rule for rule in protocol.windows] if protocol else []
    return rules.index(window.rule) if window.rule in rules else len(rules)


def _too_early_in_words(course: Course, start: PlannedStart, window: Window, holds_until: date) -> str:
    days, least = days_between(window.anchor_on, start.on), days_between(window.anchor_on, holds_until)
    uncounted = window.interrupted_days
    counted = f", {uncounted} of them interrupted" if uncounted else ""
    return (
        f"{start.called} on {start.on} would start {days} days after {_anchor_in_words(course, window)}{counted}; "
        f"at least {least - uncounted} are required{' without these' if uncounted else ''}."
    )


def _why_still(window: Window, now: Window) -> Iterator[str]:
    """Yield why the minimum still holds, where therapy stands still or something else has ended the wait."""
    if window.end is not None:
        yield f"{window.ended_because} of {window.ended_on} ended the wait for it, not the minimum."
    elif now is not window:
        yield f"Therapy stands still since {window.paused_on}, so that no day passes; record therapy_resumed."


def _arithmetic(on: date, window: Window, holds_until: date) -> str:
    days, least = days_between(window.anchor_on, on), days_between(window.anchor_on, holds_until)
    uncounted = window.interrupted_days
    if not uncounted:
        return arithmetic(on, window.anchor_on, "<", least)
    counted = f"{days - uncounted} d < {least - uncounted} d"
    return f"{on} {MINUS} {window.anchor_on} {MINUS} {uncounted} d interrupted = {counted}"


def _anchor_in_words(course: Course, window: Window) -> str:
    """Return what a window is counted from: `R1 of 2025-02-03`, `CYCLE_1 ended on 2025-02-03`."""
    started = next((block for block in course.blocks if block.fact == window.anchor), None)
    if started is not None:
        return f"{started.element} of {started.started_on}"
    ended = next((block for block in course.blocks if block.ended_by == window.anchor), None)
    return f"{ended.element} ended on {window.anchor_on}" if ended is not None else str(window.anchor_on)


def individual_decision_needed(state: PatientState, start: PlannedStart, protocols: Protocols) -> Refusal | None:
    """Refuse the next element of a patient for whom each is decided individually, until it is decided to go on."""
    protocol = pinned(state, protocols)
    stated = protocol.individual_decision if protocol else None
    if stated is None or is_in(state.current_course, stated.risk) is not True:
        return None
    said = decision_missing(state, stated, start.attempt)
    if said is None:
        return None
    return Refusal(
        code="individual_decision_needed",
        title="An individual decision is needed",
        detail=" ".join((f"{start.called} on {start.on}: {said}", *start.ask_a_clinician())),
        field="data.for" if start.booked else "type",
        rule=stated.rule,
        source=stated.source,
        override=start.offer,
    )


def decision_missing(state: PatientState, stated: IndividualDecision, attempt: int) -> str | None:
    """Return in words why the decision to go on is missing after the last element of an attempt, and what to record.

    None where it is on file, and before an attempt's first element. Whether the patient is in the group is not asked.
    """
    course = state.current_course
    given = [block for block in course.blocks if block.attempt == attempt_of_gates(state, attempt)]
    decided = course.block_decision
    if not given or (decided is not None and decided.goes_on):
        return None
    last = given[-1]
    if decided is not None:
        return (
            f"on {decided.on} it was decided not to go on after {last.element}. If that has changed, "
            f"record {_DECISION} with continue: true."
        )
    for_whom = f"in {in_words(stated.risk)} it is decided after each element whether to go on"
    if last.ended_on is None:
        return f"{for_whom}, and {last.element} is still running. Record block_completed, then {_DECISION}."
    missing = f"{for_whom}, and no decision is on file since {last.element} ended on {last.ended_on}."
    if _DECISION in possible_facts(state.state):
        return f"{missing} Record {_DECISION}."
    none = f"In state {state.state} none can be recorded"
    first = BRIDGING_FIRST.get(state.state)
    return f"{missing} {none}: {first}, then {_DECISION} on a later day." if first else f"{missing} {none} any more."
