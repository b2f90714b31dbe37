"""Whether a protocol's elements can be gone through: each is reached, each step is possible, and nothing is a trap."""

from collections.abc import Iterator, Mapping

from workflow.protocols.checks.groups import Groups, combinations, holds, in_words
from workflow.protocols.checks.names import codes_of, elements_written, first_places, is_listed
from workflow.protocols.checks.paths import MOST_SITUATIONS, Paths, paths
from workflow.protocols.codes import number_of
from workflow.protocols.files.problems import Flaw
from workflow.protocols.model import START, Cap, Protocol


def ways_through(protocol: Protocol) -> Iterator[Flaw]:
    """Yield elements that no sequence reaches, steps that no patient can take, and elements that caps make a trap.

    Looked at for every patient that the protocol's conditions tell apart. Unknown names are another check's.
    """
    if not protocol.sequence or not all(is_listed(protocol, code) for _, code in elements_written(protocol)):
        return
    found = all_ways(protocol)
    if found is None:
        message = f"the sequence and the caps leave more than {MOST_SITUATIONS} situations open"
        yield Flaw(at=("sequence",), message=message, allowed="fewer rows or smaller caps")
        return
    yield from _unreached(protocol, [way for _, way in found])
    yield from _traps(protocol, found)
    yield from _idle_steps(protocol, found)


def all_ways(protocol: Protocol) -> list[tuple[Groups, Paths]] | None:
    """Return the ways of every patient that the protocol tells apart; None where they are too many to look at."""
    found: list[tuple[Groups, Paths]] = []
    for groups in combinations(protocol):
        way = paths(protocol, groups)
        if way.cut_off:
            return None
        found.append((groups, way))
    return found


def _unreached(protocol: Protocol, ways: list[Paths]) -> Iterator[Flaw]:
    reached = {element.code for way in ways for code in way.elements if (element := protocol.element(code))}
    for place, code in first_places(protocol):
        if code not in reached:
            leads = ", ".join(known for known in codes_of(protocol) if known in reached)
            yield Flaw(
                at=("elements", place, "code"),
                message=f"the sequence never comes to {code}; from {START} it leads to {leads} only",
                allowed=f"{code} in then of a row that is reached, or no such element",
            )


def _traps(protocol: Protocol, found: list[tuple[Groups, Paths]]) -> Iterator[Flaw]:
    for last, (groups, caps) in _ended(found).items():
        for place, row in enumerate(protocol.sequence):
            if _speaks_of(protocol, row.after, last) and (not groups or holds(row.risk, groups)):
                reasons = " and ".join(f"{cap.rule} allows {cap.most} of {', '.join(cap.elements)}" for cap in caps)
                yield Flaw(
                    at=("sequence", place, "then"),
                    message=f"{last} is a trap{in_words(groups)}: only {', '.join(row.then)} may follow, and {reasons}",
                    allowed=f"an element that no cap keeps away, or no row after {last}",
                )


def _ended(found: list[tuple[Groups, Paths]]) -> Mapping[str, tuple[Groups, tuple[Cap, ...]]]:
    """Return each element after which no step is ever possible, with the first patient for whom that is so.

    The patient is anybody where it is so for all who come to the element.
    """
    ended: dict[str, tuple[Groups, tuple[Cap, ...]]] = {}
    for groups, way in found:
        for last, caps in sorted(way.ended_by.items()):
            for_all = all(last in other.ended_by or last not in other.left_from for _, other in found)
            ended.setdefault(last, ({} if for_all else groups, caps))
    return ended


def _idle_steps(protocol: Protocol, found: list[tuple[Groups, Paths]]) -> Iterator[Flaw]:
    taken = {step for _, way in found for step in way.steps}
    trapped = set(_ended(found))
    for place, row in enumerate(protocol.sequence):
        if any(_speaks_of(protocol, row.after, last) for last in trapped):
            continue
        for number, code in enumerate(row.then):
            if (place, number) not in taken:
                yield Flaw(
                    at=("sequence", place, "then", number),
                    message=f"{code} can never come after {row.after}: nobody gets there within the caps and groups",
                    allowed=f"a step that some patient can take, from {START} on",
                )


def _speaks_of(protocol: Protocol, after: str, last: str) -> bool:
    element = protocol.element(after) if after != START else None
    return last in {after, element.code if element else after}


def numbers_within_caps(protocol: Protocol) -> Iterator[Flaw]:
    """Yield CYCLE_6 where a cap allows five: what is said of it can never be."""
    for at, code in elements_written(protocol):
        element, number = protocol.element(code), number_of(code)
        if element is None or not element.numbered or number is None:
            continue
        for cap in protocol.caps:
            if number > cap.most and protocol.is_one_of(code, cap.elements):
                message = f"{code} can never be given: {cap.rule} allows {cap.most} of {', '.join(cap.elements)}"
                yield Flaw(at=at, message=message, allowed=f"{element.code}_{cap.most} or before, or a cap of more")
