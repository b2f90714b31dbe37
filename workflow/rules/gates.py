"""The gates: what is refused although it could be recorded, and how a clinician or a nurse passes it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from workflow.domain.calendar import arithmetic, days_between
from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import FactDraft, Override
from workflow.domain.facts.registration import AppointmentBooked
from workflow.domain.facts.treatment import BlockStarted
from workflow.domain.patient import PatientState
from workflow.domain.reasons import CLINICIANS_OFFER, GIVEN_AS_ORDERED, IMPORTED_UNCONFIRMED, OVERRIDE_OFFER
from workflow.domain.roles import Role
from workflow.rules.effects import attempt_of
from workflow.rules.gates_of_decisions import against_strategy, mrd_needed
from workflow.rules.judgement import Circumstances
from workflow.rules.windows import interval_window

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
    for gate in GATES:
        refusal = gate(state, draft, given)
        if refusal is None:
            continue
        if _passes(draft, refusal):
            continue
        if given.importing and not isinstance(draft.data, AppointmentBooked):
            return Passed(Override(code=IMPORTED_UNCONFIRMED, reason=refusal.code))
        return refusal
    return Passed(draft.override)


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


def too_early(state: PatientState, draft: FactDraft, given: Circumstances) -> Refusal | None:
    """Refuse a block start, or its booking, under the protocol's hard minimum after the last start (TR-001)."""
    window = interval_window(state)
    element, day = _planned_start(state, draft, given)
    if window is None or window.hard_min_on is None or element is None or day >= window.hard_min_on:
        return None
    if isinstance(draft.data, BlockStarted) and attempt_of(state, draft.data) != state.current_course.attempt:
        return None
    protocol = given.protocols.named(window.protocol)
    rule = protocol.window_rule(window.rule) if protocol else None
    previous = state.current_course.blocks[-1].element
    days, least = days_between(window.anchor_on, day), days_between(window.anchor_on, window.hard_min_on)
    return Refusal(
        code="too_early",
        title="Too early",
        detail=f"{element} on {day} would start {days} days after {previous} of {window.anchor_on}; "
        f"at least {least} are required.",
        field="data.on" if isinstance(draft.data, AppointmentBooked) else "occurred_on",
        rule=window.rule,
        source=rule.source if rule else None,
        arithmetic=arithmetic(day, window.anchor_on, "<", least),
        earliest_on=window.hard_min_on,
        # A plan was not given: it meets the gate in full (domain model §2, rule 2).
        override=CLINICIANS_OFFER if day > given.today or isinstance(draft.data, AppointmentBooked) else OVERRIDE_OFFER,
    )


def _planned_start(state: PatientState, draft: FactDraft, given: Circumstances) -> tuple[str | None, date]:
    """Return the element that a fact starts, or whose start it books, and the day; None where it does neither."""
    if isinstance(draft.data, BlockStarted):
        return draft.data.element, draft.occurred_on
    if not isinstance(draft.data, AppointmentBooked):
        return None, draft.occurred_on
    if draft.data.for_ == "block_started":
        return "The next block", draft.data.on
    protocol = given.protocols.pinned(state.course.protocol_sha) if state.course else None
    listed = protocol is not None and protocol.element(draft.data.for_) is not None
    return (draft.data.for_ if listed else None), draft.data.on


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


GATES: tuple[Gate, ...] = (too_early, relapse_without_remission, mrd_needed, against_strategy)
