"""The gate of a cap, and what is said where a correction leaves more starts than a cap allows."""

from collections.abc import Collection, Iterator

from workflow.domain.errors import Refusal
from workflow.domain.patient import Block, Course, PatientState
from workflow.protocols.model import Cap, Protocol, Protocols
from workflow.rules.caps import OneTooMany, on_file, one_too_many
from workflow.rules.judgement import Caution
from workflow.rules.planned_starts import PlannedStart, pinned
from workflow.rules.sequence import what_comes
from workflow.rules.window_conditions import BLOCK_STARTED

# What a cap counts, or plans to count.
COUNTED = (BLOCK_STARTED, "appointment_booked")
_IN_SCOPE = {"course": "in one course", "life": "in a patient's life, all courses together"}


def cap_reached(state: PatientState, start: PlannedStart, protocols: Protocols) -> Refusal | None:
    """Refuse one start more than the sources allow; without an element where each that may come is one too many."""
    protocol = pinned(state, protocols)
    if protocol is None or not protocol.caps:
        return None
    course, standing = state.current_course, start.standing or state
    coming = what_comes(course, protocol, start.attempt).elements
    elements = coming if start.element is None else (start.element,)
    found = [one_too_many(standing, protocol, element, course=course.number) for element in elements]
    first = found[0] if found else None
    if first is None or None in found:
        return None
    of_this_kind = (code for code in coming if protocol.element(code) is protocol.element(elements[0]))
    fitting = (code for code in of_this_kind if one_too_many(standing, protocol, code, course=course.number) is None)
    told = (_one_too_many_in_words(start, elements[0], protocol, first), _ways_out(first, next(fitting, None)))
    counted = f"{len(first.on_file)} on file + 1 = {len(first.on_file) + 1}"
    return Refusal(
        code="cap_reached",
        title="Cap reached",
        detail=" ".join((*told, *start.ask_a_clinician())),
        field="data.for" if start.booked else "data.element",
        rule=first.cap.rule,
        source=first.cap.source,
        arithmetic=f"{f'number {first.number}' if first.by_its_name else counted} > {first.cap.most}",
        override=start.offer,
    )


def starts_beyond_caps(
    before: PatientState, after: PatientState, protocols: Protocols, changed: Collection[int]
) -> Iterator[Caution]:
    """Yield each cap beyond which starts count now that did not count for it before: they come under another protocol.

    The starts in `changed`, lineages, have been asked about themselves.
    """
    for course in after.courses:
        for protocol in _followed(course, protocols):
            for cap in protocol.caps:
                counted = on_file(after, protocol, cap, course.number)
                known = {block.fact for block in on_file(before, protocol, cap, course.number)} | set(changed)
                if len(counted) > cap.most and any(block.fact not in known for block in counted):
                    yield Caution("cap_exceeded", _beyond_in_words(protocol, cap, counted))


def _followed(course: Course, protocols: Protocols) -> list[Protocol]:
    """Return the protocols under which a course has starts, of each id the version of the latest."""
    named = (protocols.named(block.protocol) for block in course.blocks if block.protocol is not None)
    return list({protocol.id: protocol for protocol in named if protocol is not None}.values())


def _beyond_in_words(protocol: Protocol, cap: Cap, counted: tuple[Block, ...]) -> str:
    return (
        f"{len(counted)} starts of {' and '.join(cap.elements)} come under {protocol.id} now; at most {cap.most} are "
        f"stated {_IN_SCOPE[cap.scope]} ({cap.rule}; {cap.source}): {_listed(counted)}. Check which protocol each was "
        "given under."
    )


def _one_too_many_in_words(start: PlannedStart, element: str, protocol: Protocol, found: OneTooMany) -> str:
    of = " and ".join(found.cap.elements)
    name = f"{element}, by its name number {found.number}" if found.by_its_name else f"number {found.number}"
    would_be = f"{start.called} on {start.on} would be {name} of {of} under {protocol.id}"
    stated = f"at most {found.cap.most} are stated {_IN_SCOPE[found.cap.scope]}"
    return f"{would_be}; {stated}. On file: {_listed(found.on_file) or 'none'}."


def _listed(blocks: tuple[Block, ...]) -> str:
    return ", ".join(f"{block.element} of {block.started_on}" for block in blocks)


def _ways_out(found: OneTooMany, coming: str | None) -> str:
    """Return what to mend: the number where it alone is one too many, else what is on file; `coming` would be right."""
    if found.by_its_name:
        mend = "If the number is wrong, send the right one"
        mend += f": {coming} comes next" if coming else ""
    else:
        mend = "If one of these was never given, correct it"
    return (
        f"{mend}; if another protocol is followed now, record protocol_chosen first: its starts are counted by its own "
        "limit."
    )
