"""Examples of what the strategies recommend where their sources disagree."""

from tests.spec.contradictions.example import Example, a_relapse, answer, decision, measured, raised, stated
from workflow.domain.classification import BfmTiming
from workflow.domain.facts.findings import RelapseSite
from workflow.domain.facts.response import MrdMeasured
from workflow.domain.facts.treatment import Strategy
from workflow.knowledge.classify import classify

UK_HIGH = measured("0.01", "END_INDUCTION")
UK_LOW = measured("0.00001", "END_INDUCTION")
COG_HIGH = measured("0.01", "END_BLOCK_1", "FLOW")
COG_LOW = measured("0.00001", "END_BLOCK_1", "FLOW")
BEFORE_TRANSPLANT = ("CD-048", "CD-049", "CD-050")
BOTH: tuple[BfmTiming, ...] = ("early", "late")


def late_marrow(strategy: Strategy, mrd: tuple[MrdMeasured, ...] = ()) -> str | None:
    """Return what a strategy recommends for a late isolated marrow relapse of BCP."""
    return decision(a_relapse("late", "isolated_bm", mrd=mrd), strategy)


def late_t_marrow(strategy: Strategy) -> str | None:
    """Return what a strategy recommends for a late isolated marrow relapse of T."""
    return decision(a_relapse("late", "isolated_bm", "T"), strategy)


def before_transplant(value: str, unit: str = "fraction") -> tuple[str, ...]:
    """Return which rows on MRD before transplant speak for a result."""
    return stated(a_relapse("early", "isolated_bm", mrd=measured(value, "PRE_HSCT", unit=unit)), *BEFORE_TRANSPLANT)


def shows_the_number(written: str) -> bool:
    """Return whether every row on MRD before transplant shows the number as it was written."""
    said = classify(a_relapse("early", "isolated_bm", mrd=measured(written, "PRE_HSCT", unit="percent"))).statements
    rows = [statement for statement in said if statement.rule in BEFORE_TRANSPLANT]
    return bool(rows) and all(f"{written} " in statement.text for statement in rows)


def t_lineage(site: RelapseSite, mrd: tuple[MrdMeasured, ...]) -> tuple[object, ...]:
    """Return what COG recommends for T-lineage at a site, early and late."""
    return tuple(decision(a_relapse(timing, site, "T", mrd=mrd), "COG_TABLE6") for timing in BOTH)


def source_of_cog() -> str:
    """Return what is cited for the recommendation of COG after a late marrow relapse."""
    return classify(a_relapse("late", "isolated_bm", mrd=COG_LOW)).recommended_because["COG_TABLE6"].source


CONSOLIDATION = (
    Example(
        of="C26",
        says="SR of the UK is not transplanted whatever the MRD",
        shown=lambda: tuple(
            decision(a_relapse("late", "isolated_em", mrd=mrd), "UKALL_R3") for mrd in ((), UK_LOW, UK_HIGH)
        ),
        expected=("CHEMO_MAINT", "CHEMO_MAINT", "CHEMO_MAINT"),
        otherwise=("NEED_MRD", "CHEMO_MAINT", "HSCT"),
    ),
    Example(
        of="C26",
        says="HR of the UK is transplanted whatever the MRD",
        shown=lambda: tuple(
            decision(a_relapse("early", "isolated_bm", mrd=mrd), "UKALL_R3") for mrd in ((), UK_LOW, UK_HIGH)
        ),
        expected=("HSCT", "HSCT", "HSCT"),
        otherwise=("NEED_MRD", "CHEMO_MAINT", "HSCT"),
    ),
    Example(
        of="C25",
        says="the UK decides by the sample of the end of induction, not by one after block 3",
        shown=lambda: (
            late_marrow("UKALL_R3", UK_HIGH),
            late_marrow("UKALL_R3", measured("0.01", "END_BLOCK_3")),
            late_marrow("UKALL_R3", UK_HIGH + measured("0.00001", "END_BLOCK_3")),
        ),
        expected=("HSCT", "NEED_MRD", "HSCT"),
        otherwise=("NEED_MRD", "HSCT", "CHEMO_MAINT"),
    ),
    Example(
        of="C50",
        says="after a late marrow relapse each strategy answers by its own source",
        shown=lambda: (
            late_marrow("BFM_2002", measured("0.0005", "AFTER_INDUCTION_COURSE_2")),
            late_marrow("COG_TABLE6", COG_HIGH),
            late_marrow("PDQ_2014"),
            late_marrow("APPROACH_001"),
        ),
        expected=("CHEMO_MAINT", "HSCT", "INDIVIDUAL", "NOT_STATED"),
        otherwise=("CHEMO_MAINT", "CHEMO_MAINT", "CHEMO_MAINT", "CHEMO_MAINT"),
    ),
    Example(
        of="C50",
        says="the sources that disagree about a late combined relapse are quoted beside the strategies, all of them",
        shown=lambda: stated(a_relapse("late", "combined_bm"), "CD-039", "CD-051", "CD-052"),
        expected=("CD-039", "CD-051", "CD-052"),
        otherwise=("CD-039",),
    ),
    Example(
        of="C50b",
        says="a late T-cell relapse in the marrow is transplanted by BFM, with a flag, and 000 is quoted beside it",
        shown=lambda: (
            late_t_marrow("BFM_2002"),
            raised(a_relapse("late", "isolated_bm", "T"), "late_t_marrow"),
            stated(a_relapse("late", "isolated_bm", "T"), "CD-039"),
        ),
        expected=("HSCT", ("late_t_marrow",), ("CD-039",)),
        otherwise=("CHEMO_MAINT", (), ("CD-039",)),
    ),
    Example(
        of="C50b",
        says="late BCP and early T relapses in the marrow carry no such flag",
        shown=lambda: (
            raised(a_relapse("late", "isolated_bm"), "late_t_marrow"),
            raised(a_relapse("early", "isolated_bm", "T"), "late_t_marrow"),
        ),
        expected=((), ()),
        otherwise=(("late_t_marrow",), ("late_t_marrow",)),
    ),
    Example(
        of="C74",
        says="5e-4 before transplant is high for BFM and not for St Jude, 5e-3 for both, 5e-5 for neither",
        shown=lambda: tuple(before_transplant(value) for value in ("0.0005", "0.005", "0.00005")),
        expected=(("CD-048",), ("CD-048", "CD-050"), ("CD-049",)),
        otherwise=(("CD-048", "CD-050"), ("CD-048", "CD-050"), ("CD-049",)),
    ),
    Example(
        of="C74",
        says="5 % before transplant is over the range of St Jude, and exactly 1e-4 is high for BFM",
        shown=lambda: (before_transplant("5", "percent"), before_transplant("0.0001")),
        expected=(("CD-048",), ("CD-048",)),
        otherwise=(("CD-048", "CD-050"), ("CD-049",)),
    ),
    Example(
        of="C74",
        says="the number itself is shown, as it was written",
        shown=lambda: shows_the_number("0.30"),
        expected=True,
        otherwise=False,
    ),
    Example(
        of="X3",
        says="T-lineage in the marrow is divided by MRD and not by time: negative to transplant, positive to bridging",
        shown=lambda: (
            t_lineage("isolated_bm", COG_LOW),
            t_lineage("isolated_bm", COG_HIGH),
            t_lineage("isolated_bm", ()),
        ),
        expected=(("HSCT", "HSCT"), ("BRIDGE_HSCT", "BRIDGE_HSCT"), ("NEED_MRD", "NEED_MRD")),
        otherwise=(("HSCT", "BRIDGE_HSCT"), ("HSCT", "BRIDGE_HSCT"), ("HSCT", "BRIDGE_HSCT")),
    ),
    Example(
        of="X3",
        says="extramedullary T-lineage is transplanted whatever the MRD, early as well as late",
        shown=lambda: (
            t_lineage("isolated_em", COG_LOW),
            t_lineage("isolated_em", COG_HIGH),
            t_lineage("isolated_em", ()),
        ),
        expected=(("HSCT", "HSCT"), ("HSCT", "HSCT"), ("HSCT", "HSCT")),
        otherwise=(("NOT_STATED", "HSCT"), ("NOT_STATED", "HSCT"), ("NOT_STATED", "HSCT")),
    ),
    Example(
        of="X4",
        says="Figure 1 transplants SR with a positive MRD, and HR whatever the MRD",
        shown=lambda: (
            late_marrow("I_BFM_FIG1", UK_HIGH),
            late_marrow("I_BFM_FIG1", UK_LOW),
            decision(a_relapse("early", "isolated_bm", mrd=UK_LOW), "I_BFM_FIG1"),
            answer(a_relapse("early", "isolated_bm")).recommendation["I_BFM_FIG1"].decision,
        ),
        expected=("HSCT", "CHEMO_MAINT", "HSCT", "HSCT"),
        otherwise=("CHEMO_MAINT", "CHEMO_MAINT", "HSCT", "HSCT"),
    ),
    Example(
        of="X5",
        says="the algorithm of COG is cited from Table 6, where it stands",
        shown=lambda: source_of_cog().partition(";")[0],
        expected="002, Table 6 [29]",
        otherwise="002, Table 2 [29]",
    ),
    Example(
        of="X6",
        says="what a text has lost or leaves out is not stated: late relapse by 001, extramedullary relapse by PDQ",
        shown=lambda: (late_marrow("APPROACH_001"), decision(a_relapse("early", "isolated_em"), "PDQ_2014")),
        expected=("NOT_STATED", "NOT_STATED"),
        otherwise=("CHEMO_MAINT", "HSCT"),
    ),
)
