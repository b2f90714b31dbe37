"""Whether worked examples go through each row of a protocol's sequence, for whom it is, and depart from it once."""

from collections.abc import Iterator, Sequence

from workflow.protocols.checks.paths import comes_after
from workflow.protocols.checks.told import Asked, Step, Told
from workflow.protocols.files.problems import Flaw, KeyPath
from workflow.protocols.model import Follows, Protocol


def sequence_shown(protocol: Protocol, stories: Sequence[Told]) -> Iterator[Flaw]:
    """Yield rows that no example follows, conditions of which it shows one side only, and a missing departure."""
    steps = [step for story in stories for step in story.steps]
    asked = [one for story in stories for one in story.asked if one.accepted]
    for place, row in enumerate(protocol.sequence):
        at: KeyPath = ("sequence", place)
        if not any(_follows(row, step, protocol) for step in steps):
            yield Flaw(
                at=(*at, "after"),
                message=f"no example goes from {row.after} to {' or '.join(row.then)}",
                allowed="a row that an example follows, among its facts or under next",
            )
        if row.risk is not None and not any(_shows_other_side(row, one, protocol) for one in asked):
            yield Flaw(
                at=(*at, "risk"),
                message=f"no example shows what comes after {row.after} outside {', '.join(row.risk.groups)}",
                allowed="a condition whose other side an example shows: a next start with warnings",
            )
    if _can_be_left(protocol) and not any(one.warned for one in asked):
        yield Flaw(
            at=("sequence",),
            message="no example departs from the sequence",
            allowed='rows of which one next start departs, with answer = "accepted", warnings = ["out_of_sequence"]',
        )


def _follows(row: Follows, step: Step, protocol: Protocol) -> bool:
    return comes_after(protocol, row, step.after) and protocol.is_one_of(step.code, row.then)


def _shows_other_side(row: Follows, one: Asked, protocol: Protocol) -> bool:
    """Whether a start is answered as the row would not answer it: named by it and warned of, or the other way round."""
    listed = protocol.element(one.step.code) is not None
    if one.warned is None or not listed or not comes_after(protocol, row, one.step.after):
        return False
    return one.warned == protocol.is_one_of(one.step.code, row.then)


def _can_be_left(protocol: Protocol) -> bool:
    """Whether some start would depart: a wrong number, or an element that a row leaves out."""
    codes = {element.code for element in protocol.elements}
    numbered = any(element.numbered for element in protocol.elements)
    return bool(protocol.sequence) and (numbered or any(set(row.then) < codes for row in protocol.sequence))
