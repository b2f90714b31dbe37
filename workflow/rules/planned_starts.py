"""The start that a fact records or books, as the gates are asked about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from workflow.domain.facts.fact import FactDraft
from workflow.domain.facts.registration import AppointmentBooked
from workflow.domain.facts.treatment import BlockStarted
from workflow.domain.patient import PatientState
from workflow.domain.reasons import CLINICIANS_OFFER, GIVEN_AS_ORDERED, OVERRIDE_OFFER
from workflow.protocols.model import Protocol, Protocols
from workflow.rules.effects import attempt_of, next_attempt
from workflow.rules.judgement import Circumstances
from workflow.rules.sequence import given_under, next_of_kind
from workflow.rules.window_conditions import BLOCK_STARTED


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

    def ask_a_clinician(self) -> Iterator[str]:
        """Yield in words how the start passes a gate that no waiting lifts."""
        if self.plan:
            yield "Otherwise a clinician decides, and books it with a coded reason."
            return
        yield (
            "Otherwise a clinician decides before it is given, and records it with a coded reason; what was given "
            f"already on a clinician's order a nurse records with {GIVEN_AS_ORDERED} and ordered_by."
        )


def planned_start(state: PatientState, draft: FactDraft, given: Circumstances) -> PlannedStart | None:
    """Return the start that a fact records or books; None where it does neither.

    It is asked about as the element that is meant: in the protocol's own spelling, and without a number as the next of
    its kind.
    """
    if isinstance(draft.data, BlockStarted):
        attempt = attempt_of(state, draft.data)
        return PlannedStart(
            element=_meant(state, draft.data.element, attempt, given.protocols) or draft.data.element,
            on=draft.occurred_on,
            attempt=attempt,
            name=draft.data.element,
            plan=draft.occurred_on > given.today,
            standing=given.standing,
        )
    if not isinstance(draft.data, AppointmentBooked):
        return None
    booked, attempt = draft.data.for_, next_attempt(state)
    element = _meant(state, booked, attempt, given.protocols)
    if booked != BLOCK_STARTED and element is None:
        return None
    return PlannedStart(
        element=element,
        on=draft.data.on,
        attempt=attempt,
        plan=True,
        booked=True,
        standing=given.standing,
    )


def pinned(state: PatientState, protocols: Protocols) -> Protocol | None:
    """Return the protocol that the course follows; None where none is chosen, or its version is not at hand."""
    return protocols.pinned(state.course.protocol_sha) if state.course else None


def _meant(state: PatientState, code: str, attempt: int, protocols: Protocols) -> str | None:
    """Return the element that a code means under the protocol that is followed; None where it lists none such."""
    protocol = pinned(state, protocols)
    if protocol is None:
        return None
    kind = protocol.kind(code)
    if kind is None:
        return protocol.listed_as(code)
    return next_of_kind(kind.code, given_under(state.current_course, protocol, attempt), protocol)
