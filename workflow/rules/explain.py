"""The proof of a window: anchor, rule, protocol version, arithmetic, source and boundary convention."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from workflow.domain.calendar import MINUS, days_between
from workflow.domain.patient import Block, Course, PatientState
from workflow.domain.windows import BLOCK_INTERVAL, Verdict, Window
from workflow.protocols.model import Protocol, Protocols, WindowRule
from workflow.protocols.operations import protocol_of
from workflow.protocols.sources import citation_keys
from workflow.rules.unlisted import meant_or_elsewhere
from workflow.rules.window_conditions import is_continuous_infusion

_WINDOW_ID = re.compile(r"(\d{1,3}):([A-Z]{2}-\d{3}):f(\d{1,9})")
BOUNDARIES = (
    "Calendar dates at the patient's site, start to start, without times of day; "
    "each threshold's day is included as printed: the latest day is still on time."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a window stands as it does; `arithmetic` lines can be checked by hand."""

    window_id: str
    rule: str
    label: str
    course: int
    anchor: int
    anchor_on: date | None
    verdict: Verdict | None
    status: str | None
    why: str
    arithmetic: tuple[str, ...]
    protocol: str | None
    protocol_sha256: str | None
    source: str | None
    boundary: str
    citations: Mapping[str, str] = field(default_factory=dict)
    evidence: str | None = None
    note: str | None = None


def explain(state: PatientState, window_id: str, as_of: date, protocols: Protocols) -> Explanation | None:
    """Return the proof of one window on a day, or None where the id names neither a window nor a block start.

    For a block start whose protocol states no such rule the answer is `not_applicable`, with the reason.
    """
    window = next((known for known in state.windows if known.id == window_id), None)
    if window is not None:
        return _proof(state, window, as_of, protocols)
    return _no_window(state, window_id, protocols)


def _proof(state: PatientState, window: Window, as_of: date, protocols: Protocols) -> Explanation:
    protocol = protocol_of(window.protocol, protocols)
    rule = protocol.window_rule(window.rule) if protocol else None
    return Explanation(
        window_id=window.id,
        rule=window.rule,
        label=window.label,
        course=window.course,
        anchor=window.anchor,
        anchor_on=window.anchor_on,
        verdict=window.verdict(as_of),
        status=window.status(as_of),
        why=_why(window, as_of),
        arithmetic=(*_threshold_lines(window, rule), *_standing_lines(window, as_of)),
        protocol=window.protocol,
        protocol_sha256=protocol.sha256 if protocol else None,
        source=rule.source if rule else None,
        citations=_cited(protocol, rule),
        boundary=rule.boundary if rule and rule.boundary else BOUNDARIES,
        evidence=_evidence(state, window, rule),
        note=rule.note if rule else None,
    )


def _cited(protocol: Protocol | None, rule: WindowRule | None) -> dict[str, str]:
    """Return the titles behind the keys that a rule's source names."""
    if protocol is None or rule is None:
        return {}
    cited = citation_keys(rule.source)
    return {key: title for key, title in protocol.citations.items() if key in cited}


def _why(window: Window, as_of: date) -> str:
    status = window.status(as_of)
    days = window.days(as_of)
    if status == "met":
        verdict = window.verdict(as_of)
        return f"{window.ended_because} on {window.ended_on}, {days} days after {window.anchor_on}: {verdict}."
    if status == "closed":
        return f"Ended by {window.ended_because} on {window.ended_on} without its fact: not applicable."
    awaited = " and ".join(window.expects)
    stood = f"{awaited} awaited; {as_of} is {days} days after {window.anchor_on}: {status}."
    if window.paused_on is None:
        return stood
    return f"{stood} Therapy is interrupted since {window.paused_on}: until it goes on, no latest day is known."


def _threshold_lines(window: Window, rule: WindowRule | None) -> list[str]:
    if rule is None:
        return []
    told = (
        ("minimum", window.hard_min_on, rule.hard_min_days, None),
        ("earliest", window.earliest_on, rule.earliest_days, None),
        ("target", window.target_on, rule.target_days, rule.target_months),
        ("latest", window.latest_on, rule.latest_days, rule.latest_months),
        ("critical from", window.critical_from, rule.critical_days, None),
    )
    uncounted = f" + {window.interrupted_days} d interrupted" if window.interrupted_days else ""
    return [
        f"{name}: {window.anchor_on} + {f'{months} calendar months' if months else f'{days} d'}{uncounted} = {on}"
        for name, on, days, months in told
        # Without a number the day is a fact's own, as that of a sample is, and follows from no sum.
        if on is not None and (days is not None or months is not None)
    ]


def _standing_lines(window: Window, as_of: date) -> list[str]:
    ended = window.ended_on if window.ended_on is not None and window.ended_on <= as_of else None
    if window.end == "closed" and ended is not None:
        return []
    day = ended or as_of
    lines = [f"{day} {MINUS} {window.anchor_on} = {window.days(as_of)} d", *_counted_lines(window, day)]
    past = window.days_past_latest(as_of)
    if window.latest_on is not None and past:
        lines.append(f"{day} {MINUS} {window.latest_on} = {past} d past the latest day")
    return lines


def _counted_lines(window: Window, day: date) -> list[str]:
    """Return how many days count, where therapy was or is interrupted in between; what stands still is not counted."""
    until = window.paused_on or day
    if until == day and not window.interrupted_days:
        return []
    days = days_between(window.anchor_on, until)
    less = f" {MINUS} {window.interrupted_days} d interrupted" if window.interrupted_days else ""
    counted = days - window.interrupted_days
    return [f"{until} {MINUS} {window.anchor_on}{less} = {counted} d counted"]


def _evidence(state: PatientState, window: Window, rule: WindowRule | None) -> str | None:
    """Quote the published contrast for the interval between a course's first two blocks, and nowhere else."""
    course = _course(state, window.course)
    first = course.blocks[0].fact if course and course.blocks else None
    return rule.first_interval_evidence if rule and window.anchor == first else None


def _no_window(state: PatientState, window_id: str, protocols: Protocols) -> Explanation | None:
    named = _WINDOW_ID.fullmatch(window_id)
    course = _course(state, int(named[1])) if named else None
    if named is None or course is None:
        return None
    block = next((given for given in course.blocks if given.fact == int(named[3])), None)
    if block is None or named[2] != BLOCK_INTERVAL:
        return None
    return _not_applicable(window_id, course, block, protocols)


def _not_applicable(window_id: str, course: Course, block: Block, protocols: Protocols) -> Explanation:
    # A course may have gone on to another protocol since: what applied is what it had pinned at this start.
    ref = block.protocol or course.protocol
    protocol = protocols.named(ref) if ref else None
    return Explanation(
        window_id=window_id,
        rule=BLOCK_INTERVAL,
        label="Next block",
        course=course.number,
        anchor=block.fact,
        anchor_on=block.started_on,
        verdict="not_applicable",
        status=None,
        why=_why_none(course, block, protocol, protocols),
        arithmetic=(),
        protocol=ref,
        protocol_sha256=protocol.sha256 if protocol else None,
        source=None,
        boundary=BOUNDARIES,
    )


def _why_none(course: Course, block: Block, protocol: Protocol | None, protocols: Protocols) -> str:
    """Return why the start of a block opened no block interval."""
    if block.protocol is None and course.protocol is None:
        return "No protocol was chosen when this block started, so no interval applies."
    if block.protocol is None:
        return f"{course.protocol} was chosen after this block had started, so its interval does not apply."
    if protocol is None:
        return f"The pinned protocol {block.protocol} is not loaded here, so its interval cannot be judged."
    if is_continuous_infusion(block, protocol):
        return (
            f"{block.element} is a continuous infusion: block intervals are suspended while it runs, "
            "and the next block's start begins a new one."
        )
    if protocol.element(block.element) is None:
        elsewhere = meant_or_elsewhere(block.element, protocol, protocols, block.started_on)
        return f"{protocol.ref} does not list {block.element}, so none of its intervals applies{elsewhere}"
    if protocol.window_rule(BLOCK_INTERVAL) is not None:
        return f"The interval of {protocol.ref} is not stated for this block of this patient, and none is guessed."
    return f"{protocol.ref} stated no interval after this block: the sources give none, and none is guessed."


def _course(state: PatientState, number: int) -> Course | None:
    return next((course for course in state.courses if course.number == number), None)
