"""When a timing rule opens a window, and which starts and ends a window waits for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from workflow.domain.facts.fact import Fact
from workflow.domain.facts.treatment import ConsolidationDecided
from workflow.domain.patient import Block, Course, PatientState
from workflow.domain.windows import BLOCK_INTERVAL, Window
from workflow.protocols.codes import id_of
from workflow.protocols.model import Expectation, Protocol, Protocols, WindowRule
from workflow.rules.risk_groups import is_in

BLOCK_STARTED = "block_started"
BLOCK_COMPLETED = "block_completed"
_OF_BLOCKS = (BLOCK_STARTED, BLOCK_COMPLETED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """What a window counts from: a fact's type, lineage and day, with the block or the decision that it tells of."""

    type: str
    fact: int
    on: date
    block: Block | None = None
    decision: str | None = None


def anchor_of(fact: Fact, before: PatientState, course: Course) -> Anchor:
    """Return a fact as an anchor; `before` is the patient before it, `course` carries its effects.

    A running block that ceases has ended like a completed one: what counts from its end counts from there.
    """
    ceases = fact.type == "block_ended" and before.course is not None and before.course.running is not None
    kind = BLOCK_COMPLETED if ceases else fact.type
    return Anchor(
        type=kind,
        fact=fact.lineage,
        on=fact.occurred_on,
        block=course.blocks[-1] if kind in _OF_BLOCKS and course.blocks else None,
        decision=fact.data.decision if isinstance(fact.data, ConsolidationDecided) else None,
    )


def anchor_on_file(window: Window, fact_type: str, course: Course) -> Anchor:
    """Return what an open window counts from, a fact of this type, as the course tells of it still."""
    ended = (block for block in course.blocks if block.ended_by == window.anchor)
    started = (block for block in course.blocks if block.fact == window.anchor)
    told = {BLOCK_STARTED: started, BLOCK_COMPLETED: ended}.get(fact_type)
    decisions = (decided.decision for decided in course.decisions if decided.fact == window.anchor)
    return Anchor(
        type=fact_type,
        fact=window.anchor,
        on=window.anchor_on,
        block=next(told, None) if told is not None else None,
        decision=next(decisions, None),
    )


def opens(rule: WindowRule, anchor: Anchor, course: Course, protocol: Protocol) -> bool:
    """Whether a rule of a protocol opens its window on this anchor.

    A rule for groups of patients opens none where the patient's group is not known. The start of a continuous infusion
    opens no block interval: while it runs, none does (domain model §4).
    """
    if rule.anchor != anchor.type:
        return False
    return (
        (rule.anchor_block is None or _is_nth_of_reinduction(anchor.block, rule.anchor_block, course))
        and (not rule.anchor_elements or _is_one_of(anchor.block, rule.anchor_elements, protocol))
        and (not rule.anchor_decisions or anchor.decision in rule.anchor_decisions)
        and (rule.risk is None or is_in(course, rule.risk) is True)
        and (not rule.local_therapy_indicated or bool(course.extramedullary))
        and not (rule.rule == BLOCK_INTERVAL and is_continuous_infusion(anchor.block, protocol))
    )


def is_gated(rule: WindowRule, anchor: Anchor, protocol: Protocol) -> bool:
    """Whether going under the rule's hard minimum after this anchor is a gate."""
    return rule.hard_min_days is not None and _is_one_of(anchor.block, rule.hard_min_elements, protocol)


def is_continuous_infusion(block: Block | None, protocol: Protocol) -> bool:
    """Whether a block is one that its protocol gives as a continuous infusion."""
    element = None if block is None else protocol.element(block.element)
    return element is not None and element.continuous_infusion


def awaited_by_start(state: PatientState, element: str, protocols: Protocols) -> tuple[Window, ...]:
    """Return the open windows that a start of this element, under the protocol that the course has pinned, would meet.

    In another attempt than the current one a start meets none of them: it closes them.
    """
    return tuple(window for window in state.open_windows if _awaits(window, element, state.course, protocols))


def awaits_start_of(window: Window, rule: WindowRule, element: str, protocol: Protocol) -> bool:
    """Whether an open window waits for a start of this element, under whichever protocol it would come."""
    return any(
        not expected.elements or protocol.is_one_of(element, expected.elements)
        for expected in _starts_awaited(window, rule)
    )


def is_met_by_start(expected: Expectation, window: Window, block: tuple[str, str | None], protocol: Protocol) -> bool:
    """Whether a start, as its element and the protocol that it comes under (id@version), is what is expected.

    Where a window names elements, they are those of its own protocol, in any version of it.
    """
    element, under = block
    if not expected.elements:
        return True
    same_protocol = under is not None and id_of(under) == id_of(window.protocol)
    return same_protocol and protocol.is_one_of(element, expected.elements)


def is_named_by(window: Window, element: str, protocol: Protocol) -> bool:
    """Whether a window of this protocol waits, or waited, for a start of this element by name."""
    rule = protocol.window_rule(window.rule)
    named = (expected.elements for expected in _starts_awaited(window, rule)) if rule else ()
    return any(elements and protocol.is_one_of(element, elements) for elements in named)


def waits_for_own_elements(window: Window, rule: WindowRule) -> bool:
    """Whether an open window waits for a start of elements that it names, so that any other start closes it."""
    return any(expected.elements for expected in _starts_awaited(window, rule))


def _awaits(window: Window, element: str, course: Course | None, protocols: Protocols) -> bool:
    protocol = protocols.named(window.protocol)
    rule = protocol.window_rule(window.rule) if protocol else None
    if course is None or protocol is None or rule is None:
        return False
    block = (element, course.protocol)
    return any(is_met_by_start(expected, window, block, protocol) for expected in _starts_awaited(window, rule))


def _starts_awaited(window: Window, rule: WindowRule) -> Iterator[Expectation]:
    return (
        expected for expected in rule.expects if BLOCK_STARTED in expected.facts and expected.label in window.expects
    )


def _is_one_of(block: Block | None, names: tuple[str, ...], protocol: Protocol) -> bool:
    return block is not None and protocol.is_one_of(block.element, names)


def _is_nth_of_reinduction(block: Block | None, number: int, course: Course) -> bool:
    if block is None or block.phase != "reinduction":
        return False
    attempt = [other for other in course.blocks if other.attempt == block.attempt]
    return attempt.index(block) + 1 == number
