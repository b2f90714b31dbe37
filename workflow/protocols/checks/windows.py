"""Whether each timing rule makes sense by itself: its anchor, its conditions, its gate, what it waits for."""

from collections.abc import Iterator

from workflow.domain.windows import BLOCK_INTERVAL
from workflow.protocols.checks.names import codes_of, first_places
from workflow.protocols.files.problems import Flaw, KeyPath, did_you_mean
from workflow.protocols.files.vocabulary import MRD_FACTS
from workflow.protocols.model import Protocol, WindowRule
from workflow.protocols.thresholds import threshold_flaws

BLOCK_FACTS = ("block_started", "block_completed")
_BLOCK_ANCHORS = f"with the anchor {' or '.join(BLOCK_FACTS)}"


def numbers(protocol: Protocol) -> Iterator[Flaw]:
    """Yield the numbers of each rule that are out of order."""
    for place, window in enumerate(protocol.windows):
        yield from threshold_flaws(window, ("windows", place))


def gated_elements(protocol: Protocol) -> Iterator[Flaw]:
    """Yield shortest intervals that belong to no element, or that run from something else than a block."""
    codes = codes_of(protocol)
    for place, window in enumerate(protocol.windows):
        at: KeyPath = ("windows", place)
        if (window.hard_min_days is None) != (not window.hard_min_elements):
            message = "hard_min_days and hard_min_elements belong together: how many days, and after which elements"
            key = "hard_min_elements" if window.hard_min_days is None else "hard_min_days"
            yield Flaw(at=(*at, key), message=message, allowed=f"both or neither; elements: {', '.join(codes)}")
        if window.hard_min_days is None:
            continue
        if window.anchor not in BLOCK_FACTS:
            yield Flaw(
                at=(*at, "hard_min_days"),
                message=f"a gate runs from a block's start or end, this window from {window.anchor}",
                allowed=f"hard_min_days only {_BLOCK_ANCHORS}",
            )
        if all("block_started" not in expected.facts for expected in window.expects):
            yield Flaw(
                at=(*at, "hard_min_days"),
                message="a gate holds back a start, and this window waits for none",
                allowed="hard_min_days only where expects names block_started",
            )


def elements_covered(protocol: Protocol) -> Iterator[Flaw]:
    """Every element has a window or a written reason why not (domain model §6); a start may anchor one for all."""
    codes = codes_of(protocol)
    covered = {code for code in codes if any(_covers(window, code, protocol) for window in protocol.windows)}
    for code in protocol.without_window:
        if code not in codes:
            message = f"{code} is not an element of this protocol{did_you_mean(code, codes)}"
            yield Flaw(at=("without_window", code), message=message, allowed=", ".join(codes))
        elif code in covered:
            message = f"{code} has a window: one is anchored on its blocks"
            yield Flaw(at=("without_window", code), message=message, allowed="elements that no window covers")
    for place, code in first_places(protocol):
        if code not in covered and code not in protocol.without_window:
            yield Flaw(
                at=("elements", place, "code"),
                message=f"{code} has neither a window nor a reason why not",
                allowed=f"a window {_BLOCK_ANCHORS}, or {code} under [without_window]",
            )


def _covers(window: WindowRule, code: str, protocol: Protocol) -> bool:
    """Whether a window opens after this element, wherever in the attempt it is given and whoever gets it."""
    if window.anchor not in BLOCK_FACTS or window.anchor_block is not None or window.risk is not None:
        return False
    element = protocol.element(code) or protocol.element(f"{code}_1")
    if window.rule == BLOCK_INTERVAL and element is not None and element.continuous_infusion:
        return False
    return not window.anchor_elements or any(code in (name, _kind(name, protocol)) for name in window.anchor_elements)


def _kind(name: str, protocol: Protocol) -> str | None:
    element = protocol.element(name)
    return element.code if element else None


def anchors(protocol: Protocol) -> Iterator[Flaw]:
    """Yield conditions of an anchor that belong to another one."""
    for place, window in enumerate(protocol.windows):
        at: KeyPath = ("windows", place)
        if window.anchor_block is not None and window.anchor not in BLOCK_FACTS:
            message = f"{window.anchor} is no block, so it has no number"
            yield Flaw(at=(*at, "anchor_block"), message=message, allowed=_BLOCK_ANCHORS)
        if window.anchor_elements and window.anchor not in BLOCK_FACTS:
            message = f"{window.anchor} is no block, so it has no element"
            yield Flaw(at=(*at, "anchor_elements"), message=message, allowed=_BLOCK_ANCHORS)
        if window.anchor_decisions and window.anchor != "consolidation_decided":
            message = f"{window.anchor} decides nothing"
            yield Flaw(at=(*at, "anchor_decisions"), message=message, allowed="with the anchor consolidation_decided")
        if window.pauses_with_interruption and not _anchored_on_an_infusion(window, protocol):
            yield Flaw(
                at=(*at, "pauses_with_interruption"),
                message="days of interruption are not counted where an infusion runs, and none runs here",
                allowed="with the anchor block_started and anchor_elements that have continuous_infusion = true",
            )


def _anchored_on_an_infusion(window: WindowRule, protocol: Protocol) -> bool:
    found = [protocol.element(code) or protocol.element(f"{code}_1") for code in window.anchor_elements]
    named = found or list(protocol.elements)
    return window.anchor == "block_started" and all(one is None or one.continuous_infusion for one in named)


def expectations(protocol: Protocol) -> Iterator[Flaw]:
    """Yield what a window cannot wait for as it is written, and closers that are awaited."""
    for place, window in enumerate(protocol.windows):
        yield from _expectations(window, ("windows", place))


def _expectations(window: WindowRule, at: KeyPath) -> Iterator[Flaw]:
    for number, expected in enumerate(window.expects):
        if expected.timepoints and not set(expected.facts) <= set(MRD_FACTS):
            yield Flaw(
                at=(*at, "expects", number, "timepoints"),
                message="time points belong to MRD facts only",
                allowed=f"with facts out of {', '.join(MRD_FACTS)}",
            )
        if expected.elements and set(expected.facts) != {"block_started"}:
            yield Flaw(
                at=(*at, "expects", number, "elements"),
                message="elements belong to a start only",
                allowed='with facts = ["block_started"]',
            )
    awaited = {fact for expected in window.expects for fact in expected.facts}
    for number, fact in enumerate(window.closed_by):
        if fact in awaited:
            message = f"{fact} is expected, so it cannot also close the window unmet"
            yield Flaw(at=(*at, "closed_by", number), message=message, allowed="facts that expects does not name")


def block_interval(protocol: Protocol) -> Iterator[Flaw]:
    """Yield a block interval that is none, and its evidence where another window quotes it."""
    for place, window in enumerate(protocol.windows):
        at: KeyPath = ("windows", place)
        if window.rule == BLOCK_INTERVAL:
            awaited = tuple((expected.facts, expected.elements) for expected in window.expects)
            from_start_to_start = ("block_started", None, ((("block_started",), ()),))
            if (window.anchor, window.anchor_block, awaited) != from_start_to_start:
                message = f"{BLOCK_INTERVAL} is the block interval: from each block's start to the next one's"
                allowed = 'anchor = "block_started" without anchor_block, expects = [{ facts = ["block_started"] }]'
                yield Flaw(at=(*at, "rule"), message=message, allowed=allowed)
        elif window.first_interval_evidence is not None:
            yield Flaw(
                at=(*at, "first_interval_evidence"),
                message="this evidence is quoted between the first and the second block only",
                allowed=f"in the window with the rule {BLOCK_INTERVAL}",
            )
