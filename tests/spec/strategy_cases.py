"""First relapses asked about by strategy, with a residual disease result where that strategy looks."""

from dataclasses import replace
from typing import Any, get_args

from tests.spec.relapse_dates import a_case
from workflow.domain.case import Case, Phenotype
from workflow.domain.classification import Reason, Recommendation
from workflow.domain.facts.findings import RelapseSite
from workflow.domain.facts.response import MrdMeasured
from workflow.domain.facts.treatment import Strategy
from workflow.knowledge.classify import classify

STRATEGY_IDS: tuple[Strategy, ...] = get_args(Strategy)
BFM, UK, I_BFM, COG, PDQ, APPROACH = STRATEGY_IDS
# A result at the point of each strategy, one step below and at its cut-off.
LOOKS_AT = {
    BFM: ("PCR", "AFTER_INDUCTION_COURSE_2", {"negative": "0.000999", "positive": "0.001"}),
    UK: ("PCR", "END_INDUCTION", {"negative": "0.0000999", "positive": "0.0001"}),
    I_BFM: ("NGS", "WEEK_12", {"negative": "0.0000999", "positive": "0.001"}),
    COG: ("FLOW", "END_BLOCK_1", {"negative": "0.0000999", "positive": "0.0001"}),
}


def measured(method: str, timepoint: str, value: str) -> MrdMeasured:
    return MrdMeasured.model_validate({"method": method, "timepoint": timepoint, "value": value, "unit": "fraction"})


def mrd_for(strategy: Strategy, level: str) -> tuple[MrdMeasured, ...]:
    if strategy not in LOOKS_AT or level == "unknown":
        return ()
    method, timepoint, values = LOOKS_AT[strategy]
    return (measured(method, timepoint, values[level]),)


def relapse(timing: str, site: RelapseSite | None, phenotype: Phenotype = "BCP", **changes: object) -> Case:
    changed: dict[str, Any] = {"relapse_site": site, **changes}
    return replace(a_case(timing, phenotype), **changed)


def answer(case: Case, strategy: Strategy) -> tuple[Recommendation, Reason]:
    found = classify(case)
    return found.classification.recommendation[strategy], found.recommended_because[strategy]


def decisions(case: Case) -> dict[Strategy, str | None]:
    return {strategy: one.decision for strategy, one in classify(case).classification.recommendation.items()}


def flags(case: Case) -> tuple[str, ...]:
    return classify(case).classification.flags
