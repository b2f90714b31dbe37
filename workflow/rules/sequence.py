"""What may come next by a protocol's own sequence, and which number a numbered element has then."""

from collections.abc import Sequence
from dataclasses import dataclass

from workflow.domain.patient import Block, Course
from workflow.protocols.checks.groups import GROUPS_OF
from workflow.protocols.codes import family_of, id_of, number_of
from workflow.protocols.model import START, Element, Follows, Protocol
from workflow.rules.risk_groups import is_in


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatComes:
    """The elements that may come next, numbered ones with their number; `sources` are empty where no row speaks."""

    elements: tuple[str, ...]
    after: Block | None
    sources: tuple[str, ...]


def what_comes(course: Course, protocol: Protocol, attempt: int) -> WhatComes:
    """Return what may come next in an attempt under a protocol, whatever was given under others between its elements.

    After what no row names anything may come. Where the group is not known, the rows of every group count, and anything
    may come if they leave a group out: nothing that may be right is called a departure.
    """
    given = given_under(course, protocol, attempt)
    last = given[-1] if given else None
    rows = [row for row in protocol.sequence if _follows(row, last, protocol)]
    rows = [row for row in rows if row.risk is None or is_in(course, row.risk) is not False]
    if not any(row.risk is None or is_in(course, row.risk) for row in rows) and not _name_every_group(rows):
        rows = []
    named = [name for row in rows for name in row.then] or [element.code for element in protocol.elements]
    numbered = {element.code for element in protocol.elements if element.numbered}
    return WhatComes(
        elements=tuple(
            dict.fromkeys(next_of_kind(name, given, protocol) if name in numbered else name for name in named)
        ),
        after=last,
        sources=tuple(dict.fromkeys(row.source for row in rows)),
    )


def given_under(course: Course, protocol: Protocol, attempt: int) -> list[Block]:
    """Return the blocks of an attempt that were given under a protocol, in any of its versions."""
    return [block for block in course.blocks if block.attempt == attempt and is_under(block, protocol)]


def is_under(block: Block, protocol: Protocol) -> bool:
    """Whether a block was given under a protocol, in any of its versions."""
    return block.protocol is not None and id_of(block.protocol) == protocol.id


def code_in_words(element: Element) -> str:
    """Return how the starts of an element are called: `R1`; of a numbered one `CYCLE_1, CYCLE_2 and so on`."""
    return f"{element.code}_1, {element.code}_2 and so on" if element.numbered else element.code


def _follows(row: Follows, last: Block | None, protocol: Protocol) -> bool:
    return row.after == START if last is None else protocol.is_one_of(last.element, (row.after,))


def _name_every_group(rows: Sequence[Follows]) -> bool:
    """Whether one of these rows speaks of a patient, whichever the group is."""
    named: dict[str, set[str]] = {}
    for row in rows:
        if row.risk is not None:
            named.setdefault(row.risk.scheme, set()).update(row.risk.groups)
    return any(groups >= set(GROUPS_OF[scheme]) for scheme, groups in named.items())


def next_of_kind(family: str, given: Sequence[Block], protocol: Protocol) -> str:
    """Return the code that the next start of a numbered element has, after those that were given."""
    codes = (protocol.listed_as(block.element) for block in reversed(given))
    last = next((code for code in codes if code is not None and family_of(code) == family), None)
    number = number_of(last) if last is not None else None
    return f"{family}_{(number or 0) + 1}"
