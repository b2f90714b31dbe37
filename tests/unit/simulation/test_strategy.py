"""Decisions made up for a cohort follow its strategy in every calendar, since a story knows days and no dates."""

from datetime import date, timedelta

import pytest

from workflow.domain.case import Case
from workflow.domain.classification import Decision
from workflow.domain.facts.findings import Findings
from workflow.knowledge.timing import timing_of
from workflow.simulation import assumptions as assumed
from workflow.simulation.strategy import away_from_cuts, first_relapse, recommended

# Two leap years, one of them of a century, and the years between.
RELAPSE_DAYS = [date(1999, 12, 28) + timedelta(days=days) for days in range(0, 5 * 366, 7)]
MARROW = {"marrow_blasts_percent": 60, "csf": {"wbc_per_ul": 1, "blasts": False, "rbc_per_ul": 0}}
ELSEWHERE = {
    "marrow_blasts_percent": 1,
    "peripheral_blasts": False,
    "csf": {"wbc_per_ul": 9, "blasts": True, "rbc_per_ul": 0},
}


def a_relapse(since_diagnosis: int, findings: dict[str, object], frontline: int = 730) -> Case:
    return first_relapse(
        since_diagnosis=since_diagnosis,
        frontline=frontline,
        phenotype="BCP",
        sex="female",
        findings=Findings.model_validate(findings),
    )


def classes(since_diagnosis: int, frontline: int) -> set[object]:
    """Return the classes by BFM that a relapse so many days after the diagnosis has, over many calendars."""
    found: set[object] = set()
    for relapse_on in RELAPSE_DAYS:
        diagnosis_on = relapse_on - timedelta(days=since_diagnosis)
        ongoing = frontline >= since_diagnosis
        case = Case(
            diagnosis_on=diagnosis_on,
            relapse_on=relapse_on,
            phenotype="BCP",
            frontline_ongoing=ongoing,
            frontline_end_on=None if ongoing else diagnosis_on + timedelta(days=frontline),
        )
        timing = timing_of(case).timing
        assert timing is not None
        found.add(timing.bfm)
    return found


@pytest.mark.parametrize("frontline", assumed.FRONTLINE_DAYS)
@pytest.mark.parametrize("cut", ["18 months after the diagnosis", "6 months after frontline therapy"])
def test_around_a_cut_the_days_drawn_lead_to_one_class_in_every_calendar(cut: str, frontline: int) -> None:
    around = 548 if cut.startswith("18") else frontline + 183
    drawn = range(around - 6, around + 7)
    assert any(len(classes(days, frontline)) > 1 for days in drawn)
    for days in drawn:
        moved = away_from_cuts(days, frontline)
        assert len(classes(moved, frontline)) == 1
        assert abs(moved - days) <= 4


@pytest.mark.parametrize(
    ("since_diagnosis", "findings", "mrd", "decision"),
    [
        (400, MARROW, "not_detected", "HSCT"),
        (1200, MARROW, "above_cutoff", "HSCT"),
        (1200, MARROW, "below_cutoff", "CHEMO_MAINT"),
        (1200, MARROW, "not_detected", "CHEMO_MAINT"),
        (1200, ELSEWHERE, "above_cutoff", "CHEMO_MAINT"),
    ],
)
def test_the_strategy_speaks_by_group_and_result(
    since_diagnosis: int, findings: dict[str, object], mrd: str, decision: Decision
) -> None:
    assert recommended(a_relapse(since_diagnosis, findings), mrd) == decision
