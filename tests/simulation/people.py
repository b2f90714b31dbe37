"""What people at a ward write down: mostly what comes next, often late, sometimes wrong and put right afterwards."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any, TypeAlias

from workflow.domain.facts.fact import Fact, payload_json
from workflow.domain.facts.types import REGISTRATION

Raw: TypeAlias = dict[str, Any]
REASON = "entered wrongly"
DECIDED = {"code": "clinical_decision", "reason": "decided at the tumour board"}
LATE = (0, 0, 0, 0, 0, 1, 2, 5, 12, 30)
SHIFTS = (-9, -4, -2, -1, 1, 2, 4, 9)
POINTS = ("END_BLOCK_1", "END_BLOCK_2", "WEEK_5")

START: Raw = {"type": "block_started", "data": {"element": "R1"}, "override": DECIDED}
DEFERRED: Raw = {"type": "block_deferred", "data": {"causes": [{"code": "infection", "primary": True}]}}
COMPLETED: Raw = {"type": "block_completed", "data": {"given": "as_planned"}}
SAMPLED: Raw = {"type": "mrd_sampled", "data": {"method": "PCR"}}
REPORTED: Raw = {"type": "mrd_reported", "data": {"method": "PCR", "unit": "fraction", "value": "0.0005"}}
ASSESSED: Raw = {"type": "response_assessed", "data": {"marrow_blasts_percent": 2, "final": True}}
TO_CHEMOTHERAPY: Raw = {"type": "consolidation_decided", "data": {"decision": "chemotherapy"}}
# What comes next in a state; elsewhere a note is taken.
NEXT: Mapping[str, tuple[Raw, ...]] = {
    "registered": ({"type": "relapse_diagnosed", "data": {"relapse_site": "isolated_bm"}},),
    "relapse_diagnosed": (START, START, START, SAMPLED),
    "second_relapse": (START, START),
    "reinduction.block": (COMPLETED, COMPLETED, START, SAMPLED),
    "reinduction.recovery": (START, START, START, ASSESSED, ASSESSED, DEFERRED, DEFERRED, SAMPLED, REPORTED),
    "mrd_check": (TO_CHEMOTHERAPY, TO_CHEMOTHERAPY, START, SAMPLED, REPORTED, REPORTED, DEFERRED),
    "consolidation.block": (COMPLETED, COMPLETED, START),
    "consolidation.recovery": (START, START, START, DEFERRED, DEFERRED, SAMPLED, REPORTED),
    "refractory": (START, START),
    "lost_to_follow_up": ({"type": "care_resumed", "data": {}},),
    "withdrawn": ({"type": "care_resumed", "data": {}},),
    "palliative": ({"type": "treatment_intent_changed", "data": {"intent": "curative"}},),
}
NOTED: Raw = {"type": "note_added", "data": {"text": "seen in clinic"}}
SELDOM: tuple[Raw, ...] = (
    NOTED,
    {"type": "protocol_chosen", "data": {"protocol": "all-rez-bfm-90"}},
    {"type": "block_ended", "data": {"element": "R2", "end": "omitted", "reason": "organ toxicity"}},
    {"type": "lost_to_follow_up", "data": {}},
    {"type": "mrd_not_available", "data": {"timepoint": POINTS[0]}},
    {"type": "reinduction_failed", "data": {}},
    {"type": "treatment_intent_changed", "data": {"intent": "palliative"}},
    {"type": "relapse_diagnosed", "data": {"relapse_site": "isolated_bm"}},
    {"type": "died", "data": {}},
)


def a_registration(pseudonym: str, site: str, today: date) -> Raw:
    """Return what registers a patient today."""
    data = {"diagnosis_date": "2021-01-01", "phenotype": "BCP", "frontline_end_date": "2023-01-01"}
    return {"pseudonym": pseudonym, "site": site, "occurred_on": str(today), **data}


def a_beginning(today: date) -> list[Raw]:
    """Return what follows a registration: the relapse, the protocol that is chosen, and the first block."""
    chosen = {"type": "protocol_chosen", "data": {"protocol": "all-rez-bfm-2002"}}
    return [{**raw, "occurred_on": str(today)} for raw in (NEXT["registered"][0], chosen, START)]


def what_comes_next(chance: Random, state: str, today: date) -> Raw:
    """Return a fact of a patient in a state, as somebody writes it down today, perhaps days after it happened."""
    usual = NEXT.get(state)
    told = chance.choice(usual) if usual and chance.random() < 0.9 else chance.choice(SELDOM)
    on = today - timedelta(days=chance.choice(LATE))
    return {**told, "data": _completed(chance, told, on), "occurred_on": str(on), "keep_conflicts": True}


def a_transfer(site: str, today: date) -> Raw:
    """Return a transfer to another site."""
    return {"type": "site_changed", "data": {"to": site}, "occurred_on": str(today)}


def _completed(chance: Random, told: Raw, on: date) -> Raw:
    data = dict(told["data"])
    if told is DEFERRED and chance.random() < 0.8:
        data["review_on"] = str(on + timedelta(days=chance.choice((1, 3, 7, 20))))
    if told in (SAMPLED, REPORTED):
        data |= {"timepoint": chance.choice(POINTS), "sample_on": str(on)}
    if told is START:
        data["element"] = chance.choice(("R1", "R2"))
    return data


def standing(facts: Sequence[Fact]) -> list[Fact]:
    """Return the facts that count, the registration apart, in the order of their recording."""
    counted: dict[int, Fact] = {}
    for fact in facts:
        if fact.target_seq is not None:
            counted.pop(fact.target_seq, None)
        if fact.operation != "void" and fact.type != REGISTRATION:
            counted[fact.seq] = fact
    return list(counted.values())


def a_correction(chance: Random, facts: Sequence[Fact]) -> Raw | None:
    """Return a correction of one of the last facts: mostly another day, sometimes entered in error, sometimes both."""
    there = standing(facts)[-5:]
    if not there:
        return None
    if len(there) > 1 and chance.random() < 0.2:
        days = chance.choice(SHIFTS)
        return {"corrections": [_moved(fact, days) for fact in there[-2:]], "keep_conflicts": True}
    fact = chance.choice(there)
    if chance.random() < 0.25:
        return {"voids": fact.id, "reason": REASON, "keep_conflicts": True}
    return {**_moved(fact, chance.choice(SHIFTS)), "keep_conflicts": True}


def a_correction_taken_back(facts: Sequence[Fact]) -> Raw | None:
    """Return what moves the last fact that was moved to the day on which it stood before."""
    for fact in reversed(standing(facts)):
        before = next((each for each in facts if each.seq == fact.target_seq), None)
        if before is not None and before.occurred_on != fact.occurred_on:
            return {**_moved(fact, (before.occurred_on - fact.occurred_on).days), "keep_conflicts": True}
    return None


def written(fact: Fact) -> Raw:
    """Return a fact as a client sends it."""
    raw = {"type": fact.type, "occurred_on": str(fact.occurred_on), "data": json.loads(payload_json(fact.data))}
    return raw | ({"override": DECIDED} if fact.type == "block_started" else {})


def _moved(fact: Fact, days: int) -> Raw:
    moved = written(fact) | {"occurred_on": str(fact.occurred_on + timedelta(days=days))}
    return {"supersedes": fact.id, "reason": REASON, "fact": moved}
