"""Countersigning: a clinician confirms what counts already."""

from collections.abc import Mapping

from workflow.clock import today_in
from workflow.domain.actor import Actor
from workflow.domain.facts.fact import fact_id as name_of
from workflow.domain.facts.read import read_fact
from workflow.persistence.patient_reads import load_facts, lock_patient
from workflow.persistence.unit_of_work import writing
from workflow.services.errors import NotFoundError
from workflow.services.house import NOT_ONCE, Answer, House, Once
from workflow.services.patient_write import Conditions, first_answer
from workflow.services.record_fact import Proposal, propose


def confirm(
    house: House,
    actor: Actor,
    patient_id: str,
    fact_id: str,
    raw: Mapping[str, object],
    *,
    once: Once = NOT_ONCE,
    if_match: int | None = None,
) -> Answer:
    """Record the fact `confirmed` for an unconfirmed fact: 201 as for any fact.

    `raw` may carry occurred_on (default today at the patient's site) and note.
    """
    with writing(house.database, actor) as unit:
        locked = lock_patient(house.database, unit.connection, patient_id, unit.reach)
        if locked is None:
            answer = first_answer(unit, actor, once, (patient_id,))
            if answer is None:
                raise NotFoundError("no such patient for this key")
            return answer
        # What waits is named by its first version; whoever read a corrected one names that.
        first = {fact.id: name_of(fact.lineage) for fact in load_facts(unit.connection, locked.id)}
    today = today_in(locked.time_zone, locked.now)
    data = {"fact": first.get(fact_id, fact_id)}
    draft = read_fact({"occurred_on": today, **raw, "type": "confirmed", "data": data})
    conditions = Conditions(once=once, if_match=if_match, done_as="confirm_fact")
    return propose(house, actor, patient_id, Proposal(draft=draft, conditions=conditions))
