"""Whether a proposed fact may be recorded: impossible data, the chart, the gates, and the facts that stand after it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from workflow.domain.chart import Transition
from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import Fact, FactDraft, Override
from workflow.domain.facts.treatment import BlockEndedWithoutCompletion, ProtocolChosen
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.patient import Conflict, PatientState
from workflow.domain.roles import Role, role_needed_for
from workflow.rules.cautions import cautions
from workflow.rules.cautions_of_decisions import decision_to_review
from workflow.rules.choosing import version_chosen
from workflow.rules.fold import Moment, appends, effective, replay
from workflow.rules.gate_of_caps import starts_beyond_caps
from workflow.rules.gates import pass_gates
from workflow.rules.impossible import impossible
from workflow.rules.judgement import Accepted, Caution, Circumstances, Outcome, Stamp
from workflow.rules.machine import fire, possible_facts
from workflow.rules.step import step
from workflow.rules.ways_on import comes_first

# What has ended care is never kept out by the facts that it overtakes (domain model §3).
KEEPS_CONFLICTS = frozenset({"died", "lost_to_follow_up", "withdrawn"})


def as_fact(draft: FactDraft, stamp: Stamp, given: Circumstances) -> Fact:
    """Return the fact that recording this draft would store; pins the protocol that its name means on its day."""
    protocol = version_chosen(draft, given)
    return Fact(
        seq=stamp.seq,
        lineage=stamp.seq,
        type=draft.type,
        occurred_on=draft.occurred_on,
        data=draft.data,
        recorded_at=stamp.recorded_at,
        recorded_by=stamp.recorded_by,
        certainty=draft.certainty,
        note=draft.note,
        override=draft.override,
        on_behalf_of=stamp.on_behalf_of,
        external_id=draft.external_id,
        source_recorded_at=draft.source_recorded_at,
        protocol_sha=protocol.sha256 if protocol else None,
    )


def needs_history(state: PatientState, draft: FactDraft, stamp: Stamp, given: Circumstances) -> bool:
    """Whether judging the draft takes all facts of the patient, since it does not come after the last of them."""
    return not appends(state, as_fact(draft, stamp, given))


def record(
    state: PatientState, draft: FactDraft, stamp: Stamp, given: Circumstances, facts: Sequence[Fact] | None = None
) -> Outcome:
    """Judge one draft against the history known now.

    `state` is the fold of everything recorded; `facts` every version, needed where `needs_history` says so. Without
    `facts` the draft is judged as if it came right after `state`: how an importer walks along a course.
    """
    refusal = _who(draft, given)
    if refusal is not None:
        return refusal
    fact = as_fact(draft, stamp, given)
    if facts is None or appends(state, fact):
        return _appended(state, draft, fact, given)
    return _inserted(state, draft, fact, given, facts)


@dataclass(frozen=True, slots=True)
class Judged:
    """A draft that may be recorded: the arrow it takes, and the override that is stored with it."""

    arrow: Transition
    override: Override | None


def judge(before: PatientState, draft: FactDraft, given: Circumstances) -> Judged | Refusal:
    """Judge one draft against the patient as of just before it: impossible data, the chart, the gates."""
    refusal = impossible(before, draft, given)
    if refusal is not None:
        return refusal
    arrow = fire(before, draft.type, draft.data)
    if arrow is None:
        return _without_arrow(before, draft)
    passed = pass_gates(before, draft, given)
    return passed if isinstance(passed, Refusal) else Judged(arrow, passed.override)


def _who(draft: FactDraft, given: Circumstances) -> Refusal | None:
    if draft.type == REGISTRATION:
        return Refusal(
            code="already_registered",
            title="Already registered",
            detail="patient_registered is made by registering a patient; correct the registration instead.",
            field="type",
        )
    needed, field, act = role_needed_for(draft.type), "type", draft.type
    if isinstance(draft.data, ProtocolChosen) and draft.data.acknowledged_flags:
        # What is to be confirmed of a classification is a clinician's to confirm (C05).
        needed, field, act = max(needed, Role.CLINICIAN), "data.acknowledged_flags", "acknowledging flags"
    if given.role >= needed:
        return None
    return Refusal(
        code="role_needed",
        title="Another role is needed",
        detail=f"{act} needs the role {needed.label}; this key has {given.role.label}.",
        status=403,
        field=field,
    )


def _appended(state: PatientState, draft: FactDraft, fact: Fact, given: Circumstances) -> Outcome:
    judged = judge(state, draft, given)
    if isinstance(judged, Refusal):
        return judged
    fact = replace(fact, override=judged.override)
    moment = Moment(fact, state, step(state, fact, given.protocols))
    of_the_fact = cautions(moment, draft, judged.arrow, given)
    warnings = (*of_the_fact, *decision_to_review(state, moment.after, [fact], given))
    return _accepted(fact, before=state, after=moment.after, warnings=warnings)


def _inserted(
    state: PatientState, draft: FactDraft, fact: Fact, given: Circumstances, facts: Sequence[Fact]
) -> Outcome:
    history = effective([*facts, fact])
    at = next(moment for moment in replay(history, given.protocols) if moment.fact.seq == fact.seq)
    judged = judge(at.before, draft, replace(given, standing=state))
    if isinstance(judged, Refusal):
        return judged
    fact = replace(fact, override=judged.override)
    after = state
    for moment in replay([fact if known.seq == fact.seq else known for known in history], given.protocols):
        after = moment.after
    act = f"{draft.type} on {draft.occurred_on}"
    names = {known.lineage: known.id for known in history}
    overtaken_from = draft.occurred_on if draft.type in KEEPS_CONFLICTS else None
    refusal = conflicts_made(act, state, after, given, names=names, overtaken_from=overtaken_from)
    of_the_fact = cautions(at, draft, judged.arrow, given)
    of_the_rest = (
        *conflicts_kept(state, after, names),
        *decision_to_review(state, after, [fact], given),
        *starts_beyond_caps(state, after, given.protocols, {fact.lineage}),
    )
    warnings = (*of_the_fact, *of_the_rest)
    return refusal or _accepted(fact, before=state, after=after, warnings=warnings)


def conflicts_made(
    act: str,
    before: PatientState,
    after: PatientState,
    given: Circumstances,
    *,
    names: Mapping[int, str],
    overtaken_from: date | None = None,
) -> Refusal | None:
    """Return the refusal of what leaves facts without a step in the chart that had one; `act` says what does.

    `names` calls each lineage by the version that can be corrected. What care's end overtakes, on `overtaken_from` or
    later, keeps nothing out.
    """
    made = _new_conflicts(before, after)
    if overtaken_from is not None:
        made = [conflict for conflict in made if conflict.occurred_on < overtaken_from]
    named = _named(made, names)
    kept = given.keep_conflicts and given.role >= Role.CLINICIAN
    if not named or kept:
        return None
    return Refusal(
        code="makes_conflicts",
        title="Facts would lose their step",
        detail=f"{act} would leave these facts without a step: {'; '.join(named)}. "
        "Correct them too, or a clinician sends keep_conflicts: true.",
        conflicts=named,
        override={"keep_conflicts": True, "needs_role": "clinician"},
    )


def conflicts_kept(before: PatientState, after: PatientState, names: Mapping[int, str]) -> tuple[Caution, ...]:
    """Return the warning that facts lost their step and are kept without it: somebody has to look at them."""
    named = _named(_new_conflicts(before, after), names)
    if not named:
        return ()
    message = f"These facts are skipped now, as they have no step any more: {'; '.join(named)}. Correct or void each."
    return (Caution("conflicts_kept", message),)


def _new_conflicts(before: PatientState, after: PatientState) -> list[Conflict]:
    known = {conflict.fact for conflict in before.conflicts}
    return [conflict for conflict in after.conflicts if conflict.fact not in known]


def _named(conflicts: Iterable[Conflict], names: Mapping[int, str]) -> tuple[str, ...]:
    return tuple(f"{names[conflict.fact]} {conflict.type} of {conflict.occurred_on}" for conflict in conflicts)


def _without_arrow(before: PatientState, draft: FactDraft) -> Refusal:
    possible = possible_facts(before.state)
    return Refusal(
        code="not_possible_in_state",
        title="Not possible in this state",
        detail=f"{_why_not(before, draft)} Possible here: {', '.join(possible)}.",
        field="type",
        possible=possible,
    )


def _why_not(before: PatientState, draft: FactDraft) -> str:
    running = before.course.running if before.course else None
    if draft.type == "block_completed":
        return f"block_completed on {draft.occurred_on}: no block is running on that day (state {before.state})."
    if isinstance(draft.data, BlockEndedWithoutCompletion) and running is not None:
        return (
            f"block_ended on {draft.occurred_on}: {running.element} is running since {running.started_on}; "
            f"send element {running.element} with end ceased, or complete it first."
        )
    if before.state == "registered":
        return f"{draft.type} on {draft.occurred_on}: no relapse is recorded on or before that day."
    first = comes_first(before, draft.type)
    said = f"{draft.type} on {draft.occurred_on} is not possible in state {before.state}."
    return f"{said} {first}" if first else said


def _accepted(fact: Fact, *, before: PatientState, after: PatientState, warnings: tuple[Caution, ...]) -> Accepted:
    known = set(before.deviations)
    return Accepted(
        fact=fact,
        before=before,
        after=after,
        warnings=warnings,
        deviations=tuple(deviation for deviation in after.deviations if deviation not in known),
    )
