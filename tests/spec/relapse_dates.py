"""First relapses by their dates, for tables of timing classes and of risk groups."""

from datetime import date

from workflow.domain.case import Case, Phenotype
from workflow.domain.classification import Reason, Site, Timing
from workflow.domain.switches import ShortFrontline, Switches
from workflow.knowledge.risk import RiskReading, risk_groups
from workflow.knowledge.timing import TimingReading, timing_of

ONGOING = "ongoing"
UNKNOWN = "unknown"
DIAGNOSED_ON = date(2021, 9, 29)
ENDED_ON = date(2023, 9, 29)
RELAPSED_ON = {"very_early": date(2022, 9, 29), "early": date(2023, 6, 29), "late": date(2024, 9, 29)}


def reading(
    diagnosed: str,
    relapsed: str,
    frontline: str = UNKNOWN,
    *,
    short_frontline: ShortFrontline = "very_early",
    relapse_number: int = 1,
) -> TimingReading:
    return timing_of(
        Case(
            diagnosis_on=date.fromisoformat(diagnosed),
            relapse_on=date.fromisoformat(relapsed),
            phenotype="BCP",
            relapse_number=relapse_number,
            frontline_ongoing=frontline == ONGOING,
            frontline_end_on=None if frontline in {ONGOING, UNKNOWN} else date.fromisoformat(frontline),
            switches=Switches(short_frontline=short_frontline),
        )
    )


def timing(diagnosed: str, relapsed: str, frontline: str = UNKNOWN) -> Timing:
    found = reading(diagnosed, relapsed, frontline).timing
    assert found is not None
    return found


def reason(about: str, of: TimingReading) -> Reason:
    (found,) = [one for one in of.reasons if one.about == about]
    return found


def risk_of(case: Case, site: Site) -> RiskReading:
    return risk_groups(case, timing_of(case).timing, site)


def a_case(timing: str, phenotype: Phenotype, *, end: date | None = ENDED_ON) -> Case:
    relapsed_on = RELAPSED_ON[timing]
    ongoing = end is not None and end > relapsed_on
    return Case(
        diagnosis_on=DIAGNOSED_ON,
        relapse_on=relapsed_on,
        phenotype=phenotype,
        frontline_end_on=None if ongoing else end,
        frontline_ongoing=ongoing,
    )
