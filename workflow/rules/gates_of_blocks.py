"""The gates of a block start, and of its booking: too early, a cap reached, an individual decision that is missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from workflow.domain.calendar import arithmetic, days_between
from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import FactDraft
from workflow.domain.facts.registration import AppointmentBooked
from workflow.domain.facts.treatment import BlockStarted
from workflow.domain.patient import Course, PatientState
from workflow.domain.reasons import CLINICIANS_OFFER, GIVEN_AS_ORDERED, OVERRIDE_OFFER
from workflow.domain.windows import Window
from workflow.protocols.model import IndividualDecision, Protocol, Protocols
from workflow.rules.caps import OneTooMany, one_too_many
from workflow.rules.effects import attempt_of, next_attempt
from workflow.rules.judgement import Circumstances
from workflow.rules.machine import possible_facts
from workflow.rules.risk_groups import in_words, is_in
from workflow.rules.sequence import what_comes
from workflow.rules.window_conditions import START, awaited_by_start

# What a cap counts, or plans to count.
COUNTED = (START, "appointment_booked")
_DECISION = "block_decision"
_IN_SCOPE = {"course": "in one course", "life": "in a patient's life, all courses together"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStart:
    """A start that is asked about; `element` is None where a booking names none.

    `plan`: it lies ahead or is only `booked`, so nobody has given it. `standing` is the fold of everything on file but
    this start, where that is more than what comes before it. `name` is how sentences call it, if not by its element.
    """

    element: str | None
    on: date
    attempt: int
    name: str | None = None
    plan: bool = False
    booked: bool = False
    standing: PatientState | None = None

    @property
    def called(self) -> str:
        """How a sentence names what would start."""
        return self.name or self.element or "The next block"

    @property
    def offer(self) -> dict[str, object]:
        """What to send to pass: a plan was not given, so that a nurse has nothing to record as ordered."""
        return CLINICIANS_OFFER if self.plan else OVERRIDE_OFFER


def planned_start(state: PatientState, draft: FactDraft, given: Circumstances) -> PlannedStart | None:
    """Return the start that a fact records or books; None where it does neither."""
    if isinstance(draft.data, BlockStarted):
        return PlannedStart(
            element=draft.data.element,
            on=draft.occurred_on,
            attempt=attempt_of(state, draft.data),
            plan=draft.occurred_on > given.today,
            standing=given.standing,
        )
    if not isinstance(draft.data, AppointmentBooked):
        return None
    booked = draft.data.for_
    protocol = pinned(state, given.protocols)
    if booked != START and (protocol is None or not _is_listed(protocol, booked)):
        return None
    return PlannedStart(
        element=None if booked == START else booked,
        on=draft.data.on,
        attempt=next_attempt(state),
        plan=True,
        booked=True,
        standing=given.standing,
    )


def refusals_of_start(state: PatientState, start: PlannedStart, protocols: Protocols) -> Iterator[Refusal]:
    """Yield what each gate says against a start; the one that no waiting lifts comes first."""
    for gate in (cap_reached, too_early, individual_decision_needed):
        refusal = gate(state, start, protocols)
        if refusal is not None:
            yield refusal


def too_early(state: PatientState, start: PlannedStart, protocols: Protocols) -> Refusal | None:
    """Refuse a start under a hard minimum; of several windows that it would meet the last earliest date counts."""
    if state.course is None or start.attempt != state.course.attempt:
        return None
    minima = [
        (window.hard_min_on, window)
        for window in awaited(state, start.element, protocols)
        if window.hard_min_on is not None and start.on < window.hard_min_on
    ]
    if not minima:
        return None
    earliest_on, window = max(minima, key=lambda minimum: (minimum[0], -_place(minimum[1], protocols)))
    protocol = protocols.named(window.protocol)
    rule = protocol.window_rule(window.rule) if protocol else None
    days, least = days_between(window.anchor_on, start.on), days_between(window.anchor_on, earliest_on)
    return Refusal(
        code="too_early",
        title="Too early",
        detail=f"{start.called} on {start.on} would start {days} days after {_anchor_in_words(state.course, window)}; "
        f"at least {least} are required.",
        field="data.on" if start.booked else "occurred_on",
        rule=window.rule,
        source=rule.source if rule else None,
        arithmetic=arithmetic(start.on, window.anchor_on, "<", least),
        earliest_on=earliest_on,
        override=start.offer,
    )


def _place(window: Window, protocols: Protocols) -> int:
    """Return where a window's rule stands in its protocol: of two with the same earliest date the first is named."""
    protocol = protocols.named(window.protocol)
    rules = [rule.rule for rule in protocol.windows] if protocol else []
    return rules.index(window.rule) if window.rule in rules else len(rules)


def awaited(state: PatientState, element: str | None, protocols: Protocols) -> tuple[Window, ...]:
    """Return the open windows that a start would meet; without an element all that wait for any start."""
    if element is None:
        return tuple(window for window in state.open_windows if START in window.expects)
    return awaited_by_start(state, element, protocols)


def _anchor_in_words(course: Course, window: Window) -> str:
    """Return what a window is counted from: `R1 of 2025-02-03`, `CYCLE_1 ended on 2025-02-03`."""
    started = next((block for block in course.blocks if block.fact == window.anchor), None)
    if started is not None:
        return f"{started.element} of {started.started_on}"
    ended = next((block for block in reversed(course.blocks) if block.ended_on == window.anchor_on), None)
    return f"{ended.element} ended on {window.anchor_on}" if ended is not None else str(window.anchor_on)


def cap_reached(state: PatientState, start: PlannedStart, protocols: Protocols) -> Refusal | None:
    """Refuse one start more than the sources allow; without an element where each that may come is one too many."""
    protocol = pinned(state, protocols)
    if protocol is None or not protocol.caps:
        return None
    course = state.current_course
    elements = what_comes(course, protocol, start.attempt).elements if start.element is None else (start.element,)
    found = [one_too_many(start.standing or state, protocol, element, course=course.number) for element in elements]
    first = found[0] if found else None
    if first is None or None in found:
        return None
    counted = f"{len(first.on_file)} on file + 1 = {len(first.on_file) + 1}"
    return Refusal(
        code="cap_reached",
        title="Cap reached",
        detail=" ".join((_one_too_many_in_words(start, elements[0], protocol, first), *_ways_out_of_cap(start))),
        field="data.for" if start.booked else "data.element",
        rule=first.cap.rule,
        source=first.cap.source,
        arithmetic=f"{f'number {first.number}' if first.by_its_name else counted} > {first.cap.most}",
        override=start.offer,
    )


def _one_too_many_in_words(start: PlannedStart, element: str, protocol: Protocol, found: OneTooMany) -> str:
    of = " and ".join(found.cap.elements)
    on_file = ", ".join(f"{block.element} of {block.started_on}" for block in found.on_file) or "none"
    name = f"{element}, by its name number {found.number}" if found.by_its_name else f"number {found.number}"
    would_be = f"{start.called} on {start.on} would be {name} of {of} under {protocol.id}"
    return f"{would_be}; at most {found.cap.most} are stated {_IN_SCOPE[found.cap.scope]}. On file: {on_file}."


def _ways_out_of_cap(start: PlannedStart) -> Iterator[str]:
    yield (
        "If one of these was never given, correct it; if the number is wrong, send the right one; if another protocol "
        "is followed now, record protocol_chosen first."
    )
    yield from _ask_a_clinician(start)


def _ask_a_clinician(start: PlannedStart) -> Iterator[str]:
    if start.plan:
        yield "Otherwise a clinician decides, and books it with a coded reason."
        return
    yield (
        "Otherwise a clinician decides before it is given, and records it with a coded reason; what was given already "
        f"on a clinician's order a nurse records with {GIVEN_AS_ORDERED} and ordered_by."
    )


def individual_decision_needed(state: PatientState, start: PlannedStart, protocols: Protocols) -> Refusal | None:
    """Refuse the next element of a patient for whom each is decided individually, until it is decided to go on."""
    protocol = pinned(state, protocols)
    stated = protocol.individual_decision if protocol else None
    if stated is None or is_in(state.current_course, stated.risk) is not True:
        return None
    said = decision_missing(state, stated, start.attempt)
    if said is None:
        return None
    return Refusal(
        code="individual_decision_needed",
        title="An individual decision is needed",
        detail=" ".join((f"{start.called} on {start.on}: {said}", *_ask_a_clinician(start))),
        field="data.for" if start.booked else "type",
        rule=stated.rule,
        source=stated.source,
        override=start.offer,
    )


def decision_missing(state: PatientState, stated: IndividualDecision, attempt: int) -> str | None:
    """Return in words why the decision to go on is missing after the last element of an attempt, and what to record.

    None where it is on file, and before an attempt's first element. Whether the patient is in the group is not asked.
    """
    course = state.current_course
    given = [block for block in course.blocks if block.attempt == attempt]
    decided = course.block_decision
    if not given or (decided is not None and decided.goes_on):
        return None
    last = given[-1]
    if decided is not None:
        return (
            f"on {decided.on} it was decided not to go on after {last.element}. If that has changed, "
            f"record {_DECISION} with continue: true."
        )
    for_whom = f"in {in_words(stated.risk)} it is decided after each element whether to go on"
    if last.ended_on is None:
        return f"{for_whom}, and {last.element} is still running. Record block_completed, then {_DECISION}."
    missing = f"{for_whom}, and no decision is on file since {last.element} ended on {last.ended_on}."
    if _DECISION in possible_facts(state.state):
        return f"{missing} Record {_DECISION}."
    return f"{missing} In state {state.state} none can be recorded any more."


def pinned(state: PatientState, protocols: Protocols) -> Protocol | None:
    """Return the protocol that the course follows; None where none is chosen, or its version is not at hand."""
    return protocols.pinned(state.course.protocol_sha) if state.course else None


def _is_listed(protocol: Protocol, booked: str) -> bool:
    """Whether a booking names an element; of a numbered one it may leave the number to the day itself."""
    return protocol.element(booked) is not None or any(element.code == booked for element in protocol.elements)
