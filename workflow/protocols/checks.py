"""What a protocol must satisfy beyond its shape before it is loaded: numbers in order, sources, names, coverage."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from workflow.domain.windows import BLOCK_INTERVAL
from workflow.protocols.examples import Example
from workflow.protocols.model import Protocol, WindowRule
from workflow.protocols.problems import Flaw, KeyPath, did_you_mean
from workflow.protocols.sources import source_flaws
from workflow.protocols.thresholds import threshold_flaws
from workflow.protocols.vocabulary import MRD_FACTS

Check = Callable[[Protocol], Iterator[Flaw]]
BLOCK_FACTS = ("block_started", "block_completed")


def structure_flaws(protocol: Protocol) -> list[Flaw]:
    """Return everything wrong with a protocol by itself; empty where it may be loaded."""
    return [flaw for check in CHECKS for flaw in check(protocol)]


def coverage_flaws(protocol: Protocol, examples: Sequence[Example]) -> list[Flaw]:
    """Return the timing rules that no worked example shows, as flaws of the protocol's file."""
    shown = {window.rule for example in examples for window in example.windows}
    return [
        Flaw(
            at=("windows", place, "rule"),
            message=f"no example expects a window of {window.rule}",
            allowed="a rule that an example in examples.toml lists among its windows",
        )
        for place, window in enumerate(protocol.windows)
        if window.rule not in shown
    ]


def example_flaws(protocol: Protocol, examples: Sequence[Example]) -> list[Flaw]:
    """Return what is wrong with examples before they are run: unknown rules, days after `as_of`, double names."""
    rules = [window.rule for window in protocol.windows]
    found: list[Flaw] = list(_repeated("examples", "name", [example.name for example in examples]))
    for place, example in enumerate(examples):
        at: KeyPath = ("examples", place)
        named = [((*at, "windows", number, "rule"), window.rule) for number, window in enumerate(example.windows)]
        named += [((*at, "absent", number), rule) for number, rule in enumerate(example.absent)]
        found += [
            Flaw(
                at=key,
                message=f"{rule} is not a rule of {protocol.ref}{did_you_mean(rule, rules)}",
                allowed=", ".join(rules) or "none: the protocol has no windows",
            )
            for key, rule in named
            if rule not in rules
        ]
        found += [
            Flaw(
                at=(*at, "facts", number, "occurred_on"),
                message=f"{fact.occurred_on} lies after as_of {example.as_of}, so the example does not look at it",
                allowed=f"a date up to {example.as_of}",
            )
            for number, fact in enumerate(example.facts)
            if fact.occurred_on > example.as_of
        ]
    return found


def _numbers(protocol: Protocol) -> Iterator[Flaw]:
    for place, window in enumerate(protocol.windows):
        yield from threshold_flaws(window, ("windows", place))


def _sources(protocol: Protocol) -> Iterator[Flaw]:
    sources = {
        "elements": [element.source for element in protocol.elements],
        "windows": [window.source for window in protocol.windows],
        "mrd_points": [point.source for point in protocol.mrd_points],
    }
    for table, written in sources.items():
        for place, source in enumerate(written):
            yield from source_flaws(source, (table, place, "source"), tuple(protocol.citations))
    yield from _sources_of_switches(protocol)


def _sources_of_switches(protocol: Protocol) -> Iterator[Flaw]:
    at: KeyPath = ("classification",)
    recovery = protocol.switches.recovery
    if protocol.switches_source is not None:
        yield from source_flaws(protocol.switches_source, (*at, "source"), tuple(protocol.citations))
    if recovery is not None:
        yield from source_flaws(recovery.source, (*at, "recovery", "source"), tuple(protocol.citations))


def _recovered_counts(protocol: Protocol) -> Iterator[Flaw]:
    """Both printed variants limit platelets and either leucocytes or neutrophils (002, Table 2 note 4)."""
    at: KeyPath = ("classification", "recovery")
    recovery = protocol.switches.recovery
    if recovery is None:
        return
    if (recovery.platelets_above is None) == (recovery.platelets_at_least is None):
        message = "platelets need one limit: above which number, or from which on"
        yield Flaw(at=at, message=message, allowed="platelets_above or platelets_at_least, not both")
    if recovery.wbc_above is None and recovery.anc_at_least is None:
        message = "leucocytes or neutrophils need a limit"
        yield Flaw(at=at, message=message, allowed="wbc_above, anc_at_least or both")


def _names_once(protocol: Protocol) -> Iterator[Flaw]:
    yield from _repeated("elements", "code", [element.code for element in protocol.elements])
    yield from _repeated("windows", "rule", [window.rule for window in protocol.windows])
    points = [f"{point.timepoint} {point.method or 'any method'}" for point in protocol.mrd_points]
    yield from _repeated("mrd_points", "timepoint", points)


def _repeated(table: str, key: str, names: Sequence[str]) -> Iterator[Flaw]:
    counted = Counter(names)
    for place, name in enumerate(names):
        if counted[name] > 1 and names.index(name) < place:
            yield Flaw(at=(table, place, key), message=f"{name} stands here twice", allowed="a name used once")


def _gated_elements(protocol: Protocol) -> Iterator[Flaw]:
    codes = list(dict.fromkeys(element.code for element in protocol.elements))
    for place, window in enumerate(protocol.windows):
        at: KeyPath = ("windows", place)
        if (window.hard_min_days is None) != (not window.hard_min_elements):
            message = "hard_min_days and hard_min_elements belong together: how many days, and after which elements"
            key = "hard_min_elements" if window.hard_min_days is None else "hard_min_days"
            yield Flaw(at=(*at, key), message=message, allowed=f"both or neither; elements: {', '.join(codes)}")
        for number, code in enumerate(window.hard_min_elements):
            if code not in codes:
                message = f"{code} is not an element of this protocol{did_you_mean(code, codes)}"
                yield Flaw(at=(*at, "hard_min_elements", number), message=message, allowed=", ".join(codes))
        if window.hard_min_days is not None and window.anchor != "block_started":
            yield Flaw(
                at=(*at, "hard_min_days"),
                message=f"a gate runs from a block's start, this window from {window.anchor}",
                allowed="hard_min_days only where anchor is block_started",
            )


def _elements_covered(protocol: Protocol) -> Iterator[Flaw]:
    """Every element has a window or a written reason why not (domain model §6); a start anchors it for all."""
    codes = list(dict.fromkeys(element.code for element in protocol.elements))
    covered = any(window.anchor in BLOCK_FACTS and window.anchor_block is None for window in protocol.windows)
    for code in protocol.without_window:
        if code not in codes:
            message = f"{code} is not an element of this protocol{did_you_mean(code, codes)}"
            yield Flaw(at=("without_window", code), message=message, allowed=", ".join(codes))
        elif covered:
            message = f"{code} has a window: one is anchored on every block"
            yield Flaw(at=("without_window", code), message=message, allowed="elements that no window covers")
    for place, code in enumerate(codes):
        if not covered and code not in protocol.without_window:
            yield Flaw(
                at=("elements", place, "code"),
                message=f"{code} has neither a window nor a reason why not",
                allowed=f"a window with the anchor {' or '.join(BLOCK_FACTS)}, or {code} under [without_window]",
            )


def _windows_make_sense(protocol: Protocol) -> Iterator[Flaw]:
    for place, window in enumerate(protocol.windows):
        at: KeyPath = ("windows", place)
        if window.anchor_block is not None and window.anchor not in BLOCK_FACTS:
            message = f"{window.anchor} is no block, so it has no number"
            yield Flaw(at=(*at, "anchor_block"), message=message, allowed=f"with the anchor {' or '.join(BLOCK_FACTS)}")
        yield from _expectations(window, at)
        yield from _block_interval(window, at)


def _expectations(window: WindowRule, at: KeyPath) -> Iterator[Flaw]:
    for number, expected in enumerate(window.expects):
        if expected.timepoints and not set(expected.facts) <= set(MRD_FACTS):
            yield Flaw(
                at=(*at, "expects", number, "timepoints"),
                message="time points belong to MRD facts only",
                allowed=f"with facts out of {', '.join(MRD_FACTS)}",
            )
    awaited = {fact for expected in window.expects for fact in expected.facts}
    for number, fact in enumerate(window.closed_by):
        if fact in awaited:
            message = f"{fact} is expected, so it cannot also close the window unmet"
            yield Flaw(at=(*at, "closed_by", number), message=message, allowed="facts that expects does not name")


def _block_interval(window: WindowRule, at: KeyPath) -> Iterator[Flaw]:
    if window.rule == BLOCK_INTERVAL:
        awaited = tuple(expected.facts for expected in window.expects)
        if (window.anchor, window.anchor_block, awaited) != ("block_started", None, (("block_started",),)):
            message = f"{BLOCK_INTERVAL} is the block interval: from each block's start to the next one's"
            allowed = 'anchor = "block_started" without anchor_block, expects = [{ facts = ["block_started"] }]'
            yield Flaw(at=(*at, "rule"), message=message, allowed=allowed)
    elif window.first_interval_evidence is not None:
        yield Flaw(
            at=(*at, "first_interval_evidence"),
            message="this evidence is quoted between the first and the second block only",
            allowed=f"in the window with the rule {BLOCK_INTERVAL}",
        )


CHECKS: tuple[Check, ...] = (
    _numbers,
    _sources,
    _recovered_counts,
    _names_once,
    _gated_elements,
    _elements_covered,
    _windows_make_sense,
)
