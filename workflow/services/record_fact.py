"""Recording one fact: judged by the patient as known now, stored with all that follows from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from workflow.domain.actor import Actor
from workflow.domain.errors import InvalidInputError, Problem, Refusal
from workflow.domain.facts.base import Payload
from workflow.domain.facts.fact import FactDraft
from workflow.domain.facts.read import read_fact
from workflow.domain.facts.registration import PatientRegistered, SiteChanged
from workflow.domain.roles import Role
from workflow.persistence.patient_reads import load_facts
from workflow.persistence.sites import find_site
from workflow.persistence.unit_of_work import UnitOfWork
from workflow.rules.cautions import site_cautions
from workflow.rules.judgement import Accepted, Circumstances, Stamp
from workflow.rules.record import needs_history
from workflow.rules.record import record as judge_and_step
from workflow.services import answers
from workflow.services.errors import RefusedError
from workflow.services.external_ids import new_facts, require_free_external_id
from workflow.services.house import Answer, House, role_for
from workflow.services.patient_write import (
    UNCONDITIONAL,
    Act,
    Conditions,
    Decided,
    Held,
    carry_out,
    hold,
    pseudonym_taken,
    require_version,
    revised,
)
from workflow.services.place_of_care import moves_onto_another
from workflow.services.protocol_release import protocols_for

KEEP_CONFLICTS = "keep_conflicts"
RECORDING = Act(done="record_fact", refused="refuse_fact", previewed="preview_fact")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One request to record: its draft, made of the patient as held, and under which conditions.

    `with_facts`: all facts are read before the draft is made, and judged with.
    """

    draft_of: Callable[[Held], FactDraft]
    act: Act = RECORDING
    conditions: Conditions = UNCONDITIONAL
    keep_conflicts: bool = False
    with_facts: bool = False


def record(
    house: House,
    actor: Actor,
    patient_id: str,
    raw: Mapping[str, object],
    *,
    conditions: Conditions = UNCONDITIONAL,
) -> Answer:
    """Record one fact of contract §3.2: 201 with fact, patient, warnings, deviations; a preview 200, nothing stored.

    Raises InvalidInputError, NotFoundError, NotAllowedError, RefusedError, StalePatientError, IdempotencyMismatchError.
    """
    keep = read_keep_conflicts(raw)
    draft = read_fact({name: value for name, value in raw.items() if name != KEEP_CONFLICTS})
    proposal = Proposal(
        draft_of=lambda _held: draft,
        conditions=conditions,
        keep_conflicts=keep,
        # Who else carries the external id can only be said with all facts at hand.
        with_facts=draft.external_id is not None,
    )
    return propose(house, actor, patient_id, proposal)


def read_keep_conflicts(raw: Mapping[str, object]) -> bool:
    """Return whether facts may lose their step; raises InvalidInputError."""
    keep = raw.get(KEEP_CONFLICTS, False)
    if not isinstance(keep, bool):
        raise InvalidInputError([Problem(KEEP_CONFLICTS, "bool_type", "keep_conflicts should be true or false")])
    return keep


def propose(house: House, actor: Actor, patient_id: str, proposal: Proposal) -> Answer:
    """Carry a proposal out."""
    conditions = proposal.conditions

    def decide(unit: UnitOfWork) -> Decided:
        held = hold(house, unit, patient_id, with_facts=proposal.with_facts)
        require_version(held.locked, conditions.if_match)
        draft = proposal.draft_of(held)
        accepted = _judged(house, unit, held, draft, proposal)
        patient = revised(house, unit, held, accepted.after, new_facts((accepted.fact,), held.facts or ()))
        shape: answers.Shape = {
            "fact": answers.fact_shape(accepted.fact),
            "patient": patient.shape(house, conditions, not_before=draft.occurred_on),
            "deviations": answers.deviations_shape(accepted.deviations, recommendations=house.settings.recommendations),
            "warnings": answers.cautions_shape((*accepted.warnings, *site_cautions(draft, patient.site))),
            "stored": not conditions.preview,
        }
        status = 200 if conditions.preview else 201
        return Decided((patient,), Answer(status, answers.to_json(shape), patient.version(conditions)))

    return carry_out(house, actor, (patient_id,), decide, act=proposal.act, conditions=conditions)


def _judged(house: House, unit: UnitOfWork, held: Held, draft: FactDraft, proposal: Proposal) -> Accepted:
    """Return the accepted fact; raises the refusal."""
    locked = held.locked
    given = Circumstances(
        role=role_for(unit.actor, locked.sites, Role.NURSE),
        today=held.today,
        protocols=protocols_for(house, unit.connection, [draft]),
        planning=proposal.conditions.preview,
        keep_conflicts=proposal.keep_conflicts,
        recommendations=house.settings.recommendations,
        rehearsal=house.rehearsal,
    )
    require_known_site(unit, draft.data)
    stamp = Stamp(seq=locked.last_seq + 1, recorded_at=locked.now, recorded_by=unit.actor.id)
    facts = held.facts
    if facts is None and needs_history(held.state, draft, stamp, given):
        facts = load_facts(unit.connection, locked.id)
    outcome = judge_and_step(held.state, draft, stamp, given, facts)
    if isinstance(outcome, Refusal):
        raise RefusedError(outcome)
    if moves_onto_another(unit, outcome.after, home=locked.treating_site, patient_id=locked.id):
        raise pseudonym_taken()
    require_free_external_id(outcome.fact, held.facts or ())
    return outcome


def require_known_site(unit: UnitOfWork, data: Payload, at: str = "data") -> None:
    """Raise InvalidInputError where a payload leads to a site that nobody has named; `at` is the payload's path."""
    if isinstance(data, SiteChanged):
        field, site = f"{at}.to", data.to
    elif isinstance(data, PatientRegistered):
        field, site = f"{at}.site", data.site
    else:
        return
    if find_site(unit.connection, site) is None:
        message = f"{field} is not a site here; PUT /sites/{{id}} first"
        raise InvalidInputError([Problem(field, "unknown_site", message)])
