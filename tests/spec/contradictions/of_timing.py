"""Examples of when a relapse is early, and of what has no deadline."""

from dataclasses import replace
from datetime import timedelta

from tests.facts import a_relapsed_patient, after_relapse
from tests.spec.contradictions.example import (
    Example,
    a_relapse,
    answer,
    bfm,
    decision,
    measured,
    raised,
    relapsed_on,
)
from workflow.domain.case import Case
from workflow.domain.switches import AS_MOST_SOURCES, Switches

TO_36_MONTHS = ("2023-01-14", "2023-01-15")


def bfm_and_cog(case: Case) -> tuple[str | None, str | None]:
    """Return the classes of both systems."""
    timing = answer(case).timing
    assert timing is not None
    return timing.bfm, timing.cog


def cog(day: str) -> tuple[str, str]:
    """Return the class and the part of it that COG gives to a relapse on a day."""
    timing = answer(relapsed_on(day)).timing
    assert timing is not None
    return timing.cog, timing.cog_subclass


def after_a_short_frontline(switches: Switches = AS_MOST_SOURCES) -> tuple[object, ...]:
    """Return how a relapse is read that came 15 months after diagnosis, 9 after the end of 6 months of therapy."""
    case = relapsed_on("2021-04-15", treated_until="2020-07-15", switches=switches)
    timing = answer(case).timing
    assert timing is not None
    return (timing.bfm, timing.bfm_alternative, *raised(case, "timing_conflict"))


def both_systems(day: str, treated_until: str | None) -> tuple[object, ...]:
    """Return the classes of both systems for a relapse on a day, and whether the answer says that they disagree."""
    case = relapsed_on(day, treated_until=treated_until)
    return (*bfm_and_cog(case), *raised(case, "systems_disagree"))


def table_6(day: str, switches: Switches = AS_MOST_SOURCES) -> str | None:
    """Return what COG recommends for an isolated extramedullary relapse on a day, with a negative MRD."""
    case = relapsed_on(day, site="isolated_em", switches=switches)
    return decision(replace(case, mrd=measured("0.00001", "END_BLOCK_1", "FLOW")), "COG_TABLE6")


def a_year_after_the_last_block(blasts_percent: float | None) -> tuple[str, bool]:
    """Return where a course stands a year after its second block, and whether reinduction counts as failed."""
    file = a_relapsed_patient()
    file.add("block_started", after_relapse(1), element="R1")
    file.add("block_completed", after_relapse(6))
    file.add("block_started", after_relapse(22), element="R2")
    file.add("block_completed", after_relapse(27))
    file.today = after_relapse(27) + timedelta(days=365)
    if blasts_percent is not None:
        file.add("response_assessed", file.today, marrow_blasts_percent=blasts_percent, final=True)
    return file.state.state, any(fact.type == "reinduction_failed" for fact in file.facts)


TIMING = (
    Example(
        of="C01",
        says="12 months after diagnosis is very early, not early",
        shown=lambda: bfm(relapsed_on("2021-01-15", treated_until=None)),
        expected="very_early",
        otherwise="early",
    ),
    Example(
        of="C01",
        says="20 months after diagnosis, still on therapy, is early, not late",
        shown=lambda: bfm(relapsed_on("2021-09-15", treated_until=None)),
        expected="early",
        otherwise="late",
    ),
    Example(
        of="C02",
        says="of two relapses 30 months after diagnosis the end of therapy makes one early and one late",
        shown=lambda: tuple(bfm(relapsed_on("2022-07-15", treated_until=end)) for end in ("2022-01-15", "2021-12-15")),
        expected=("early", "late"),
        otherwise=("late", "late"),
    ),
    Example(
        of="C03",
        says="18 months to the day is early, the day before very early",
        shown=lambda: tuple(bfm(relapsed_on(day, treated_until=None)) for day in ("2021-07-14", "2021-07-15")),
        expected=("very_early", "early"),
        otherwise=("very_early", "very_early"),
    ),
    Example(
        of="C04",
        says="6 months after the end to the day is early, the day after late",
        shown=lambda: tuple(bfm(relapsed_on(day)) for day in ("2022-07-15", "2022-07-16")),
        expected=("early", "late"),
        otherwise=("late", "late"),
    ),
    Example(
        of="C05",
        says="after short frontline therapy very early stands, late is told as the alternative, to be confirmed",
        shown=after_a_short_frontline,
        expected=("very_early", "late", "timing_conflict"),
        otherwise=("late", None),
    ),
    Example(
        of="C05",
        says="a protocol may prefer late, and very early is then the alternative",
        shown=lambda: after_a_short_frontline(Switches(short_frontline="late")),
        expected=("late", "very_early", "timing_conflict"),
        otherwise=("very_early", "late", "timing_conflict"),
    ),
    Example(
        of="C07",
        says="31 months after diagnosis and 7 after the end is late by BFM and early by COG, and the answer says so",
        shown=lambda: both_systems("2022-08-15", "2022-01-15"),
        expected=("late", "early", "systems_disagree"),
        otherwise=("early", "early"),
    ),
    Example(
        of="C07",
        says="the same day after 30 months of therapy is early by both: the gap moves with the therapy",
        shown=lambda: both_systems("2022-08-15", "2022-07-15"),
        expected=("early", "early"),
        otherwise=("late", "early", "systems_disagree"),
    ),
    Example(
        of="C07",
        says="38 months after diagnosis, after 36 months of therapy or during it, is early by BFM and late by COG",
        shown=lambda: (both_systems("2023-03-15", "2023-01-15"), both_systems("2023-03-15", None)),
        expected=(("early", "late", "systems_disagree"), ("early", "late", "systems_disagree")),
        otherwise=(("late", "late"), ("late", "late")),
    ),
    Example(
        of="C08",
        says="COG Table 6 reads early up to the day before 36 months after diagnosis, for extramedullary relapses too",
        shown=lambda: (table_6("2022-08-15"), *(table_6(day) for day in TO_36_MONTHS)),
        expected=("HSCT", "HSCT", "CHEMO_MAINT"),
        otherwise=("CHEMO_MAINT", "CHEMO_MAINT", "CHEMO_MAINT"),
    ),
    Example(
        of="C08",
        says="a protocol may state another number of months for Table 6, and the class by COG keeps its own",
        shown=lambda: (
            table_6("2022-08-15", Switches(table_6_late_from_months=18)),
            bfm_and_cog(relapsed_on("2022-08-15", switches=Switches(table_6_late_from_months=18)))[1],
        ),
        expected=("CHEMO_MAINT", "early"),
        otherwise=("HSCT", "early"),
    ),
    Example(
        of="C90",
        says="a year after the last block without any assessment nothing has failed",
        shown=lambda: a_year_after_the_last_block(None),
        expected=("reinduction.recovery", False),
        otherwise=("refractory", True),
    ),
    Example(
        of="C90",
        says="even a final assessment without remission, a year late, fails nobody until somebody records it",
        shown=lambda: a_year_after_the_last_block(40),
        expected=("mrd_check", False),
        otherwise=("refractory", True),
    ),
    Example(
        of="C90",
        says="the recommendation for a patient whose remission nobody assessed is that for a remission, conditional",
        shown=lambda: answer(a_relapse("very_early", "isolated_bm")).recommendation["BFM_2002"].conditional_on,
        expected="CR2",
        otherwise=None,
    ),
    Example(
        of="X2",
        says="COG early is very early and intermediate together, not a class beside them",
        shown=lambda: tuple(cog(day) for day in ("2021-07-14", "2021-07-15", "2023-01-14", "2023-01-15")),
        expected=(("early", "very_early"), ("early", "intermediate"), ("early", "intermediate"), ("late", "late")),
        otherwise=(("very_early", "very_early"), ("early", "early"), ("early", "early"), ("late", "late")),
    ),
)
