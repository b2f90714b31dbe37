"""The same facts entered in another order, and a patient told by what the facts are instead of by their numbers."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from workflow.domain.facts.fact import Fact, fact_id
from workflow.domain.facts.registration import Confirmed
from workflow.domain.facts.treatment import DelayExplained
from workflow.domain.patient import PatientState


def entered_in_order(order: Sequence[Fact], facts: Sequence[Fact]) -> list[Fact]:
    """Return `facts` numbered by their place in `order`; facts that name others by number name them still."""
    numbers = {fact.lineage: place for place, fact in enumerate(order, start=1)}
    return [
        replace(
            _naming(fact, numbers),
            seq=numbers[fact.lineage],
            lineage=numbers[fact.lineage],
            operation="record",
            target_seq=None,
        )
        for fact in facts
    ]


def _naming(fact: Fact, numbers: dict[int, int]) -> Fact:
    if isinstance(fact.data, Confirmed):
        named = numbers.get(int(fact.data.fact.removeprefix("f")), 999)
        return replace(fact, data=fact.data.model_copy(update={"fact": fact_id(named)}))
    if isinstance(fact.data, DelayExplained):
        key, _, anchor = fact.data.window.rpartition(":f")
        window = f"{key}:{fact_id(numbers.get(int(anchor), 999))}"
        return replace(fact, data=fact.data.model_copy(update={"window": window}))
    return fact


def named_by_fact(state: PatientState, facts: Sequence[Fact]) -> dict[str, Any]:
    """Return the patient as plain data in which every lineage is replaced by the type and day of its fact."""
    names: dict[int | None, str | None] = {fact.lineage: f"{fact.type} {fact.occurred_on}" for fact in facts}
    names[None] = None
    told = asdict(state)
    for window in (*told["windows"], *told["earlier_windows"]):
        window["anchor"], window["ended_by"] = names[window["anchor"]], names[window["ended_by"]]
    for course in filter(None, (*told["ended_courses"], told["course"])):
        decisions = (*course["decided_before"], *filter(None, [course["decided"], course["block_decision"]]))
        for part in (*course["blocks"], *course["mrd"], *decisions):
            part["fact"] = names[part["fact"]]
        for block in course["blocks"]:
            block["ended_by"] = names[block["ended_by"]]
        for known in course["mrd"]:
            # Which version stands is a number of its own, told by nothing but the order of entry.
            del known["version"]
    for part in (*told["deviations"], *told["conflicts"]):
        part["fact"] = names[part["fact"]]
    for deviation in told["deviations"]:
        key, _, anchor = (deviation["window"] or "").rpartition(":f")
        deviation["window"] = key and f"{key} {names[int(anchor)]}"
    # Facts of one day whose types share a rank stand in the order of their entry: only lists of names show it.
    told["conflicts"] = sorted(told["conflicts"], key=str)
    told["unconfirmed"] = sorted(str(names[lineage]) for lineage in told["unconfirmed"])
    told["last_order"] = told["last_order"][:-1]
    return told
