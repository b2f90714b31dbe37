"""Correcting a patient's file: versions superseded or voided, single or as a batch, each with its reason."""

from collections.abc import Mapping, Sequence

from workflow.domain.actor import Actor
from workflow.domain.errors import InvalidInputError, Problem, Refusal
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.roles import Role
from workflow.persistence.pseudonyms import carried_by_another
from workflow.persistence.unit_of_work import UnitOfWork
from workflow.rules.changes import Change
from workflow.rules.correct import Corrected, correct
from workflow.rules.judgement import Circumstances, Stamp
from workflow.services import answers
from workflow.services.changed import changed_shape
from workflow.services.errors import AlreadyExistsError, RefusedError
from workflow.services.external_ids import new_facts, require_free_external_id
from workflow.services.house import NOT_ONCE, Answer, House, Once, role_for
from workflow.services.patient_write import (
    Conditions,
    Decided,
    Held,
    Revised,
    carry_out,
    hold,
    require_version,
    revised,
)
from workflow.services.read_correction import read_corrections
from workflow.services.record_fact import read_keep_conflicts, require_known_site
from workflow.services.register_patient import require_possible_days


def correct_facts(
    house: House,
    actor: Actor,
    patient_id: str,
    raw: Mapping[str, object],
    *,
    once: Once = NOT_ONCE,
    if_match: int | None = None,
    preview: bool = False,
) -> Answer:
    """Correct facts of one patient, all or none: 200 with the new versions and what changed by them.

    `raw` is one correction {supersedes or voids, reason, fact?}, or {corrections: [...]}, with keep_conflicts beside.
    Raises InvalidInputError, NotFoundError, NotAllowedError, RefusedError, StalePatientError, IdempotencyMismatchError.
    """
    keep = read_keep_conflicts(raw)
    changes = read_corrections(raw)
    conditions = Conditions(
        once=once,
        if_match=if_match,
        preview=preview,
        done_as="correct_facts",
        refused_as="refuse_correction",
        previewed_as="preview_correction",
    )

    def decide(unit: UnitOfWork) -> Decided:
        held = hold(house, unit, patient_id, with_facts=True)
        require_version(held.locked, if_match)
        corrected = judged(house, actor, unit, held, changes, keep_conflicts=keep)
        patient = revised(unit, held, corrected.after, new_facts(corrected.facts, held.facts or ()))
        answer = _answer(house, held, corrected, patient, conditions)
        return Decided((patient,), answer)

    return carry_out(house, actor, (patient_id,), conditions, decide)


def judged(
    house: House,
    actor: Actor,
    unit: UnitOfWork,
    held: Held,
    changes: Sequence[Change],
    *,
    keep_conflicts: bool,
    act: str = "this correction",
) -> Corrected:
    """Return what the changes come to for a patient held with their facts; raises the refusal."""
    locked = held.locked
    given = Circumstances(
        role=role_for(actor, locked.sites, Role.CLINICIAN),
        today=held.today,
        protocols=house.protocols,
        keep_conflicts=keep_conflicts,
    )
    for change in changes:
        _require_possible(unit, change, held)
    stamp = Stamp(seq=locked.last_seq + 1, recorded_at=locked.now, recorded_by=actor.id)
    outcome = correct(held.state, changes, stamp, given, held.facts or (), act=act)
    if isinstance(outcome, Refusal):
        raise RefusedError(outcome)
    _require_pseudonym_of_their_own(unit, held, outcome)
    for change, fact in zip(changes, outcome.facts, strict=True):
        require_free_external_id(fact, (*(held.facts or ()), *outcome.facts), change.at)
    return outcome


def _require_possible(unit: UnitOfWork, change: Change, held: Held) -> None:
    """Raise InvalidInputError where a payload names an unknown site, or a registration impossible days."""
    if change.draft is None:
        return
    at = f"{change.at}.fact" if change.at else "fact"
    require_known_site(unit, change.draft.data, f"{at}.data")
    if change.draft.type != REGISTRATION:
        return
    try:
        require_possible_days(change.draft, held.today)
    except InvalidInputError as invalid:
        raise InvalidInputError([_of_registration(problem, at) for problem in invalid.problems]) from None


def _of_registration(problem: Problem, at: str) -> Problem:
    """Return a problem of a flat registration as one of a fact, whose payload stands in `data`."""
    return problem.within(at if problem.field == "occurred_on" else f"{at}.data")


def _require_pseudonym_of_their_own(unit: UnitOfWork, held: Held, corrected: Corrected) -> None:
    now, before = corrected.after.registration, held.state.registration
    if (now.pseudonym, now.site) == (before.pseudonym, before.site):
        return
    if carried_by_another(unit.connection, now.pseudonym, now.site, but=held.locked.id):
        raise AlreadyExistsError(
            "the site that treats the patient then knows another patient by this pseudonym; search for it there, and "
            "give one of the two another pseudonym"
        )


def _answer(house: House, held: Held, corrected: Corrected, patient: Revised, conditions: Conditions) -> Answer:
    days = [fact.occurred_on for fact in corrected.facts if fact.operation != "void"]
    shape: answers.Shape = {
        "facts": [answers.fact_shape(fact) for fact in corrected.facts],
        "patient": patient.shape(house, conditions, not_before=max(days, default=held.today)),
        "changed": changed_shape(house, corrected, held.today, patient.silent_days),
        "deviations": [answers.deviation_shape(found) for found in corrected.deviations],
        "warnings": answers.cautions_shape(corrected.warnings),
        "stored": not conditions.preview,
    }
    version = held.locked.version + (0 if conditions.preview else 1)
    return Answer(200, answers.to_json(shape), version)
