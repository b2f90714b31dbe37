"""Every way through a protocol's elements that its sequence and its caps leave open, looked at in full."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from workflow.protocols.checks.groups import Groups, holds
from workflow.protocols.checks.names import elements_written
from workflow.protocols.codes import family_of, number_of
from workflow.protocols.model import START, Cap, Follows, Protocol

# Far more than any protocol has; beyond it a protocol is told to be smaller rather than looked at for ever.
MOST_SITUATIONS = 2_000


@dataclass(frozen=True, slots=True)
class Situation:
    """After which element an attempt stands (START before the first), and what was given until then.

    `given` are the starts of each numbered element and then the starts that each cap counts, each as far as it
    matters.
    """

    last: str
    given: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """What can be reached from START: elements, steps of the sequence by row and place, and where caps leave no step.

    `follows` holds each pair of codes of which the second can come right after the first. `ended_by` names, by the code
    of each element after which nothing can come at any time, the caps that are in the way; `left_from` are all elements
    that are come to. `cut_off`: there are more situations than can be looked at.
    """

    elements: frozenset[str]
    steps: frozenset[tuple[int, int]]
    follows: frozenset[tuple[str, str]]
    ended_by: Mapping[str, tuple[Cap, ...]]
    left_from: frozenset[str]
    cut_off: bool


@dataclass(slots=True)
class _Walk:
    """One walk over all situations, breadth first."""

    protocol: Protocol
    groups: Groups
    counted: tuple[str, ...]
    steps: set[tuple[int, int]] = field(default_factory=set)
    follows: set[tuple[str, str]] = field(default_factory=set)
    goes_on: dict[str, bool] = field(default_factory=dict)
    stopped_by: dict[str, set[Cap]] = field(default_factory=dict)

    @property
    def start(self) -> Situation:
        """The beginning of an attempt: nothing was given."""
        return Situation(START, (0,) * (len(self.counted) + len(self.protocol.caps)))

    def run(self) -> Paths:
        start = self.start
        seen, frontier = {start}, {start}
        while frontier and len(seen) <= MOST_SITUATIONS:
            frontier = {after for here in frontier for after in self.onward(here)} - seen
            seen |= frontier
        ended = {last: self._caps_after(last) for last, goes_on in self.goes_on.items() if not goes_on}
        return Paths(
            elements=frozenset(situation.last for situation in seen if situation.last != START),
            steps=frozenset(self.steps),
            follows=frozenset(self.follows),
            ended_by=ended,
            left_from=frozenset(self.goes_on),
            cut_off=bool(frontier),
        )

    def _caps_after(self, last: str) -> tuple[Cap, ...]:
        return tuple(cap for cap in self.protocol.caps if cap in self.stopped_by.get(last, ()))

    def onward(self, here: Situation) -> Iterator[Situation]:
        """Yield the situations that one more start can lead to."""
        element = self.protocol.element(here.last)
        last = element.code if element else here.last
        self.goes_on.setdefault(last, False)
        for code, step in self._named_next(here):
            refused = [cap for cap in self.protocol.caps if self._refuses(cap, code, here)]
            if refused:
                self.stopped_by.setdefault(last, set()).update(refused)
                continue
            self.goes_on[last] = True
            self.follows.add((here.last, code))
            if step is not None:
                self.steps.add(step)
            yield Situation(code, tuple(self._counts(code, here)))

    def _named_next(self, here: Situation) -> Iterator[tuple[str, tuple[int, int] | None]]:
        """Yield what may come next, with the row and the place that name it; all elements where no row speaks."""
        rows = [
            (place, row)
            for place, row in enumerate(self.protocol.sequence)
            if holds(row.risk, self.groups) and comes_after(self.protocol, row, here.last)
        ]
        if not rows:
            codes = (element.code for element in self.protocol.elements)
            yield from ((next_code, None) for code in codes for next_code in self._next_of(code, here))
        for place, row in rows:
            for number, name in enumerate(row.then):
                yield from ((code, (place, number)) for code in self._next_of(name, here))

    def _next_of(self, name: str, here: Situation) -> Iterator[str]:
        """Yield the code that a start of this name would have: of a numbered element its next number."""
        element = self.protocol.element(name) or self.protocol.element(f"{name}_1")
        if element is None:
            return
        if not element.numbered:
            yield name
            return
        due = here.given[self.counted.index(element.code)] + 1
        if name == element.code or number_of(name) in {due, None}:
            yield f"{element.code}_{due}"

    def _refuses(self, cap: Cap, code: str, here: Situation) -> bool:
        if not self.protocol.is_one_of(code, cap.elements):
            return False
        return here.given[len(self.counted) + self.protocol.caps.index(cap)] >= cap.most

    def _counts(self, code: str, here: Situation) -> Iterator[int]:
        given = iter(here.given)
        for family in self.counted:
            yield min(next(given) + (family_of(code) == family), highest_number(self.protocol, family))
        for cap in self.protocol.caps:
            yield min(next(given) + self.protocol.is_one_of(code, cap.elements), cap.most)


def paths(protocol: Protocol, groups: Groups) -> Paths:
    """Return what the sequence and the caps leave open for a patient in these groups, within one attempt."""
    return _walk(protocol, groups).run()


def nth_elements(protocol: Protocol, groups: Groups, number: int) -> frozenset[str]:
    """Return the codes that the n-th start of an attempt can have, counted from 1."""
    walk = _walk(protocol, groups)
    here = {walk.start}
    for _ in range(number):
        here = {after for situation in here for after in walk.onward(situation)}
        if len(here) > MOST_SITUATIONS:
            break
    return frozenset(situation.last for situation in here)


def _walk(protocol: Protocol, groups: Groups) -> _Walk:
    return _Walk(protocol, groups, tuple(element.code for element in protocol.elements if element.numbered))


def comes_after(protocol: Protocol, row: Follows, last: str) -> bool:
    """Whether a row of the sequence speaks of what comes after this element."""
    return row.after == last if START in (row.after, last) else protocol.is_one_of(last, (row.after,))


def highest_number(protocol: Protocol, family: str) -> int:
    """Return up to which number the elements of a family need to be told apart: one more than any name has, or cap."""
    named = [number_of(code) or 0 for _, code in elements_written(protocol) if family_of(code) == family]
    capped = [cap.most for cap in protocol.caps if family in cap.elements]
    return max((*named, *capped, 1)) + 1
