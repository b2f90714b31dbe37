"""Whether a window can be left waiting for ever, where treatment has gone on to what no longer leads to it."""

from collections.abc import Iterator, Mapping

from workflow.domain.chart import BLOCK_STATES, STATES, TRANSITIONS, Transition
from workflow.domain.windows import BLOCK_INTERVAL
from workflow.protocols.checks.meeting import NOTHING_AWAITED, closers_of
from workflow.protocols.files.problems import Flaw
from workflow.protocols.model import Expectation, Protocol, WindowRule

# By these a block interval ends besides the next start (contract §5), whatever the chart would still let follow.
ENDS_BLOCK_INTERVAL = (
    "intensive_chemotherapy_completed",
    "conditioning_started",
    "maintenance_started",
    "reinduction_failed",
)
_ENDED = "block_ended"
_START = "block_started"
_COMPLETION = "block_completed"


def block_interval_ends(protocol: Protocol) -> Iterator[Flaw]:
    """Yield what ends a block interval and does not end this protocol's."""
    for place, window in enumerate(protocol.windows):
        missing = [fact for fact in ENDS_BLOCK_INTERVAL if fact not in window.closed_by]
        if window.rule == BLOCK_INTERVAL and missing:
            yield Flaw(
                at=("windows", place, "closed_by"),
                message=f"{window.rule} would run on after {', '.join(missing)}",
                allowed=f"at least {', '.join(ENDS_BLOCK_INTERVAL)}",
            )


def windows_left_waiting(protocol: Protocol) -> Iterator[Flaw]:
    """Yield states that a patient comes to while a window waits, and from which nothing leads to what it waits for.

    A relapse is no way on: it ends every window, and begins another course.
    """
    for place, window in enumerate(protocol.windows):
        for expected in window.expects:
            came_by = _stranded(window, expected)
            for fact in sorted(set(came_by.values())):
                states = ", ".join(state for state in STATES if came_by.get(state) == fact)
                yield Flaw(
                    at=("windows", place, "closed_by"),
                    message=f"{window.rule} would wait for {' or '.join(expected.facts)} for ever: {fact} leads to "
                    f"{states}, and nothing leads back",
                    allowed=f"closed_by with {fact}, or with a fact before it",
                )


def _stranded(window: WindowRule, expected: Expectation) -> Mapping[str, str]:
    """Return the states in which a window first waits in vain, each with the fact that leads there."""
    ends = _ends(window, expected)
    kept = [
        arrow
        for arrow in TRANSITIONS
        if arrow.fact not in ends and not _ends_running(arrow, window) and arrow.dest not in NOTHING_AWAITED
    ]
    standing = _reached(window, kept)
    waits = {arrow.source for arrow in TRANSITIONS if arrow.fact in expected.facts and arrow.source in standing}
    while more := {arrow.source for arrow in kept if arrow.dest in waits and arrow.source in standing} - waits:
        waits |= more
    if not waits:
        # It can never be met at all, which is told of its expectation.
        return {}
    lost = standing - waits
    return {arrow.dest: arrow.fact for arrow in kept if arrow.source in waits and arrow.dest in lost}


def _ends(window: WindowRule, expected: Expectation) -> frozenset[str]:
    """Return the facts after which a window waits no more for one of its expectations."""
    by_any_start = bool(expected.elements) or (window.anchor == _START and _COMPLETION in _awaited(window))
    return closers_of(window) | set(expected.facts) | ({_START} if by_any_start else set())


def _ends_running(arrow: Transition, window: WindowRule) -> bool:
    """Whether an arrow ends the running block otherwise than as planned, whose end a window waits for."""
    return arrow.fact == _ENDED and arrow.source in BLOCK_STATES and _COMPLETION in _awaited(window)


def _awaited(window: WindowRule) -> frozenset[str]:
    return frozenset(fact for expected in window.expects for fact in expected.facts)


def _reached(window: WindowRule, kept: list[Transition]) -> set[str]:
    """Return the states in which a window may stand: where its anchor leads, and whatever follows without an end."""
    anchors = {window.anchor, _ENDED} if window.anchor == _COMPLETION else {window.anchor}
    frontier = {
        arrow.dest
        for arrow in TRANSITIONS
        if arrow.fact in anchors and (arrow.fact != _ENDED or arrow.source in BLOCK_STATES)
    } - NOTHING_AWAITED
    reached = set(frontier)
    while frontier:
        frontier = {arrow.dest for arrow in kept if arrow.source in frontier} - reached
        reached |= frontier
    return reached
