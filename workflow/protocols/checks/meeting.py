"""Whether each window can open, and be met before something closes it: by the chart, the sequence and the caps."""

from collections.abc import Iterator, Sequence

from workflow.domain.chart import STATES, SUSPENDED, TERMINAL, TRANSITIONS
from workflow.protocols.checks.groups import Groups, holds
from workflow.protocols.checks.names import elements_written, is_listed
from workflow.protocols.checks.paths import Paths, nth_elements
from workflow.protocols.checks.sequence import all_ways
from workflow.protocols.checks.windows import BLOCK_FACTS
from workflow.protocols.files.problems import Flaw, KeyPath
from workflow.protocols.model import Cap, Expectation, Protocol, WindowRule
from workflow.protocols.thresholds import thresholds

# No window outlives these facts, and none waits in these states (contract §5, domain model §4).
ENDS_EVERY_WINDOW = frozenset(
    {"relapse_diagnosed", "died", "lost_to_follow_up", "withdrawn", "treatment_intent_changed"}
)
NOTHING_AWAITED = frozenset({*SUSPENDED, *TERMINAL, "palliative"})


def windows_can_be_met(protocol: Protocol) -> Iterator[Flaw]:
    """Yield what a window waits for in vain: no way of the chart leads there before the window is closed."""
    for place, window in enumerate(protocol.windows):
        at: KeyPath = ("windows", place)
        standing = _states_while_open(window)
        if not standing:
            message = f"no state of the chart has {window.anchor} while a window can be open"
            yield Flaw(at=(*at, "anchor"), message=message, allowed="a fact after which the course goes on")
            continue
        possible = {arrow.fact for arrow in TRANSITIONS if arrow.source in standing}
        for number, expected in enumerate(window.expects):
            if not possible & set(expected.facts):
                yield Flaw(
                    at=(*at, "expects", number, "facts"),
                    message=_in_vain(window, expected, standing),
                    allowed=f"a fact that can come before the window is closed: {', '.join(sorted(possible))}",
                )


def _in_vain(window: WindowRule, expected: Expectation, standing: frozenset[str]) -> str:
    awaited = " or ".join(expected.facts)
    where = ", ".join(state for state in STATES if state in standing)
    closers = ", ".join(sorted(closers_of(window) - ENDS_EVERY_WINDOW))
    closed = f" before {closers} closes it" if closers else ""
    return (
        f"{window.rule} can never be met: from {window.anchor} no way leads to {awaited}{closed} (it stays in {where})"
    )


def closers_of(window: WindowRule) -> frozenset[str]:
    """Return the facts that end a window unmet: its own, those that end all, and its next anchor."""
    awaited = {fact for expected in window.expects for fact in expected.facts}
    restricted = window.anchor_elements or window.anchor_decisions or window.anchor_block is not None
    own = set() if window.anchor in awaited or restricted else {window.anchor}
    return frozenset({*ENDS_EVERY_WINDOW, *window.closed_by, *own})


def _states_while_open(window: WindowRule) -> frozenset[str]:
    """Return the states in which a window may be open: all that follow its anchor without a fact that closes it."""
    closers = closers_of(window)
    first = {arrow.dest for arrow in TRANSITIONS if arrow.fact == window.anchor}
    reached = frontier = first - NOTHING_AWAITED
    while frontier:
        onward = {arrow.dest for arrow in TRANSITIONS if arrow.source in frontier and arrow.fact not in closers}
        frontier = onward - reached - NOTHING_AWAITED
        reached = reached | frontier
    return frozenset(reached)


def starts_can_follow(protocol: Protocol) -> Iterator[Flaw]:
    """Yield anchors that no patient comes to, and starts that cannot come next where any other closes the window."""
    if not _names_are_sound(protocol):
        return
    ways = all_ways(protocol)
    if ways is None:
        return
    for place, window in enumerate(protocol.windows):
        if window.anchor in BLOCK_FACTS:
            yield from _of_blocks(window, protocol, ways, ("windows", place))


def _of_blocks(
    window: WindowRule, protocol: Protocol, ways: Sequence[tuple[Groups, Paths]], at: KeyPath
) -> Iterator[Flaw]:
    anchors = [(way, _anchors(window, protocol, groups, way)) for groups, way in ways if holds(window.risk, groups)]
    if not any(codes for _, codes in anchors):
        key = "anchor_elements" if window.anchor_block is None else "anchor_block"
        message = f"{window.rule} never opens: the sequence and the caps never come to its anchor"
        yield Flaw(at=(*at, key), message=message, allowed="an element, or a number, that some patient comes to")
        return
    follows = {code for way, codes in anchors for last, code in way.follows if last in codes}
    for number, expected in enumerate(window.expects):
        if expected.elements and not any(protocol.is_one_of(code, expected.elements) for code in follows):
            after, names = ", ".join(window.anchor_elements) or "each block", ", ".join(sorted(follows)) or "nothing"
            message = (
                f"{window.rule} can never be met: after {after} may come {names}, "
                f"and any start but {', '.join(expected.elements)} closes it"
            )
            yield Flaw(at=(*at, "expects", number, "elements"), message=message, allowed=names)


def caps_leave_nobody_late(protocol: Protocol) -> Iterator[Flaw]:
    """Yield days by which a start is late that a cap refuses: after the last CYCLE_n allowed, none is to come."""
    for place, window in enumerate(protocol.windows):
        late_by = next((one for one in thresholds(window) if one.name in {"latest", "critical"}), None)
        if late_by is None or window.anchor not in BLOCK_FACTS:
            continue
        for cap, last in _last_allowed(protocol):
            anchors = not window.anchor_elements or protocol.is_one_of(last, window.anchor_elements)
            if anchors and _awaits_only(window, cap.elements, protocol):
                message = f"after {last} {window.rule} would be late for a start that {cap.rule} refuses"
                allowed = f"anchor_elements without {last}, or no {late_by.key}"
                yield Flaw(at=("windows", place, late_by.key), message=message, allowed=allowed)


def _last_allowed(protocol: Protocol) -> Iterator[tuple[Cap, str]]:
    """Yield each cap of one numbered element with the last of its starts."""
    for cap in protocol.caps:
        element = protocol.element(f"{cap.elements[0]}_1")
        if element is not None and element.numbered and cap.elements == (element.code,):
            yield cap, f"{element.code}_{cap.most}"


def _awaits_only(window: WindowRule, elements: Sequence[str], protocol: Protocol) -> bool:
    """Whether a window waits for starts of these elements and for nothing else."""
    awaited = [code for expected in window.expects for code in expected.elements]
    return bool(awaited) and all(code in elements or protocol.is_one_of(code, elements) for code in awaited)


def _names_are_sound(protocol: Protocol) -> bool:
    return all(is_listed(protocol, code) for _, code in elements_written(protocol))


def _anchors(window: WindowRule, protocol: Protocol, groups: Groups, way: Paths) -> frozenset[str]:
    """Return the codes of the elements that can anchor a window of a patient in these groups."""
    number = window.anchor_block
    given = way.elements if number is None else nth_elements(protocol, groups, number)
    names = window.anchor_elements
    return frozenset(code for code in given if not names or protocol.is_one_of(code, names))
