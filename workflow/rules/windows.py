"""How a fact ends and opens timing windows."""

from dataclasses import replace
from datetime import date

from workflow.domain.calendar import add_days, add_months
from workflow.domain.chart import SUSPENDED, TERMINAL
from workflow.domain.facts.fact import Fact
from workflow.domain.facts.response import MrdReported
from workflow.domain.facts.treatment import BlockDeferred, BlockStarted, TreatmentIntentChanged
from workflow.domain.patient import PatientState
from workflow.domain.windows import BLOCK_INTERVAL, Window
from workflow.protocols.model import Expectation, Protocols, WindowRule
from workflow.protocols.operations import OPERATIONS
from workflow.rules import operations
from workflow.rules.effects import attempt_of
from workflow.rules.mrd_filing import course_of

# Ends of a course or of care: no window outlives them (contract §5, domain model §4).
ALWAYS_CLOSE = frozenset({"relapse_diagnosed", "died", "lost_to_follow_up", "withdrawn"})
# Nothing is expected of a patient in these states, so what is recorded there starts no clock (domain model §2).
CLOCKS_STOP = frozenset({*SUSPENDED, *TERMINAL, "palliative"})


def advance(before: PatientState, after: PatientState, fact: Fact, protocols: Protocols) -> tuple[Window, ...]:
    """Return the patient's windows after a fact: those it ends, those it leaves, and those it opens.

    `before` is the patient before the fact; `after` carries its effects and new state, with the windows of before.
    """
    if not before.open_windows and after.course is None:
        return before.windows
    kept = tuple(
        window
        if window.end or _of_another_course(window, after, fact)
        else _ended(window, before, after, fact, protocols)
        for window in before.windows
    )
    if after.course is None or after.state in CLOCKS_STOP:
        return kept
    opened = (*_opened(after, fact, protocols), *operations.sample_windows(after, fact))
    return operations.decision_windows(after, (*kept, *opened), fact)


def threshold(anchor_on: date, days: int | None, months: int | None = None) -> date | None:
    """Return the date of a threshold; calendar months win over days (domain model §4)."""
    if months is not None:
        return add_months(anchor_on, months)
    return None if days is None else add_days(anchor_on, days)


def _ended(window: Window, before: PatientState, after: PatientState, fact: Fact, protocols: Protocols) -> Window:
    if _care_or_course_ends(before, after, fact):
        return _closed(window, fact)
    if window.protocol == OPERATIONS.ref:
        return operations.ended(window, fact)
    protocol = protocols.named(window.protocol)
    rule = protocol.window_rule(window.rule) if protocol else None
    if rule is None:
        return window
    left = _still_expected(window, rule, fact)
    if len(left) < len(window.expects):
        if _other_attempt(before, fact):
            return _closed(window, fact)
        window = replace(window, expects=left)
        return window if left else _met(window, fact)
    if fact.type in rule.closed_by or _ends_awaited(window, before, fact) or _anchors(rule, after, fact):
        return _closed(window, fact)
    if isinstance(fact.data, BlockDeferred) and "block_started" in window.expects:
        return replace(window, review_on=fact.data.review_on)
    return window


def _care_or_course_ends(before: PatientState, after: PatientState, fact: Fact) -> bool:
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


def _still_expected(window: Window, rule: WindowRule, fact: Fact) -> tuple[str, ...]:
    met = {expectation.label for expectation in rule.expects if _meets(expectation, fact)}
    return tuple(label for label in window.expects if label not in met)


def _meets(expectation: Expectation, fact: Fact) -> bool:
    if fact.type not in expectation.facts:
        return False
    # Not getattr: asked for a field that it has not, a payload takes longer than all the rest of a step.
    timepoint = vars(fact.data).get("timepoint")
    return not expectation.timepoints or timepoint is None or timepoint in expectation.timepoints


def _other_attempt(before: PatientState, fact: Fact) -> bool:
    if not isinstance(fact.data, BlockStarted) or before.course is None:
        return False
    return attempt_of(before, fact.data) != before.course.attempt


def _ends_awaited(window: Window, before: PatientState, fact: Fact) -> bool:
    """Whether `block_ended` speaks of what the window waits for: the running block's end, else the next start."""
    if fact.type != "block_ended":
        return False
    running = before.course is not None and before.course.running is not None
    return ("block_completed" if running else "block_started") in window.expects


def _met(window: Window, fact: Fact) -> Window:
    return replace(window, end="met", ended_on=fact.occurred_on, ended_by=fact.lineage, ended_because=fact.type)


def _closed(window: Window, fact: Fact) -> Window:
    return replace(window, end="closed", ended_on=fact.occurred_on, ended_by=fact.lineage, ended_because=fact.type)


def _anchors(rule: WindowRule, after: PatientState, fact: Fact) -> bool:
    if rule.anchor != fact.type or after.course is None:
        return False
    if rule.anchor_block is None:
        return True
    attempt = [block for block in after.course.blocks if block.attempt == after.course.attempt]
    return len(attempt) == rule.anchor_block and attempt[-1].phase == "reinduction"


def _opened(after: PatientState, fact: Fact, protocols: Protocols) -> tuple[Window, ...]:
    course = after.current_course
    protocol = protocols.pinned(course.protocol_sha)
    if protocol is None:
        return ()
    return tuple(
        open_window(rule, fact, course=course.number, protocol=protocol.ref)
        for rule in protocol.windows
        if _anchors(rule, after, fact)
    )


def open_window(rule: WindowRule, anchor: Fact, *, course: int, protocol: str) -> Window:
    """Return the window that a rule opens on its anchor fact; dates are the anchor's date plus the rule's numbers."""
    on = anchor.occurred_on
    element = anchor.data.element if isinstance(anchor.data, BlockStarted) else None
    gated = rule.hard_min_days is not None and element in rule.hard_min_elements
    return Window(
        rule=rule.rule,
        course=course,
        label=rule.label,
        anchor=anchor.lineage,
        anchor_on=on,
        protocol=protocol,
        expects=tuple(expectation.label for expectation in rule.expects),
        hard_min_on=threshold(on, rule.hard_min_days) if gated else None,
        earliest_on=threshold(on, rule.earliest_days),
        target_on=threshold(on, rule.target_days, rule.target_months),
        latest_on=threshold(on, rule.latest_days, rule.latest_months),
        critical_from=threshold(on, rule.critical_days),
    )


def interval_window(state: PatientState) -> Window | None:
    """Return the open block-interval window (TR-001), if the course has one."""
    return state.open_window(BLOCK_INTERVAL)
