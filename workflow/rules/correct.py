"""Whether a patient's file may be corrected: versions superseded or voided, facts added, all of it at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import Fact, FactDraft
from workflow.domain.facts.treatment import ProtocolChosen
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.patient import Deviation, PatientState
from workflow.domain.reasons import CLINICIAN_OVERRIDES
from workflow.rules.caps import counts_anew, without_start
from workflow.rules.cautions import cautions
from workflow.rules.cautions_of_decisions import decision_to_review
from workflow.rules.changes import Change, not_correctable, placed
from workflow.rules.choosing import version_chosen
from workflow.rules.fold import Moment, effective, fold, replay
from workflow.rules.gate_of_caps import COUNTED, starts_beyond_caps
from workflow.rules.gates import pass_gates
from workflow.rules.impossible import before_diagnosis, impossible, wrong_date
from workflow.rules.judgement import Caution, Circumstances, Stamp
from workflow.rules.machine import fire
from workflow.rules.record import KEEPS_CONFLICTS, as_fact, conflicts_kept, conflicts_made
from workflow.rules.step import begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A correction that may be stored: the new versions by seq, and the patient without and with them."""

    facts: tuple[Fact, ...]
    before: PatientState
    after: PatientState
    warnings: tuple[Caution, ...]
    deviations: tuple[Deviation, ...]


def correct(
    state: PatientState,
    changes: Sequence[Change],
    stamp: Stamp,
    given: Circumstances,
    facts: Sequence[Fact],
    *,
    act: str = "this correction",
) -> Corrected | Refusal:
    """Judge all changes together, as if the file had been written right at first (domain model §3).

    `state` is the fold of `facts`, every version of every fact; `stamp` carries the seq of the first new version. What
    is added or put right must be possible where it stands, and meets the gates; a reason given for the version before
    counts on. Other facts are not judged anew: one that becomes early gets its verdict, one that loses its step is a
    conflict. `act` says in a refusal what is being done.
    """
    refusal = not_correctable(changes, facts, given.role)
    if refusal is not None:
        return refusal
    by_seq = {fact.seq: fact for fact in facts}
    pairs = []
    for place, change in enumerate(changes):
        target = by_seq[change.target] if change.target is not None else None
        pairs.append((change, _version(change, target, replace(stamp, seq=stamp.seq + place), given)))
    judged = _judged(facts, pairs, given)
    if isinstance(judged, Refusal):
        return judged
    if judged[0] != [fact for _, fact in pairs]:
        # A reason that no gate asks for any more leaves nothing to countersign: once more, without it.
        judged = _judged(facts, list(zip(changes, judged[0], strict=True)), given)
        if isinstance(judged, Refusal):
            return judged
    versions, warnings = judged
    after = state
    for moment in replay(effective([*facts, *versions]), given.protocols):
        after = moment.after
    # Refused, a fact is called as it stands; stored, by its new version.
    asked = {fact.lineage: fact.id for fact in effective(facts)}
    asked |= {fact.lineage: change.at or fact.id for change, fact in pairs if change.target is None}
    stored = {fact.lineage: fact.id for fact in effective([*facts, *versions])}
    refusal = conflicts_made(act, state, after, given, names=asked, overtaken_from=_ends_care_on(versions, after))
    of_the_rest = (*conflicts_kept(state, after, stored), *_of_other_facts(state, after, versions, given))
    known = set(state.deviations)
    return refusal or Corrected(
        facts=tuple(versions),
        before=state,
        after=after,
        warnings=(*warnings, *of_the_rest),
        deviations=tuple(deviation for deviation in after.deviations if deviation not in known),
    )


def _of_other_facts(
    before: PatientState, after: PatientState, versions: Sequence[Fact], given: Circumstances
) -> Iterator[Caution]:
    """Yield what is to be said of facts that are not corrected, and stand otherwise now."""
    yield from decision_to_review(before, after, versions, given)
    yield from starts_beyond_caps(before, after, given.protocols, {fact.lineage for fact in versions})


def _version(change: Change, target: Fact | None, stamp: Stamp, given: Circumstances) -> Fact:
    """Return the new version; where the draft gives no override, with the earlier one, until the gates are judged."""
    if target is None:
        assert change.draft is not None, "a change has a draft or a target"
        added = as_fact(change.draft, stamp, given)
        if change.earlier is not None:
            pinned = _pinned(change.draft, change.earlier, given)
            added = replace(added, override=added.override or change.earlier.override, protocol_sha=pinned)
        return replace(added, reason=change.reason, moved=change.moved)
    if change.draft is None:
        voided = replace(target, operation="void", override=None, note=None, external_id=None, source_recorded_at=None)
    else:
        voided = replace(
            as_fact(change.draft, stamp, given),
            operation="supersede",
            override=change.draft.override or target.override,
            external_id=change.draft.external_id or target.external_id,
            protocol_sha=_pinned(change.draft, target, given),
        )
    return replace(
        voided,
        seq=stamp.seq,
        lineage=target.lineage,
        target_seq=target.seq,
        recorded_at=stamp.recorded_at,
        recorded_by=stamp.recorded_by,
        on_behalf_of=stamp.on_behalf_of,
        reason=change.reason,
        moved=change.moved,
    )


def _pinned(draft: FactDraft, target: Fact, given: Circumstances) -> str | None:
    """Return the protocol body that a choice pins; one that only changes day or patient keeps the body it had."""
    if _keeps_body(draft, target, given):
        return target.protocol_sha
    version = version_chosen(draft, given)
    return version.sha256 if version else None


def _keeps_body(draft: FactDraft, target: Fact | None, given: Circumstances) -> bool:
    """Whether a corrected choice means what it meant: the same name, and no other version in force on its new day."""
    if target is None or not isinstance(draft.data, ProtocolChosen) or not isinstance(target.data, ProtocolChosen):
        return False
    name, protocols = draft.data.protocol, given.protocols
    same = protocols.named(name, draft.occurred_on) is protocols.named(name, target.occurred_on)
    return same and name == target.data.protocol


def _judged(
    facts: Sequence[Fact], pairs: Sequence[tuple[Change, Fact]], given: Circumstances
) -> tuple[list[Fact], tuple[Caution, ...]] | Refusal:
    """Return the new versions with the overrides that they keep, or why one of them cannot be."""
    history = effective([*facts, *(fact for _, fact in pairs)])
    refusal = _before_diagnosis(history, [change for change, _ in pairs], given)
    if refusal is not None:
        return refusal
    by_seq: dict[int | None, Fact] = {fact.seq: fact for fact in facts}
    moments = {moment.fact.seq: moment for moment in replay(history, given.protocols)}
    versions: list[Fact] = []
    warnings: dict[Caution, None] = {}
    for place, (change, fact) in enumerate(pairs):
        if change.draft is None or fact.type == REGISTRATION:
            versions.append(fact)
            continue
        target = by_seq.get(change.target)
        keeps = _keeps_body(change.draft, change.earlier or target, given)
        asked = _counting_all(_on_its_day(given, target), facts, [known for _, known in pairs], place)
        kept = _possible(moments[fact.seq].before, fact, change.draft, asked, keeps_protocol=keeps)
        if isinstance(kept, Refusal):
            return placed(kept, change)
        versions.append(kept)
        warnings |= dict.fromkeys(_warnings(moments[fact.seq], change.draft, given))
    return versions, tuple(warnings)


def _possible(
    before: PatientState, fact: Fact, draft: FactDraft, given: Circumstances, *, keeps_protocol: bool
) -> Fact | Refusal:
    refusal = impossible(before, draft, given, keeps_protocol=keeps_protocol)
    if refusal is not None:
        return refusal
    passed = pass_gates(before, draft, given)
    if isinstance(passed, Refusal) and draft.override is None and fact.override is not None:
        passed = pass_gates(before, replace(draft, override=fact.override), given)
    if isinstance(passed, Refusal):
        return passed
    kept = fact.override if fact.override and fact.override.code in CLINICIAN_OVERRIDES else None
    return replace(fact, override=passed.override or kept)


def _on_its_day(given: Circumstances, target: Fact | None) -> Circumstances:
    """Return the circumstances in which a day that stood already is not in the future, wherever the patient went."""
    return given if target is None else replace(given, today=max(given.today, target.occurred_on))


def _counting_all(given: Circumstances, facts: Sequence[Fact], versions: Sequence[Fact], place: int) -> Circumstances:
    """Return the circumstances in which a cap counts everything on file, as it stands when this version is added.

    What puts a start right that was counted before makes it no one more: it is judged by what comes before it.
    """
    added = versions[place]
    if added.type not in COUNTED:
        return given
    written = [version for at, version in enumerate(versions) if version.target_seq is not None or at < place]
    standing = fold([*facts, *written], given.protocols)
    if added.target_seq is None:
        return replace(given, standing=standing)
    if not counts_anew(fold(facts, given.protocols), standing, added.lineage, given.protocols):
        return given
    return replace(given, standing=without_start(standing, added.lineage))


def _warnings(moment: Moment, draft: FactDraft, given: Circumstances) -> Iterator[Caution]:
    arrow = fire(moment.before, draft.type, draft.data)
    if arrow is not None:
        yield from cautions(moment, draft, arrow, given)


def _before_diagnosis(history: Sequence[Fact], changes: Sequence[Change], given: Circumstances) -> Refusal | None:
    """Refuse a corrected diagnosis that leaves days of recorded facts before it."""
    change = next((change for change in changes if change.draft and change.draft.type == REGISTRATION), None)
    if change is None:
        return None
    registered = begin(history[0])
    early = [
        f"{fact.id} {fact.type} of {fact.occurred_on}"
        for fact in history[1:]
        if before_diagnosis(registered, as_draft(fact), given) is not None
    ]
    if not early:
        return None
    diagnosis = registered.registration.diagnosis_date
    refusal = placed(wrong_date("before_anchor", "data.diagnosis_date", ""), change)
    facts = "; ".join(early)
    detail = f"{refusal.field} {diagnosis} would lie after days of these facts: {facts}. Correct them too."
    return replace(refusal, detail=detail)


def _ends_care_on(versions: Sequence[Fact], after: PatientState) -> date | None:
    """Return from which day on care has ended, where that is all that is said: no later fact keeps it out.

    It must have a step of its own: who has died cannot die again.
    """
    without_step = {conflict.fact for conflict in after.conflicts}
    ends = all(
        fact.type in KEEPS_CONFLICTS and fact.operation != "void" and fact.lineage not in without_step
        for fact in versions
    )
    return min(fact.occurred_on for fact in versions) if ends else None


def as_draft(fact: Fact) -> FactDraft:
    """Return the draft by which a fact is recorded for another patient as it was given; overrides are judged there."""
    return FactDraft(
        type=fact.type,
        occurred_on=fact.occurred_on,
        data=fact.data,
        certainty=fact.certainty,
        note=fact.note,
        external_id=fact.external_id,
        source_recorded_at=fact.source_recorded_at,
    )
