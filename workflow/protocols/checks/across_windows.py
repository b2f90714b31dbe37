"""Whether the numbers of several timing rules can hold at once: no day is too early by one and late by another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflow.domain.windows import BLOCK_INTERVAL
from workflow.protocols.checks.groups import combinations, holds
from workflow.protocols.checks.windows import BLOCK_FACTS
from workflow.protocols.codes import family_of
from workflow.protocols.files.problems import Flaw
from workflow.protocols.model import Protocol, WindowRule
from workflow.protocols.thresholds import Threshold, thresholds

BLOCK_STARTED = "block_started"
BLOCK_COMPLETED = "block_completed"


@dataclass(frozen=True, slots=True)
class Bound:
    """One number of a rule that speaks of the next start, or of the end before it: which rule, and where it stands."""

    window: WindowRule
    place: int
    threshold: Threshold

    @property
    def from_end(self) -> bool:
        """Whether it is counted from the block's end."""
        return self.window.anchor == BLOCK_COMPLETED

    @property
    def days(self) -> tuple[int, int]:
        """The fewest and the most days that it can be."""
        return self.threshold.days

    @property
    def words(self) -> str:
        """The number with its rule, e.g. `hard_min_days = 14 of TR-041`."""
        counted = " after the end" if self.from_end else ""
        return f"{self.threshold.key} = {self.threshold.number} of {self.window.rule}{counted}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbers:
    """What the rules say of one element: how long it takes, and when the next start may and must come."""

    lengths: dict[str, Bound]
    lower: tuple[Bound, ...]
    upper: tuple[Bound, ...]


def numbers_go_together(protocol: Protocol) -> Iterator[Flaw]:
    """Yield minima of one rule that lie after the latest day of another that waits for the same start."""
    found: dict[tuple[int, str, int, str], list[str]] = {}
    for code in _codes(protocol):
        stated = _numbers(protocol, code)
        for least in stated.lower:
            for most in stated.upper:
                if least.place != most.place and _both_open(least.window, most.window, protocol):
                    said = _contradiction(least, most, stated.lengths)
                    if said is not None:
                        found.setdefault((least.place, least.threshold.key, most.place, said), []).append(code)
    for (place, key, other, said), codes in found.items():
        rules = f"{protocol.windows[place].rule} and {protocol.windows[other].rule}"
        yield Flaw(
            at=("windows", place, key),
            message=f"after {', '.join(codes)}, {said}",
            allowed=f"numbers of {rules} that go together",
        )


def _contradiction(least: Bound, most: Bound, lengths: dict[str, Bound]) -> str | None:
    """Return how whoever waits for the one is late by the other, whatever the length of the months; else None."""
    at_least, at_most = least.days[0], most.days[1]
    keeps_to = least.words
    if least.from_end and not most.from_end and (shortest := lengths.get("earliest")) is not None:
        at_least += shortest.days[0]
        keeps_to = f"{shortest.words} and {keeps_to}"
    if most.from_end and not least.from_end:
        longest = lengths.get("latest")
        if longest is None:
            return None
        at_most += longest.days[1]
    if at_least <= at_most:
        return None
    return f"whoever keeps to {keeps_to} is late by {most.window.rule}: at least {at_least} days, at most {at_most}"


def _codes(protocol: Protocol) -> tuple[str, ...]:
    """Return a start of each element, and each start that a rule names by its number."""
    named = [code for window in protocol.windows for code in window.anchor_elements if family_of(code) is not None]
    plain = [f"{element.code}_1" if element.numbered else element.code for element in protocol.elements]
    return tuple(dict.fromkeys((*plain, *(code for code in named if protocol.element(code)))))


def _numbers(protocol: Protocol, code: str) -> _Numbers:
    lengths: dict[str, Bound] = {}
    lower: list[Bound] = []
    upper: list[Bound] = []
    for place, window in enumerate(protocol.windows):
        if not _opens_on(window, code, protocol):
            continue
        bounds = [Bound(window, place, threshold) for threshold in thresholds(window)]
        if _awaits(window, BLOCK_STARTED):
            gated = protocol.is_one_of(code, window.hard_min_elements)
            lower += [one for one in bounds if one.threshold.name == "earliest"]
            lower += [one for one in bounds if one.threshold.name == "hard_min" and gated]
            upper += [one for one in bounds if one.threshold.name == "latest"]
        elif window.anchor == BLOCK_STARTED and _awaits(window, BLOCK_COMPLETED):
            lengths = {one.threshold.name: one for one in bounds} | lengths
    # No start may come before the running block's end, so how long it takes is a minimum as well.
    shortest = lengths.get("earliest")
    return _Numbers(lengths=lengths, lower=(*lower, *([shortest] if shortest else [])), upper=tuple(upper))


def _opens_on(window: WindowRule, code: str, protocol: Protocol) -> bool:
    element = protocol.element(code)
    if window.anchor not in BLOCK_FACTS:
        return False
    if window.rule == BLOCK_INTERVAL and element is not None and element.continuous_infusion:
        return False
    return not window.anchor_elements or protocol.is_one_of(code, window.anchor_elements)


def _awaits(window: WindowRule, fact: str) -> bool:
    return any(fact in expected.facts for expected in window.expects)


def _both_open(one: WindowRule, other: WindowRule, protocol: Protocol) -> bool:
    """Whether some patient has both windows after one block, and one start can meet both."""
    of_one_place = None in {one.anchor_block, other.anchor_block} or one.anchor_block == other.anchor_block
    for_both = any(holds(one.risk, groups) and holds(other.risk, groups) for groups in combinations(protocol))
    return of_one_place and for_both and _same_start(one, other)


def _same_start(one: WindowRule, other: WindowRule) -> bool:
    """Whether the starts that two rules wait for can be the same one; every start comes after a length's end."""
    if not _awaits(one, BLOCK_STARTED):
        return True
    mine, its = (
        [expected.elements for expected in window.expects if BLOCK_STARTED in expected.facts] for window in (one, other)
    )
    return any(not ours or not theirs or _overlap(ours, theirs) for ours in mine for theirs in its)


def _overlap(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    return any(
        code == other or family_of(code) == other or code == family_of(other) for code in ours for other in theirs
    )
