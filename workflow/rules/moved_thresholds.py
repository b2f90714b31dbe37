"""What moves the thresholds of a window while it waits: an interruption of therapy, another version of its protocol."""

from dataclasses import replace
from datetime import date

from workflow.domain.calendar import add_days, add_months, days_between
from workflow.domain.patient import Course
from workflow.domain.windows import Window
from workflow.protocols.model import Protocol, WindowRule
from workflow.rules.window_conditions import BLOCK_STARTED, anchor_on_file, is_gated, opens

Days = dict[str, date | None]


def threshold(anchor_on: date, days: int | None, months: int | None = None) -> date | None:
    """Return the date of a threshold; calendar months win over days (domain model §4)."""
    if months is not None:
        return add_months(anchor_on, months)
    return None if days is None else add_days(anchor_on, days)


def thresholds_of(rule: WindowRule, anchor_on: date, *, gated: bool, interrupted_days: int = 0) -> Days:
    """Return the days of a window by name: the anchor's date, the rule's numbers, the days that do not count."""
    stated = {
        "hard_min_on": threshold(anchor_on, rule.hard_min_days) if gated else None,
        "earliest_on": threshold(anchor_on, rule.earliest_days),
        "target_on": threshold(anchor_on, rule.target_days, rule.target_months),
        "latest_on": threshold(anchor_on, rule.latest_days, rule.latest_months),
        "critical_from": threshold(anchor_on, rule.critical_days),
    }
    return {name: None if day is None else add_days(day, interrupted_days) for name, day in stated.items()}


def paused(window: Window, on: date) -> Window:
    """Return an open window whose clock stands still from a day on; one that stands still already is left as it is.

    What is known of it then is that it cannot end before: the minimum and the earliest day stay, nothing is late.
    """
    if window.paused_on is not None:
        return window
    return replace(window, paused_on=on, target_on=None, latest_on=None, critical_from=None)


def resumed(window: Window, rule: WindowRule, on: date) -> Window:
    """Return a window whose clock goes on from a day: later by as many days as it stood still, where it did."""
    if window.paused_on is None:
        return window
    days = window.interrupted_days + days_between(window.paused_on, on)
    gated = window.hard_min_on is not None
    moved = thresholds_of(rule, window.anchor_on, gated=gated, interrupted_days=days)
    return replace(window, paused_on=None, interrupted_days=days, **moved)  # type: ignore[arg-type]


def by_version(window: Window, course: Course, former: Protocol | None, protocol: Protocol) -> Window | None:
    """Return an open window as another version of its protocol has it; None where that has none for its anchor.

    Everything is counted anew from the anchor, and what has come in has come in. Of interruptions those count that
    the former version counted too, and the one that lasts.
    """
    was = former.window_rule(window.rule) if former else None
    rule = protocol.window_rule(window.rule)
    if rule is None:
        return None
    anchor = anchor_on_file(window, was.anchor if was else rule.anchor, course)
    if not opens(rule, anchor, course, protocol):
        return None
    asked = {expected.label for expected in was.expects} if was else set()
    labels = (expected.label for expected in rule.expects)
    left = tuple(label for label in labels if label in window.expects or label not in asked)
    if not left:
        return None
    days = window.interrupted_days if rule.pauses_with_interruption else 0
    gated = is_gated(rule, anchor, protocol)
    renewed = replace(
        window,
        label=rule.label,
        protocol=protocol.ref,
        expects=left,
        review_on=window.review_on if BLOCK_STARTED in left else None,
        paused_on=None,
        interrupted_days=days,
        **thresholds_of(rule, window.anchor_on, gated=gated, interrupted_days=days),  # type: ignore[arg-type]
    )
    since = window.paused_on or course.interrupted_on
    return paused(renewed, max(since, window.anchor_on)) if since and rule.pauses_with_interruption else renewed
