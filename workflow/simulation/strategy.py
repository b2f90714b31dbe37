"""What the strategy of a simulated course recommends, so that decisions made up here follow it."""

from dataclasses import replace
from datetime import date

from workflow.domain.calendar import add_days
from workflow.domain.case import Case, Phenotype, Sex
from workflow.domain.classification import Decision
from workflow.domain.facts.findings import Findings
from workflow.domain.facts.response import MrdMeasured
from workflow.domain.facts.treatment import Strategy
from workflow.knowledge.classify import classify
from workflow.simulation.chance import Bounds

STRATEGY: Strategy = "BFM_2002"
# A story knows days and no dates, so it is read in one calendar; what lies at a cut in some calendar is kept away from
# it: 18 calendar months are 546 to 550 days long, 6 are 181 to 184 (a relapse is early up to 6 months after the end).
_RELAPSED_ON = date(2001, 1, 1)
_EIGHTEEN_MONTHS: Bounds = (546, 549)
_SIX_MONTHS: Bounds = (182, 184)
_RESULTS = {
    "not_detected": {"below": "0.0001"},
    "below_cutoff": {"value": "0.0001"},
    "above_cutoff": {"value": "0.001"},
}


def away_from_cuts(since_diagnosis: int, frontline: int) -> int:
    """Return days from the diagnosis to the relapse at which every calendar gives the same timing class."""
    since_diagnosis = _past(since_diagnosis, _EIGHTEEN_MONTHS)
    return frontline + _past(since_diagnosis - frontline, _SIX_MONTHS)


def first_relapse(*, since_diagnosis: int, frontline: int, phenotype: Phenotype, sex: Sex, findings: Findings) -> Case:
    """Return a first relapse so many days after the diagnosis, after so many days of frontline therapy."""
    diagnosis_on = add_days(_RELAPSED_ON, -since_diagnosis)
    ongoing = frontline >= since_diagnosis
    return Case(
        diagnosis_on=diagnosis_on,
        relapse_on=_RELAPSED_ON,
        phenotype=phenotype,
        frontline_end_on=None if ongoing else add_days(diagnosis_on, frontline),
        frontline_ongoing=ongoing,
        findings=findings,
        sex=sex,
        response="cr",
    )


def recommended(case: Case, mrd: str) -> Decision | None:
    """Return what is recommended in remission, with this result (a key of the assumed MRD) after the second block."""
    measured = {"timepoint": "AFTER_INDUCTION_COURSE_2", "method": "PCR", "unit": "fraction", **_RESULTS[mrd]}
    asked = replace(case, mrd=(MrdMeasured.model_validate(measured),))
    return classify(asked).classification.recommendation[STRATEGY].decision


def _past(days: int, cut: Bounds) -> int:
    least, most = cut
    return most + 1 if least <= days <= most else days
