"""How many starts a protocol's sources allow, and how many are on file."""

from dataclasses import dataclass

from workflow.domain.patient import Block, PatientState
from workflow.protocols.model import Cap, Protocol, number_of
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


def one_too_many(
    state: PatientState, protocol: Protocol, element: str, *, course: int, but: int | None = None
) -> OneTooMany | None:
    """Return the cap that one more start of this element under this protocol would go beyond, or None.

    Counted is each start that stands in `state`, ceased ones too, under any version of the protocol, in every attempt
    and whatever lies between: in the course with this number, or in all courses where the cap is one of a life. The
    start of the lineage `but` is the one that is asked about, and is not counted.
    """
    for cap in protocol.caps:
        if not protocol.is_one_of(element, cap.elements):
            continue
        on_file = tuple(
            block
            for known in state.courses
            if cap.scope == "life" or known.number == course
            for block in known.blocks
            if block.fact != but and is_under(block, protocol) and protocol.is_one_of(block.element, cap.elements)
        )
        number = max(len(on_file) + 1, number_of(element) or 0)
        if number > cap.most:
            return OneTooMany(cap=cap, on_file=on_file, number=number)
    return None
