"""Residual disease results at the points where the strategies look, for tables of what they say."""

from dataclasses import replace

from tests.spec.relapse_dates import a_case
from workflow.domain.classification import Recommendation
from workflow.domain.facts.read import read_model
from workflow.domain.facts.response import MrdMeasured
from workflow.domain.facts.treatment import Strategy
from workflow.knowledge.classify import classify
from workflow.knowledge.mrd import MrdPoint, MrdReading, read_mrd
from workflow.knowledge.strategies import STRATEGIES

# Where each strategy looks: method and time point, as a source of BFM, the UK and COG states them.
LOOKS_AT: dict[Strategy, tuple[str, str]] = {
    "BFM_2002": ("PCR", "AFTER_INDUCTION_COURSE_2"),
    "UKALL_R3": ("PCR", "END_INDUCTION"),
    "I_BFM_FIG1": ("NGS", "WEEK_5"),
    "COG_TABLE6": ("FLOW", "END_BLOCK_1"),
}
BFM, UK, I_BFM, COG = LOOKS_AT


def measured(method: str, timepoint: str, **data: object) -> MrdMeasured:
    return read_model(MrdMeasured, {"method": method, "timepoint": timepoint, **data})


def result(strategy: Strategy, **data: object) -> MrdMeasured:
    method, timepoint = LOOKS_AT[strategy]
    return measured(method, timepoint, **{"unit": "fraction", **data})


def point_of(strategy: Strategy) -> MrdPoint:
    point = STRATEGIES[strategy].point
    assert point is not None
    return point


def reading(strategy: Strategy, *results: MrdMeasured) -> MrdReading:
    return read_mrd(results, point_of(strategy))


def level(strategy: Strategy, **data: object) -> str | None:
    return reading(strategy, result(strategy, **data)).level


def advice(strategy: Strategy, *results: MrdMeasured, without: tuple[str, ...] = ()) -> Recommendation:
    """Return the answer for a late combined relapse of B-precursor ALL: its MRD decides, by every strategy here."""
    case = replace(a_case("late", "BCP"), relapse_site="combined_bm", mrd=results, mrd_not_available=without)
    return classify(case).classification.recommendation[strategy]


def why(strategy: Strategy, *results: MrdMeasured, without: tuple[str, ...] = ()) -> str:
    case = replace(a_case("late", "BCP"), relapse_site="combined_bm", mrd=results, mrd_not_available=without)
    return classify(case).recommended_because[strategy].text
