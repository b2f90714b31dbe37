"""Countersigning: a clinician confirms what counts already."""

from collections.abc import Mapping
from dataclasses import replace

from workflow.domain.actor import Actor
from workflow.domain.facts.fact import FactDraft, fact_id
from workflow.domain.facts.read import read_fact
from workflow.domain.facts.registration import Confirmed
from workflow.services.house import Answer, House
from workflow.services.patient_write import UNCONDITIONAL, Conditions, Held
from workflow.services.record_fact import RECORDING, Proposal, propose

CONFIRMING = replace(RECORDING, done="confirm_fact")
# Stands for today, until the patient is held and it is known which day that is there.
ANY_DAY = "2000-01-01"


def confirm(
    house: House,
    actor: Actor,
    patient_id: str,
    confirmed: str,
    raw: Mapping[str, object],
    *,
    conditions: Conditions = UNCONDITIONAL,
) -> Answer:
    """Record the fact `confirmed` for an unconfirmed fact, by the id of any of its versions: 201 as for any fact.

    `raw` may carry occurred_on (default today at the patient's site) and note.
    """
    draft = read_fact({"occurred_on": ANY_DAY, **raw, "type": "confirmed", "data": {"fact": confirmed}})

    def draft_of(held: Held) -> FactDraft:
        # What waits is named by its first version; whoever read a corrected one names that.
        first = {fact.id: fact_id(fact.lineage) for fact in held.facts or ()}
        named = replace(draft, data=Confirmed(fact=first.get(confirmed, confirmed)))
        return named if "occurred_on" in raw else replace(named, occurred_on=held.today)

    proposal = Proposal(draft_of=draft_of, act=CONFIRMING, conditions=conditions, with_facts=True)
    return propose(house, actor, patient_id, proposal)
