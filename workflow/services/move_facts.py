"""Moving facts that were entered for the wrong patient to the right one: both change, or neither does."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflow.domain.actor import Actor
from workflow.domain.errors import InvalidInputError, Problem
from workflow.domain.facts.fact import Fact, Moved
from workflow.domain.facts.types import REGISTRATION
from workflow.persistence.unit_of_work import UnitOfWork
from workflow.rules.changes import Change
from workflow.rules.correct import Corrected, as_draft
from workflow.services import answers
from workflow.services.changed import changed_shape
from workflow.services.correct_facts import judged
from workflow.services.external_ids import new_facts
from workflow.services.house import NOT_ONCE, Answer, House, Once
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
from workflow.services.read_correction import Move, read_move, seq_of

# What speaks about another fact or window by its id; the id means something else at another patient.
SPEAKS_OF_A_FACT = frozenset({"confirmed", "delay_explained"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One of the two patients: as held, as judged, as they shall be."""

    held: Held
    corrected: Corrected
    patient: Revised


def move_facts(
    house: House,
    actor: Actor,
    raw: Mapping[str, object],
    *,
    once: Once = NOT_ONCE,
    if_match: int | None = None,
    preview: bool = False,
) -> Answer:
    """Void facts of one patient and record them for another: 200 with both patients and what changed.

    Each end names the other. `if_match` is the version of the patient that the facts stand at. Raises as corrections
    do; NotFoundError where either patient is out of reach.
    """
    move = read_move(raw)
    conditions = Conditions(
        once=once,
        if_match=if_match,
        preview=preview,
        done_as="move_facts",
        refused_as="refuse_move",
        previewed_as="preview_move",
    )
    wrong, right = str(move.from_), str(move.to)

    def decide(unit: UnitOfWork) -> Decided:
        # In the order of their ids, so that two opposite moves never wait for each other.
        named = sorted(((wrong, "from"), (right, "to")))
        held = {patient_id: hold(house, unit, patient_id, with_facts=True, at=at) for patient_id, at in named}
        require_version(held[wrong].locked, if_match)
        # One instant for both: at no known_at do the facts stand at neither patient, or at both.
        now = max(each.locked.now for each in held.values())
        sides = _judged(house, actor, unit, (held[wrong].at(now), held[right].at(now)), move)
        answer = Answer(200, answers.to_json(_shape(house, move, sides, conditions)))
        return Decided(tuple(side.patient for side in sides), answer)

    return carry_out(house, actor, (wrong, right), conditions, decide)


def _judged(house: House, actor: Actor, unit: UnitOfWork, held: tuple[Held, Held], move: Move) -> tuple[_Side, _Side]:
    wrong, right = held
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
    sides = []
    # The wrong patient first: whether a fact may be taken back there is asked before whether it fits elsewhere.
    acts = ("taking these facts back at the patient `from`", "recording these facts for the patient `to`")
    for file, changes, act in zip(held, (voids, records), acts, strict=True):
        corrected = judged(house, actor, unit, file, changes, keep_conflicts=move.keep_conflicts, act=act)
        stored = new_facts(corrected.facts, file.facts or ())
        sides.append(_Side(held=file, corrected=corrected, patient=revised(unit, file, corrected.after, stored)))
    return sides[0], sides[1]


def _require_movable(fact: Fact | None, at: str) -> None:
    if fact is None:
        return  # said with all else about versions that cannot be corrected
    if fact.type == REGISTRATION:
        message = f"{at} registers the patient; register the other patient, and move the other facts"
        raise InvalidInputError([Problem(at, "registration_stays", message)])
    if fact.type in SPEAKS_OF_A_FACT:
        message = f"{at} is a {fact.type}, which speaks of a fact of this patient; void it, and record it there anew"
        raise InvalidInputError([Problem(at, "speaks_of_a_fact", message)])


def _shape(house: House, move: Move, sides: tuple[_Side, _Side], conditions: Conditions) -> answers.Shape:
    wrong, right = sides
    asked = [seq_of(name) for name in move.facts]
    pairs = sorted(
        zip(wrong.corrected.facts, right.corrected.facts, strict=True),
        key=lambda pair: asked.index(pair[0].target_seq or 0),
    )
    return {
        "facts": [{"void": answers.fact_shape(void), "record": answers.fact_shape(new)} for void, new in pairs],
        "from": _side_shape(house, wrong, conditions),
        "to": _side_shape(house, right, conditions),
        "stored": not conditions.preview,
    }


def _side_shape(house: House, side: _Side, conditions: Conditions) -> answers.Shape:
    return {
        "patient": side.patient.shape(house, conditions, not_before=side.held.today),
        "changed": changed_shape(house, side.corrected, side.held.today, side.patient.silent_days),
        "deviations": [answers.deviation_shape(found) for found in side.corrected.deviations],
        "warnings": answers.cautions_shape(side.corrected.warnings),
    }
