"""What wards record and correct, drawn so that most of it is accepted and some of it is wrong."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from tests.facts import DIAGNOSED_ON, LEAST, PatientFile
from tests.integration.corrections.reference import ReferenceFile
from tests.property.histories import a_day, a_readable_draft, a_type
from workflow.domain.facts.fact import Fact, FactDraft, payload_json
from workflow.domain.facts.types import REGISTRATION

Draw = Callable[[st.SearchStrategy[Any]], Any]
Raw = dict[str, Any]
REASON = "entered wrongly"
SHIFTS = st.sampled_from([-7, -2, -1, -1, 1, 1, 2, 3, 10])
OFTEN = st.sampled_from([True, True, True, False])
SELDOM = st.sampled_from([False, False, False, True])


def a_fact(draw: Draw, file: ReferenceFile) -> Raw:
    """Return a fact to record: mostly what comes next, sometimes backdated."""
    on = a_day(draw, PatientFile(file.standing(), file.state, file.protocols))
    then = file.folded(as_of=on) or file.state
    fact_type = a_type(draw, PatientFile(file.standing(as_of=on), then, file.protocols))
    draft = a_readable_draft(draw, fact_type, on)
    if draft is None:
        return {"type": fact_type, "occurred_on": str(on), "data": LEAST[fact_type]}
    return raw(draft)


def raw(fact: Fact | FactDraft) -> Raw:
    """Return a fact as a client sends it; an override only where a draft gives one."""
    told: Raw = {"type": fact.type, "occurred_on": str(fact.occurred_on), "data": json.loads(payload_json(fact.data))}
    if isinstance(fact, FactDraft) and fact.override is not None:
        told["override"] = {"code": fact.override.code, "reason": "as drawn", "ordered_by": fact.override.ordered_by}
    return told


def correctable(file: ReferenceFile) -> list[Fact]:
    """Return the facts that count, without the registration."""
    return [fact for fact in file.standing() if fact.type != REGISTRATION]


def a_correction(draw: Draw, file: ReferenceFile) -> Raw:
    """Return one correction of a fact that counts: mostly another day, sometimes other data, sometimes a void."""
    facts = correctable(file)
    return a_void(draw, facts) if draw(SELDOM) else superseding(draw, draw(st.sampled_from(facts)))


def a_void(draw: Draw, facts: Sequence[Fact]) -> Raw:
    """Return a void: mostly of one of the last facts, which others build upon less."""
    among = facts[-3:] if draw(OFTEN) else facts
    return {"voids": draw(st.sampled_from(among)).id, "reason": REASON}


def superseding(draw: Draw, fact: Fact, *, days: int | None = None) -> Raw:
    """Return a correction of this fact: moved by so many days, or as drawn."""
    moved = moved_by(fact, draw(SHIFTS) if days is None else days)
    if days is None and draw(SELDOM):
        other = a_readable_draft(draw, fact.type, fact.occurred_on)
        moved = moved if other is None else raw(other)
    return {"supersedes": fact.id, "reason": REASON, "fact": moved}


def moved_by(fact: Fact, days: int) -> Raw:
    """Return the fact as it is on another day."""
    return raw(fact) | {"occurred_on": str(fact.occurred_on + timedelta(days=days))}


def a_batch(draw: Draw, file: ReferenceFile) -> list[Raw]:
    """Return several corrections at once: the last facts moved together, or any; now and then with a wrong one."""
    facts = correctable(file)
    if draw(st.booleans()):
        days = draw(SHIFTS)
        batch = [superseding(draw, fact, days=days) for fact in facts[-draw(st.integers(2, 6)) :]]
    else:
        drawn = draw(st.lists(st.sampled_from(facts), min_size=1, max_size=4, unique_by=lambda fact: fact.seq))
        batch = [a_void(draw, [fact]) if draw(SELDOM) else superseding(draw, fact) for fact in drawn]
    if draw(SELDOM):
        batch.append(draw(st.sampled_from(_wrong_ones(file, batch))))
    return list(draw(st.permutations(batch)))


def _wrong_ones(file: ReferenceFile, batch: Sequence[Raw]) -> list[Raw]:
    replaced = [entry.target for entry in file.entries if entry.target is not None]
    return [
        {"voids": "f9999", "reason": REASON},
        {"voids": "f1", "reason": REASON},
        batch[0],
        *({"voids": f"f{seq}", "reason": REASON} for seq in replaced),
    ]


def a_registration_correction(draw: Draw, file: ReferenceFile, pseudonyms: Sequence[str]) -> Raw:
    """Return a correction of the registration: the diagnosis moved, now and then too far, or another pseudonym."""
    registration = file.standing()[0]
    told = raw(registration)
    if draw(st.booleans()):
        told["data"]["pseudonym"] = draw(st.sampled_from(pseudonyms))
    else:
        days = draw(st.sampled_from([-400, -30, -1, 1, 30, 300, 1042, 1062]))
        told["data"]["diagnosis_date"] = str(DIAGNOSED_ON + timedelta(days=days))
        told["data"].pop("frontline_end_date", None)
    return {"supersedes": registration.id, "reason": REASON, "fact": told}
