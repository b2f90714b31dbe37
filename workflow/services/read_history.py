"""A course's history: every fact with the state before and after it, its verdicts, who and when."""

from collections.abc import Sequence
from datetime import date

from workflow.domain.actor import Actor
from workflow.domain.facts.fact import Fact
from workflow.domain.windows import Window
from workflow.persistence.unit_of_work import reading
from workflow.rules.fold import Moment, effective, replay, until
from workflow.services import answers
from workflow.services.clocks import Clocks
from workflow.services.house import Answer, House
from workflow.services.read_patient import see


def history(house: House, actor: Actor, patient_id: str, clocks: Clocks, *, include_superseded: bool = False) -> Answer:
    """Return the facts of a patient in their clinical order, as of a day, as known at an instant.

    Superseded and voided versions follow on request, in the order of recording.
    """
    with reading(house.database, actor) as unit:
        seen = see(house, actor, patient_id, clocks, unit, with_facts=True)
        unit.note("read_history", patient_id=patient_id)
    known = seen.facts or ()
    counted = _until(effective(known), clocks.as_of)
    recommendations = house.settings.recommendations
    items = [_entry(moment, recommendations=recommendations) for moment in replay(counted, house.protocols)]
    if include_superseded:
        items += _replaced(known, clocks.as_of)
    return Answer(200, answers.to_json(answers.page(items, settled=seen.settled)), seen.row.version)


def _until(facts: Sequence[Fact], as_of: date | None) -> Sequence[Fact]:
    return facts if as_of is None else until(facts, as_of)


def _entry(moment: Moment, *, recommendations: bool) -> answers.Shape:
    before, after = moment.before, moment.after
    ended = [
        now for now, was in zip(after.windows, before.windows, strict=False) if now.end is not None and was.end is None
    ]
    known = set(before.deviations)
    return answers.fact_shape(moment.fact) | {
        "state_before": before.state,
        "state_after": after.state,
        "course": after.relapse_number,
        "conflict": len(after.conflicts) > len(before.conflicts),
        "verdicts": [_verdict(window) for window in ended],
        "deviations": answers.deviations_shape(
            (found for found in after.deviations if found not in known), recommendations=recommendations
        ),
    }


def _verdict(window: Window) -> answers.Shape:
    day = window.ended_on or window.anchor_on
    return {
        "window": window.id,
        "rule": window.rule,
        "end": window.end,
        "verdict": window.verdict(day),
        "days": window.days(day),
        "days_past_latest": window.days_past_latest(day),
    }


def _replaced(known: Sequence[Fact], as_of: date | None) -> list[answers.Shape]:
    """Return what was corrected by then, as recorded: each version with what took its place, each void with its target.

    A version belongs to the day that it carries itself, though the one which took its place carry another.
    """
    by = {fact.target_seq: fact.seq for fact in known if fact.target_seq is not None}
    return [
        answers.fact_shape(fact, superseded_by=by.get(fact.seq))
        for fact in _until(known, as_of)
        if fact.seq in by or fact.operation == "void"
    ]
