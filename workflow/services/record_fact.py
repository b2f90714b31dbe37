"""Recording one fact: lock, judge, write facts, spans and snapshot, answer; or a preview that stores nothing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from workflow.clock import today_in
from workflow.domain.actor import Actor
from workflow.domain.errors import InvalidInputError, Problem, Refusal
from workflow.domain.facts.fact import FactDraft
from workflow.domain.facts.read import read_fact
from workflow.domain.facts.registration import SiteChanged
from workflow.domain.patient import PatientState
from workflow.domain.roles import Role
from workflow.persistence.errors import DuplicatePseudonymError, IdempotencyKeyTakenError, ImportKeyTakenError
from workflow.persistence.outcome import Access, LockedPatient, NewFact, Outcome, Spans
from workflow.persistence.outcome import Answer as StoredAnswer
from workflow.persistence.patient_reads import find_answer, load_facts, load_spans, lock_patient
from workflow.persistence.patient_writes import write_outcome
from workflow.persistence.sites import find_site
from workflow.persistence.unit_of_work import UnitOfWork, reading, writing
from workflow.rules.fold import fold
from workflow.rules.judgement import Accepted, Circumstances, Stamp
from workflow.rules.record import needs_history
from workflow.rules.record import record as judge_and_step
from workflow.rules.silence import silent_from
from workflow.rules.spans import state_spans
from workflow.services import answers
from workflow.services.errors import (
    AlreadyExistsError,
    IdempotencyMismatchError,
    NotFoundError,
    RefusedError,
    ServiceError,
    StalePatientError,
)
from workflow.services.house import NOT_ONCE, Answer, House, Once, role_for
from workflow.services.place_of_care import memberships_after, moves_onto_another, silent_after_days

KEEP_CONFLICTS = "keep_conflicts"


class _Rehearsed(Exception):  # noqa: N818 -- no error: it ends a preview's transaction without a commit
    """A preview is done; its transaction is rolled back."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One request to record: the draft, and under which conditions."""

    draft: FactDraft
    keep_conflicts: bool = False
    once: Once = NOT_ONCE
    if_match: int | None = None
    preview: bool = False
    action: str = "record_fact"


def record(
    house: House,
    actor: Actor,
    patient_id: str,
    raw: Mapping[str, object],
    *,
    once: Once = NOT_ONCE,
    if_match: int | None = None,
    preview: bool = False,
) -> Answer:
    """Record one fact of contract §3.2: 201 with fact, patient, warnings, deviations; a preview 200, nothing stored.

    Raises InvalidInputError, NotFoundError, NotAllowedError, RefusedError, StalePatientError, IdempotencyMismatchError.
    """
    keep = raw.get(KEEP_CONFLICTS, False)
    if not isinstance(keep, bool):
        raise InvalidInputError([Problem(KEEP_CONFLICTS, "bool_type", "keep_conflicts should be true or false")])
    draft = read_fact({name: value for name, value in raw.items() if name != KEEP_CONFLICTS})
    proposal = Proposal(draft=draft, keep_conflicts=keep, once=once, if_match=if_match, preview=preview)
    return carry_out(house, actor, patient_id, proposal)


def carry_out(house: House, actor: Actor, patient_id: str, proposal: Proposal) -> Answer:
    """Carry a proposal out in one transaction; a repeated request gets its first answer.

    A refusal tells about the patient, so it leaves an access row like every answer; what is not there leaves none.
    """
    try:
        return _carried_out(house, actor, patient_id, proposal)
    except NotFoundError:
        raise
    except (ServiceError, InvalidInputError):
        with writing(house.database, actor) as unit:
            unit.note("refuse_fact", patient_id=patient_id)
        raise


def _carried_out(house: House, actor: Actor, patient_id: str, proposal: Proposal) -> Answer:
    try:
        with writing(house.database, actor) as unit:
            return _in_transaction(house, actor, patient_id, proposal, unit)
    except _Rehearsed as rehearsed:
        with reading(house.database, actor) as unit:
            unit.note("preview_fact", patient_id=patient_id)
        return rehearsed.answer
    except IdempotencyKeyTakenError:
        with writing(house.database, actor) as unit:
            answer = first_answer(unit, actor, proposal.once, patient_id)
        if answer is None:
            raise
        return answer
    except DuplicatePseudonymError:
        raise _pseudonym_taken() from None
    except ImportKeyTakenError:
        raise AlreadyExistsError(
            "external_id is taken by another fact of this patient; send another external_id, or correct that fact"
        ) from None


def _pseudonym_taken() -> AlreadyExistsError:
    return AlreadyExistsError(
        "data.to is a site that knows another patient by this pseudonym; search for it there: "
        "register the patient anew under another pseudonym, or record care shared with that site (shared_care)"
    )


def first_answer(unit: UnitOfWork, actor: Actor, once: Once, patient_id: str | None = None) -> Answer | None:
    """Return what the same request was answered before; raises IdempotencyMismatchError for another request.

    The answer is noted as given again, for `patient_id`, or for the patient whose registration is answered.
    """
    stored = find_answer(unit.connection, actor.id, once.key) if once.key else None
    if stored is None:
        return None
    if stored.request_hash != once.request_digest:
        raise IdempotencyMismatchError("this Idempotency-Key was used with another request; send a new key")
    unit.note("replay_answer", patient_id=patient_id or json.loads(stored.body).get("id"))
    return Answer(stored.status, stored.body, stored.version)


def _in_transaction(house: House, actor: Actor, patient_id: str, proposal: Proposal, unit: UnitOfWork) -> Answer:
    locked = lock_patient(house.database, unit.connection, patient_id, unit.reach)
    if locked is None:
        raise NotFoundError("no such patient for this key")
    try:
        accepted, stored = _judged(house, actor, locked, proposal, unit)
    except ServiceError:
        answer = first_answer(unit, actor, proposal.once, patient_id)
        if answer is None:
            raise
        return answer
    silent_days = silent_after_days(unit, locked, accepted.after)
    answer = _answer(house, locked, accepted, proposal, silent_days)
    if proposal.preview:
        raise _Rehearsed(answer)
    write_outcome(
        house.database,
        unit.connection,
        Outcome(
            patient=locked,
            state=accepted.after,
            engine=house.engine,
            facts=(NewFact(accepted.fact, import_key(proposal.draft)),),
            before=stored,
            after=spans_of(accepted.after),
            access=Access(actor_id=actor.id, action=proposal.action, patient_id=patient_id),
            answer=stored_answer(actor, proposal.once, answer),
            silent_from=silent_from(accepted.after, house.protocols, silent_days),
            memberships=memberships_after(unit, locked, accepted.after, (accepted.fact,)),
        ),
    )
    return answer


def _judged(
    house: House, actor: Actor, locked: LockedPatient, proposal: Proposal, unit: UnitOfWork
) -> tuple[Accepted, Spans]:
    """Return the accepted fact and the spans stored so far; raises the refusal."""
    if proposal.if_match is not None and proposal.if_match != locked.version:
        raise StalePatientError(
            f"If-Match names version {proposal.if_match}, the patient is at {locked.version}; read it again"
        )
    given = Circumstances(
        role=role_for(actor, locked.sites, Role.NURSE),
        today=today_in(locked.time_zone, locked.now),
        protocols=house.protocols,
        planning=proposal.preview,
        keep_conflicts=proposal.keep_conflicts,
    )
    _require_known_site(unit, proposal.draft)
    stamp = Stamp(seq=locked.last_seq + 1, recorded_at=locked.now, recorded_by=actor.id)
    state, facts = locked.state, None
    stale = locked.engine != house.engine
    if stale or needs_history(state, proposal.draft, stamp, given):
        facts = load_facts(unit.connection, locked.id)
        state = fold(facts, house.protocols) if stale else state
    outcome = judge_and_step(state, proposal.draft, stamp, given, facts)
    if isinstance(outcome, Refusal):
        raise RefusedError(outcome)
    if moves_onto_another(unit, outcome.after, home=locked.treating_site, patient_id=locked.id):
        raise _pseudonym_taken()
    return outcome, load_spans(unit.connection, locked.id) if stale else spans_of(locked.state)


def spans_of(state: PatientState) -> Spans:
    """Return what the lists store of a patient."""
    return Spans(state_spans(state), state.windows)


def _answer(
    house: House, locked: LockedPatient, accepted: Accepted, proposal: Proposal, silent_days: int | None
) -> Answer:
    version = locked.version if proposal.preview else locked.version + 1
    today = max(today_in(locked.time_zone, locked.now), proposal.draft.occurred_on)
    shape: answers.Shape = {
        "fact": answers.fact_shape(accepted.fact),
        "patient": answers.patient_shape(
            locked.id, accepted.after, version, today, house.protocols, silent_after_days=silent_days
        ),
        "deviations": [answers.deviation_shape(found) for found in accepted.deviations],
        "warnings": answers.cautions_shape(accepted.warnings),
        "stored": not proposal.preview,
    }
    return Answer(200 if proposal.preview else 201, answers.to_json(shape), version)


def stored_answer(actor: Actor, once: Once, answer: Answer) -> StoredAnswer | None:
    """Return what a repeated request is answered from; None where no key was sent."""
    if once.key is None:
        return None
    return StoredAnswer(
        actor_id=actor.id,
        key=once.key,
        request_hash=once.request_digest,
        status=answer.status,
        body=answer.body,
        version=answer.version,
    )


def import_key(draft: FactDraft) -> str | None:
    """Return the key by which an external id is unique within its patient."""
    return f"external:{draft.external_id}" if draft.external_id else None


def _require_known_site(unit: UnitOfWork, draft: FactDraft) -> None:
    if isinstance(draft.data, SiteChanged) and find_site(unit.connection, draft.data.to) is None:
        raise InvalidInputError(
            [Problem("data.to", "unknown_site", "data.to is not a site here; PUT /sites/{id} first")]
        )
