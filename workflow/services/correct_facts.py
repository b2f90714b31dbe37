"""Correcting a patient's file: versions superseded or voided, single or as a batch, each with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workflow.domain.actor import Actor
from workflow.domain.errors import InvalidInputError, Problem, Refusal
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.roles import Role
from workflow.persistence.unit_of_work import UnitOfWork
from workflow.rules.changes import Change
from workflow.rules.correct import Corrected, correct
from workflow.rules.judgement import Circumstances, Stamp
from workflow.services import answers
from workflow.services.alert_answers import changed_alerts
from workflow.services.changed import changed_shape
from workflow.services.errors import RefusedError
from workflow.services.external_ids import new_facts, require_free_external_id
from workflow.services.house import Answer, House, role_for
from workflow.services.patient_write import (
    UNCONDITIONAL,
    Act,
    Conditions,
    Decided,
    Held,
    Revised,
    carry_out,
    hold,
    pseudonym_taken,
    require_version,
    revised,
)
from workflow.services.place_of_care import moves_onto_another
from workflow.services.protocol_release import protocols_for
from workflow.services.read_correction import read_corrections
from workflow.services.record_fact import read_keep_conflicts, require_known_site
from workflow.services.register_patient import require_possible_days

CORRECTING = Act(done="correct_facts", refused="refuse_correction", previewed="preview_correction")


def correct_facts(
    house: House,
    actor: Actor,
    patient_id: str,
    raw: Mapping[str, object],
    *,
    conditions: Conditions = UNCONDITIONAL,
) -> Answer:
    """Correct facts of one patient, all or none: 200 with the new versions and what changed by them.

    `raw` is one correction {supersedes or voids, reason, fact?}, or {corrections: [...]}, with keep_conflicts beside.
    Raises InvalidInputError, NotFoundError, NotAllowedError, RefusedError, StalePatientError, IdempotencyMismatchError.
    """
    keep = read_keep_conflicts(raw)
    changes = read_corrections(raw)

    def decide(unit: UnitOfWork) -> Decided:
        held = hold(house, unit, patient_id, with_facts=True)
        require_version(held.locked, conditions.if_match)
        revision = judged(house, unit, held, changes, keep_conflicts=keep)
        shape: answers.Shape = {
            "facts": [answers.fact_shape(fact) for fact in revision.corrected.facts],
            **revision.shape(house, conditions),
            "stored": not conditions.preview,
        }
        answer = Answer(200, answers.to_json(shape), revision.patient.version(conditions))
        return Decided((revision.patient,), answer)

    return carry_out(house, actor, (patient_id,), decide, act=CORRECTING, conditions=conditions)


@dataclass(frozen=True, slots=True)
class Revision:
    """What changes come to for one patient: as judged, and as stored."""

    corrected: Corrected
    patient: Revised

    def shape(self, house: House, conditions: Conditions) -> answers.Shape:
        """Return what an answer says of the patient: as they are then, what changed, what is to explain or to know."""
        today = self.patient.held.today
        days = [fact.occurred_on for fact in self.corrected.facts if fact.operation != "void"]
        return {
            "patient": self.patient.shape(house, conditions, not_before=max(days, default=today)),
            "changed": changed_shape(house, self.corrected, today, self.patient.silent_days)
            | {"alerts": changed_alerts(self.patient.held.locked.id, self.patient.ledger)},
            "deviations": answers.deviations_shape(
                self.corrected.deviations, recommendations=house.settings.recommendations
            ),
            "warnings": answers.cautions_shape(self.corrected.warnings),
        }


def judged(
    house: House,
    unit: UnitOfWork,
    held: Held,
    changes: Sequence[Change],
    *,
    keep_conflicts: bool,
    act: str = "this correction",
) -> Revision:
    """Return what the changes come to for a patient held with their facts; raises the refusal.

    `act` says in a refusal what is being done.
    """
    locked, facts = held.locked, held.facts or ()
    given = Circumstances(
        role=role_for(unit.actor, locked.sites, Role.CLINICIAN),
        today=held.today,
        protocols=protocols_for(house, unit.connection, (change.draft for change in changes)),
        keep_conflicts=keep_conflicts,
        recommendations=house.settings.recommendations,
        rehearsal=house.rehearsal,
    )
    for change in changes:
        _require_possible(unit, change, held)
    stamp = Stamp(seq=locked.last_seq + 1, recorded_at=locked.now, recorded_by=unit.actor.id)
    outcome = correct(held.state, changes, stamp, given, facts, act=act)
    if isinstance(outcome, Refusal):
        raise RefusedError(outcome)
    before = held.state.registration
    if moves_onto_another(unit, outcome.after, home=before.site, known_as=before.pseudonym, patient_id=locked.id):
        raise pseudonym_taken()
    for change, fact in zip(changes, outcome.facts, strict=True):
        require_free_external_id(fact, (*facts, *outcome.facts), change.at)
    return Revision(outcome, revised(house, unit, held, outcome.after, new_facts(outcome.facts, facts)))


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
