"""How many starts a protocol's sources allow, and how many are on file."""

from dataclasses import dataclass, replace

from workflow.domain.patient import Block, PatientState
from workflow.protocols.codes import number_of
from workflow.protocols.model import Cap, Protocol, Protocols
from workflow.rules.sequence import is_under


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTooMany:
    """A start beyond a cap: `number` is which one it would be, by what is on file or by its own name."""

    cap: Cap
    on_file: tuple[Block, ...]
    number: int

    @property
    def by_its_name(self) -> bool:
        """Whether it is one too many only by the number in its code."""
        return len(self.on_file) < self.cap.most


def one_too_many(state: PatientState, protocol: Protocol, element: str, *, course: int) -> OneTooMany | None:
    """Return the cap that one more start of this element under this protocol would go beyond, or None."""
    for cap in protocol.caps:
        if not _counts(cap, element, protocol):
            continue
        known = on_file(state, protocol, cap, course)
        number = max(len(known) + 1, number_of(element) or 0)
        if number > cap.most:
            return OneTooMany(cap=cap, on_file=known, number=number)
    return None


def on_file(state: PatientState, protocol: Protocol, cap: Cap, course: int) -> tuple[Block, ...]:
    """Return what a cap of a protocol has counted, the first start first.

    Counted is each start that stands in `state`, ceased ones too, under any version of the protocol, in every attempt
    and whatever lies between: in the course with this number, or in all courses where the cap is one of a life.
    """
    return tuple(
        block
        for known in state.courses
        if cap.scope == "life" or known.number == course
        for block in known.blocks
        if is_under(block, protocol) and _counts(cap, block.element, protocol)
    )


def without_start(state: PatientState, start: int) -> PatientState:
    """Return a patient without one start, a lineage, for counting the others."""
    *ended, current = (
        replace(course, blocks=tuple(block for block in course.blocks if block.fact != start))
        for course in state.courses
    )
    return replace(state, ended_courses=tuple(ended), course=current)


def counts_anew(before: PatientState, after: PatientState, start: int, protocols: Protocols) -> bool:
    """Whether a start, a lineage, counts in `after` for a cap for which it did not count in `before`."""
    for course in after.courses:
        block = next((block for block in course.blocks if block.fact == start), None)
        protocol = protocols.named(block.protocol) if block is not None and block.protocol is not None else None
        if protocol is None:
            continue
        for cap in protocol.caps:
            known = {block.fact for block in on_file(before, protocol, cap, course.number)}
            if start not in known and any(one.fact == start for one in on_file(after, protocol, cap, course.number)):
                return True
    return False


def _counts(cap: Cap, code: str, protocol: Protocol) -> bool:
    """Whether a cap counts a start: also one without a number, which is not listed and yet one more of its kind."""
    kind = protocol.kind(code)
    return protocol.is_one_of(code, cap.elements) or (kind is not None and kind.code in cap.elements)
