"""Moving facts that were entered for the wrong patient to the right one: both change, or neither does."""

from collections.abc import Mapping
from functools import partial

from workflow.domain.actor import Actor
from workflow.domain.errors import InvalidInputError, Problem
from workflow.domain.facts.fact import Fact, Moved
from workflow.domain.facts.types import REGISTRATION
from workflow.persistence.unit_of_work import UnitOfWork
from workflow.rules.changes import Change
from workflow.rules.correct import as_draft
from workflow.services import answers
from workflow.services.correct_facts import Revision, judged
from workflow.services.house import Answer, House
from workflow.services.patient_write import (
    UNCONDITIONAL,
    Act,
    Conditions,
    Decided,
    Held,
    carry_out,
    hold,
    require_version,
)
from workflow.services.read_correction import Move, read_move, seq_of

# What speaks about another fact or window by its id; the id means something else at another patient.
SPEAKS_OF_A_FACT = frozenset({"confirmed", "delay_explained"})


MOVING = Act(done="move_facts", refused="refuse_move", previewed="preview_move")


def move_facts(
    house: House, actor: Actor, raw: Mapping[str, object], *, conditions: Conditions = UNCONDITIONAL
) -> Answer:
    """Void facts of one patient and record them for another: 200 with both patients and what changed.

    Each end names the other. `If-Match` is the version of the patient that the facts stand at. Raises as corrections
    do; NotFoundError where either patient is out of reach.
    """
    move = read_move(raw)
    wrong, right = str(move.from_), str(move.to)

    def decide(unit: UnitOfWork) -> Decided:
        # In the order of their ids, so that two opposite moves never wait for each other.
        named = sorted(((wrong, "from"), (right, "to")))
        held = {patient_id: hold(house, unit, patient_id, with_facts=True, at=at) for patient_id, at in named}
        require_version(held[wrong].locked, conditions.if_match)
        # One instant for both: at no known_at do the facts stand at neither patient, or at both.
        now = max(each.locked.now for each in held.values())
        ends = _judged(house, unit, held[wrong].at(now), held[right].at(now), move)
        answer = Answer(200, answers.to_json(_shape(house, move, ends, conditions)))
        return Decided(tuple(end.patient for end in ends), answer)

    return carry_out(house, actor, (wrong, right), decide, act=MOVING, conditions=conditions)


def _judged(house: House, unit: UnitOfWork, wrong: Held, right: Held, move: Move) -> tuple[Revision, Revision]:
    by_seq = {fact.seq: fact for fact in wrong.facts or ()}
    voids, records = [], []
    asked = [(by_seq.get(seq_of(name)), name, f"facts.{place}") for place, name in enumerate(move.facts)]
    # Facts of one day and type keep the order that they were recorded in, whatever the order of the request.
    asked.sort(key=lambda each: (each[0].lineage if each[0] else 0, seq_of(each[1])))
    for place, (fact, name, at) in enumerate(asked):
        _require_movable(fact, at)
        there = Moved(patient_id=right.locked.id, seq=right.locked.last_seq + 1 + place)
        voids.append(Change(target=seq_of(name), reason=move.reason, moved=there, at=at))
        if fact is not None:
            here = Moved(patient_id=wrong.locked.id, seq=fact.seq)
            draft = as_draft(fact)
            records.append(Change(draft=draft, reason=move.reason, earlier=fact, moved=here, at=at))
    judge = partial(judged, house, unit, keep_conflicts=move.keep_conflicts)
    # The wrong patient first: whether a fact may be taken back there is asked before whether it fits elsewhere.
    return (
        judge(wrong, voids, act="taking these facts back at the patient `from`"),
        judge(right, records, act="recording these facts for the patient `to`"),
    )


def _require_movable(fact: Fact | None, at: str) -> None:
    if fact is None:
        return  # said with all else about versions that cannot be corrected
    if fact.type == REGISTRATION:
        message = f"{at} registers the patient; register the other patient, and move the other facts"
        raise InvalidInputError([Problem(at, "registration_stays", message)])
    if fact.type in SPEAKS_OF_A_FACT:
        message = f"{at} is a {fact.type}, which speaks of a fact of this patient; void it, and record it there anew"
        raise InvalidInputError([Problem(at, "speaks_of_a_fact", message)])


def _shape(house: House, move: Move, ends: tuple[Revision, Revision], conditions: Conditions) -> answers.Shape:
    wrong, right = ends
    asked = [seq_of(name) for name in move.facts]
    pairs = sorted(
        zip(wrong.corrected.facts, right.corrected.facts, strict=True),
        key=lambda pair: asked.index(pair[0].target_seq or 0),
    )
    return {
        "facts": [{"void": answers.fact_shape(void), "record": answers.fact_shape(new)} for void, new in pairs],
        "from": wrong.shape(house, conditions),
        "to": right.shape(house, conditions),
        "stored": not conditions.preview,
    }
