"""What an example of a resolved contradiction is made of, and the relapses that the examples ask about."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from workflow.domain.case import Case, Phenotype, Response
from workflow.domain.classification import BfmTiming, Classification, Decision, Group, SchemeId
from workflow.domain.errors import InvalidInputError
from workflow.domain.facts.findings import Findings, RelapseSite
from workflow.domain.facts.read import read_payload
from workflow.domain.facts.response import MrdMeasured
from workflow.domain.facts.treatment import Strategy
from workflow.domain.switches import AS_MOST_SOURCES, Switches
from workflow.knowledge.classify import classify


@dataclass(frozen=True, kw_only=True)
class Example:
    """One thing that can be seen of a resolution; `otherwise` is what the other reading would have shown."""

    of: str
    says: str
    shown: Callable[[], object]
    expected: object
    otherwise: object


# Diagnosed on 2020-01-15 and treated for two years: 18 months are over on 2021-07-15, 36 on 2023-01-15.
DIAGNOSED_ON = date(2020, 1, 15)
END_ON = date(2022, 1, 15)
RELAPSES: dict[BfmTiming, Case] = {
    "very_early": Case(diagnosis_on=DIAGNOSED_ON, relapse_on=date(2021, 3, 1), frontline_ongoing=True, phenotype="BCP"),
    "early": Case(diagnosis_on=DIAGNOSED_ON, relapse_on=date(2022, 4, 1), frontline_end_on=END_ON, phenotype="BCP"),
    "late": Case(diagnosis_on=DIAGNOSED_ON, relapse_on=date(2023, 6, 1), frontline_end_on=END_ON, phenotype="BCP"),
}
# A complete work-up in which nothing was found outside the marrow.
WORK_UP: dict[str, Any] = {
    "marrow_blasts_percent": 60,
    "peripheral_blasts": False,
    "csf": {"wbc_per_ul": 1, "blasts": False, "rbc_per_ul": 0},
    "testis": {"left": "normal", "right": "normal"},
}


def a_relapse(
    timing: BfmTiming,
    site: RelapseSite,
    phenotype: Phenotype = "BCP",
    *,
    mrd: tuple[MrdMeasured, ...] = (),
    response: Response = "not_assessed",
) -> Case:
    """Return a first relapse at this time and site."""
    return replace(RELAPSES[timing], relapse_site=site, phenotype=phenotype, mrd=mrd, response=response)


def relapsed_on(
    day: str,
    *,
    diagnosed_on: str = "2020-01-15",
    treated_until: str | None = "2022-01-15",
    site: RelapseSite = "isolated_bm",
    switches: Switches = AS_MOST_SOURCES,
) -> Case:
    """Return a first relapse of BCP on a day; without `treated_until`, frontline therapy was going on."""
    return Case(
        diagnosis_on=date.fromisoformat(diagnosed_on),
        relapse_on=date.fromisoformat(day),
        frontline_end_on=date.fromisoformat(treated_until) if treated_until else None,
        frontline_ongoing=treated_until is None,
        phenotype="BCP",
        relapse_site=site,
        switches=switches,
    )


def found(*, relapse_number: int = 1, switches: Switches = AS_MOST_SOURCES, **changes: object) -> Case:
    """Return a late relapse of a boy with these findings changed; None takes a finding away."""
    written = {name: value for name, value in (WORK_UP | changes).items() if value is not None}
    return replace(
        RELAPSES["late"],
        relapse_number=relapse_number,
        sex="male",
        findings=Findings.model_validate(written),
        switches=switches,
    )


def measured(value: str, timepoint: str, method: str = "PCR", **written: object) -> tuple[MrdMeasured, ...]:
    """Return one MRD result, a fraction of cells unless another unit is named."""
    carried = {"value": value, "timepoint": timepoint, "method": method, "unit": "fraction", **written}
    return (MrdMeasured.model_validate(carried),)


def answer(case: Case) -> Classification:
    """Return what the tables say."""
    return classify(case).classification


def bfm(case: Case) -> BfmTiming | None:
    """Return the class by BFM."""
    timing = answer(case).timing
    return timing.bfm if timing else None


def group(case: Case, scheme: SchemeId) -> Group | None:
    """Return the group by one scheme."""
    return answer(case).risk[scheme]


def decision(case: Case, strategy: Strategy) -> Decision | None:
    """Return what one strategy recommends."""
    return answer(case).recommendation[strategy].decision


def site_and_gaps(case: Case) -> tuple[str, ...]:
    """Return the site, and why it needs review."""
    return (answer(case).site, *answer(case).gaps)


def raised(case: Case, *flags: str) -> tuple[str, ...]:
    """Return those of these flags that the answer carries."""
    return tuple(flag for flag in flags if flag in answer(case).flags)


def stated(case: Case, *rows: str) -> tuple[str, ...]:
    """Return those of these rows of the decision table that speak beside the strategies."""
    return tuple(row for row in rows if row in answer(case).statements)


def refused(fact_type: str, **data: object) -> tuple[str, str]:
    """Return the field and the code of what is wrong with the data of a fact."""
    with pytest.raises(InvalidInputError) as refusal:
        read_payload(fact_type, data)
    (problem,) = refusal.value.problems
    return problem.field, problem.code
