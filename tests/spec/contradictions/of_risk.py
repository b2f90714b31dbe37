"""Examples of what the risk schemes say where they differ, or leave a cell open."""

from tests.facts import a_draft, a_registered_patient
from tests.spec.contradictions.example import Example, a_relapse, answer, decision, group, measured, raised, stated
from tests.spec.small_protocols import EARLY, VERY_EARLY, give
from workflow.domain.classification import BfmTiming, SchemeId
from workflow.domain.errors import Refusal
from workflow.domain.facts.findings import RelapseSite

TIMINGS: tuple[BfmTiming, ...] = ("very_early", "early", "late")
CLAIMED_TWICE: tuple[tuple[BfmTiming, RelapseSite], ...] = (
    ("late", "isolated_em"),
    ("early", "isolated_bm"),
    ("late", "isolated_bm"),
    ("late", "combined_bm"),
)
GOOD = measured("0.0005", "AFTER_INDUCTION_COURSE_2")


def very_early_em(*schemes: SchemeId) -> tuple[object, ...]:
    """Return the groups of a very early isolated extramedullary relapse of BCP."""
    return tuple(group(a_relapse("very_early", "isolated_em"), scheme) for scheme in schemes)


def after_f1_of_95(registered: dict[str, str]) -> str:
    """Return how F2 is answered after F1 under ALL-REZ BFM 95, for a patient registered so."""
    file = a_registered_patient(**registered)
    file.add("relapse_diagnosed", "2025-01-06", relapse_site="isolated_bm")
    file.add("protocol_chosen", "2025-01-06", protocol="all-rez-bfm-95")
    give(file, "F1", "2025-01-08", "2025-01-13")
    outcome = file.propose(a_draft("block_started", "2025-01-29", element="F2"))
    return outcome.code if isinstance(outcome, Refusal) else "accepted"


RISK = (
    Example(
        of="C29",
        says="a very early isolated extramedullary relapse is IR by BFM, and HR by the UK and I-BFM, side by side",
        shown=lambda: very_early_em("BFM", "UKALL_R3", "I_BFM_SG"),
        expected=("IR", "HR", "HR"),
        otherwise=("HR", "HR", "HR"),
    ),
    Example(
        of="C28",
        says="an early isolated extramedullary relapse is IR by BFM and the UK, and SR by I-BFM alone",
        shown=lambda: tuple(
            group(a_relapse("early", "isolated_em"), scheme) for scheme in ("BFM", "UKALL_R3", "I_BFM_SG")
        ),
        expected=("IR", "IR", "SR"),
        otherwise=("SR", "SR", "SR"),
    ),
    Example(
        of="C31",
        says="a very early isolated extramedullary relapse is IR of either phenotype, so that MRD decides",
        shown=lambda: (
            group(a_relapse("very_early", "isolated_em", "T"), "BFM"),
            decision(a_relapse("very_early", "isolated_em"), "BFM_2002"),
        ),
        expected=("IR", "NEED_MRD"),
        otherwise=("HR", "HSCT"),
    ),
    Example(
        of="C31",
        says="with a negative MRD chemotherapy is recommended, and that a transplant was considered is said",
        shown=lambda: (
            decision(a_relapse("very_early", "isolated_em", mrd=GOOD), "BFM_2002"),
            raised(a_relapse("very_early", "isolated_em", mrd=GOOD), "sct_considered"),
            raised(a_relapse("early", "isolated_em", mrd=GOOD), "sct_considered"),
        ),
        expected=("CHEMO_MAINT", ("sct_considered",), ()),
        otherwise=("HSCT", (), ()),
    ),
    Example(
        of="C30",
        says="combined T-cell relapses are HR for I-BFM, early and late; combined BCP ones are SR",
        shown=lambda: tuple(
            group(a_relapse(timing, "combined_bm", phenotype), "I_BFM_SG")
            for phenotype in ("T", "BCP")
            for timing in ("early", "late")
        ),
        expected=("HR", "HR", "SR", "SR"),
        otherwise=("SR", "SR", "SR", "SR"),
    ),
    Example(
        of="C33",
        says="extramedullary T-cell relapses are not HR, and late isolated extramedullary ones not IR",
        shown=lambda: (
            group(a_relapse("early", "isolated_em", "T"), "BFM"),
            group(a_relapse("late", "isolated_em"), "BFM"),
        ),
        expected=("IR", "SR"),
        otherwise=("HR", "IR"),
    ),
    Example(
        of="C33",
        says="the grouping of the past analysis is no scheme of the answer",
        shown=lambda: sorted(answer(a_relapse("late", "isolated_bm")).risk),
        expected=["ALL_REZ_BFM_95", "BFM", "I_BFM_SG", "UKALL_R3"],
        otherwise=["ALL_REZ_BFM_90_ANALYSIS", "ALL_REZ_BFM_95", "BFM", "I_BFM_SG", "UKALL_R3"],
    ),
    Example(
        of="C35",
        says="the cells that the text leaves open are S2",
        shown=lambda: (
            group(a_relapse("very_early", "isolated_em"), "ALL_REZ_BFM_95"),
            group(a_relapse("early", "combined_bm"), "ALL_REZ_BFM_95"),
        ),
        expected=("S2", "S2"),
        otherwise=(None, None),
    ),
    Example(
        of="C35",
        says="of the cells that two groups claim, late isolated extramedullary T is S1, early and late marrow T S4",
        shown=lambda: tuple(group(a_relapse(timing, site, "T"), "ALL_REZ_BFM_95") for timing, site in CLAIMED_TWICE),
        expected=("S1", "S4", "S4", "S4"),
        otherwise=("S2", "S3", "S2", "S2"),
    ),
    Example(
        of="C38",
        says="that each further element is an individual decision is said for S4, not for S3",
        shown=lambda: (
            group(a_relapse("very_early", "isolated_bm"), "ALL_REZ_BFM_95"),
            stated(a_relapse("very_early", "isolated_bm"), "CD-042"),
            group(a_relapse("early", "isolated_bm"), "ALL_REZ_BFM_95"),
            stated(a_relapse("early", "isolated_bm"), "CD-042"),
        ),
        expected=("S4", ("CD-042",), "S3", ()),
        otherwise=("S4", ("CD-042",), "S3", ("CD-042",)),
    ),
    Example(
        of="C38",
        says="under all-rez-bfm-95 the element after F1 needs that decision in S4, and none in S3",
        shown=lambda: (after_f1_of_95(VERY_EARLY), after_f1_of_95(EARLY)),
        expected=("individual_decision_needed", "accepted"),
        otherwise=("individual_decision_needed", "individual_decision_needed"),
    ),
    Example(
        of="X1",
        says="the first three columns of Table 5 are BCP: T-cell relapses in the marrow are always HR, BCP ones not",
        shown=lambda: tuple(
            tuple(group(a_relapse(timing, "combined_bm", phenotype), "BFM") for timing in TIMINGS)
            for phenotype in ("BCP", "T")
        ),
        expected=(("HR", "IR", "IR"), ("HR", "HR", "HR")),
        otherwise=(("HR", "HR", "HR"), ("HR", "IR", "IR")),
    ),
)
