"""The gates: what is refused although it could be recorded, and how a clinician or a nurse passes it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import FactDraft, Override
from workflow.domain.facts.registration import AppointmentBooked
from workflow.domain.patient import PatientState
from workflow.domain.reasons import CLINICIANS_OFFER, GIVEN_AS_ORDERED, IMPORTED_UNCONFIRMED, OVERRIDE_OFFER
from workflow.domain.roles import Role
from workflow.rules.gates_of_blocks import refusals_of_start
from workflow.rules.gates_of_decisions import against_strategy, mrd_needed
from workflow.rules.judgement import Circumstances
from workflow.rules.planned_starts import planned_start

Gate = Callable[[PatientState, FactDraft, Circumstances], Refusal | None]


@dataclass(frozen=True, slots=True)
class Passed:
    """The gates are passed, with the override that is stored with the fact."""

    override: Override | None


def pass_gates(state: PatientState, draft: FactDraft, given: Circumstances) -> Passed | Refusal:
    """Judge every gate against the history known now; a clinician's reason, or a nurse's order, passes one."""
    role = _role_for_override(draft, given)
    if role is not None:
        return role
    refusals = [refusal for refusal in _refusals(state, draft, given) if not _passes(draft, refusal)]
    if not refusals:
        return Passed(draft.override)
    if given.importing and not isinstance(draft.data, AppointmentBooked):
        return Passed(Override(code=IMPORTED_UNCONFIRMED, reason=", ".join(refusal.code for refusal in refusals)))
    return all_told(refusals)


def _refusals(state: PatientState, draft: FactDraft, given: Circumstances) -> Iterator[Refusal]:
    start = planned_start(state, draft, given)
    if start is not None:
        yield from refusals_of_start(state, start, given.protocols)
    for gate in GATES:
        refusal = gate(state, draft, given)
        if refusal is not None:
            yield refusal


def all_told(refusals: Sequence[Refusal]) -> Refusal:
    """Return the first refusal with what the others say: one reason passes them all, so that none goes unread.

    It has an earliest day only where each has one: a day on which another gate refuses is none on which this passes.
    """
    days = [refusal.earliest_on for refusal in refusals if refusal.earliest_on is not None]
    by_waiting = len(days) == len(refusals)
    told = (refusal.detail if by_waiting else _with_its_day(refusal) for refusal in refusals)
    return replace(refusals[0], detail=" Besides: ".join(told), earliest_on=max(days) if by_waiting else None)


def _with_its_day(refusal: Refusal) -> str:
    """Return what a refusal says, with the day from which it alone says nothing more."""
    if refusal.earliest_on is None:
        return refusal.detail
    return f"{refusal.detail} From {refusal.earliest_on} on it is no longer too early."


def _passes(draft: FactDraft, refusal: Refusal) -> bool:
    if draft.override is None or refusal.override is None:
        return False
    return draft.override.code != GIVEN_AS_ORDERED or "or" in refusal.override


def _role_for_override(draft: FactDraft, given: Circumstances) -> Refusal | None:
    if draft.override is None:
        return None
    needed = Role.NURSE if draft.override.code == GIVEN_AS_ORDERED else Role.CLINICIAN
    if given.role >= needed:
        return None
    return Refusal(
        code="override_needs_role",
        title="Override needs another role",
        detail=f"override.code {draft.override.code} needs the role {needed.label}; a nurse who records what was "
        f"given sends {GIVEN_AS_ORDERED} with ordered_by.",
        status=403,
        field="override.code",
        override=OVERRIDE_OFFER,
    )


def relapse_without_remission(state: PatientState, draft: FactDraft, _given: Circumstances) -> Refusal | None:
    """Ask whether a relapse without a remission on file is a reinduction failure (002, Table 2 [19])."""
    if draft.type != "relapse_diagnosed" or state.course is None or state.course.had_remission:
        return None
    return Refusal(
        code="relapse_without_remission",
        title="No remission on file",
        detail=f"course {state.course.number} has no remission, consolidation decision or transplant on file before "
        f"{draft.occurred_on}: record reinduction_failed if reinduction failed, record the missing response_assessed, "
        "or override if this is a relapse.",
        field="type",
        rule="X01",
        source="relapse after a new remission, Fuster 2014 (002) Table 2 [19]",
        override=CLINICIANS_OFFER,
    )


GATES: tuple[Gate, ...] = (relapse_without_remission, mrd_needed, against_strategy)
