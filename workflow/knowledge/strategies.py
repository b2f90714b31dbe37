"""The six published ways from a risk group and residual disease to what follows remission, row by row (CD-001 …)."""

from collections.abc import Mapping
from decimal import Decimal

from workflow.domain.classification import Site
from workflow.domain.facts.treatment import Strategy
from workflow.knowledge.decision_table import MARROW, Row, StrategyTable
from workflow.knowledge.mrd import MrdPoint
from workflow.knowledge.table_6 import FLOW_AFTER_BLOCK_1, TABLE_6

_EM: tuple[Site, ...] = ("isolated_em",)
_BFM_SOURCE = "002, Post-remission therapy [31]; Risk stratification [42]"
_UK_SOURCE = "002, Reinduction and Post-remission therapy [30]"
_FIGURE = "002, Figure 1"
_PDQ_SOURCE = "004, Postreinduction therapy"
_STEP_4 = "001, step 4"

# 002, Post-remission therapy and MRD [31]: at least 1e-3 after the second induction course is a poor response.
PCR_AFTER_COURSE_2 = MrdPoint(
    methods=("PCR",),
    timepoints=("AFTER_INDUCTION_COURSE_2",),
    positive_from=Decimal("0.001"),
    negative_below=Decimal("0.001"),
)
# 002, Reinduction [30]: sampled at the end of induction, acted on after the third block (C25: two events).
PCR_END_OF_INDUCTION = MrdPoint(
    methods=("PCR",),
    timepoints=("END_INDUCTION",),
    positive_from=Decimal("0.0001"),
    negative_below=Decimal("0.0001"),
)
# The figure prints neither cut-off nor method nor day: only what every printed cut-off agrees on is taken.
ANY_AFTER_REINDUCTION = MrdPoint(positive_from=Decimal("0.001"), negative_below=Decimal("0.0001"))

BFM_2002 = StrategyTable(
    system="BFM",
    scheme="BFM",
    point=PCR_AFTER_COURSE_2,
    after_failure=Row(
        id="CD-007",
        decision="REFRACTORY_BRANCH",
        text="No remission after reinduction: trials of phase 1 or 2 are named, whatever the group.",
        source="002, Reinduction [18,67]",
    ),
    rows=(
        Row(
            id="CD-001",
            group="SR",
            decision="CHEMO_MAINT",
            text="SR: no indication for a transplant; systemic therapy stays intensive, with irradiation of the site.",
            source="002, Post-remission therapy [20,26,29,31]",
            contradictions=("C28",),
        ),
        Row(
            id="CD-005",
            group="IR",
            timing=("very_early",),
            sites=_EM,
            mrd="negative",
            decision="CHEMO_MAINT",
            text="IR, very early isolated extramedullary: MRD below the cut-off means chemotherapy by the table, but "
            "the text says that a transplant in second remission has also been considered.",
            source="002, Post-remission therapy [20,40,41,77]",
            status="conflict",
            contradictions=("C29", "C31"),
            flag="sct_considered",
        ),
        Row(
            id="CD-002",
            group="IR",
            mrd="positive",
            decision="HSCT",
            text="IR: transplant where MRD is at or above the cut-off.",
            source=_BFM_SOURCE,
            contradictions=("C22", "C24"),
        ),
        Row(
            id="CD-003",
            group="IR",
            mrd="negative",
            decision="CHEMO_MAINT",
            text="IR: no transplant where MRD is below the cut-off (a molecular good responder).",
            source=_BFM_SOURCE,
            contradictions=("C22", "C24"),
        ),
        Row(
            id="CD-004",
            group="IR",
            mrd="unknown",
            decision="NEED_MRD",
            text="IR: the MRD decides between transplant and chemotherapy, and it is not known.",
            source=_BFM_SOURCE,
            status="not_stated",
            contradictions=("C22", "C24"),
        ),
        Row(
            id="CD-006",
            group="HR",
            decision="HSCT",
            text="HR: transplant, allogeneic and from a matched donor where there is one, whatever the MRD.",
            source="002, Post-remission therapy [20,26,29,33,38,42,69]",
        ),
    ),
)
UKALL_R3 = StrategyTable(
    system="BFM",
    scheme="UKALL_R3",
    point=PCR_END_OF_INDUCTION,
    rows=(
        Row(
            id="CD-008",
            group="SR",
            decision="CHEMO_MAINT",
            text="SR: chemotherapy, whatever the MRD; the sentence could also be read as tying SR to a low MRD.",
            source="002, Reinduction [30]",
            status="conflict",
            contradictions=("C26",),
        ),
        Row(
            id="CD-009",
            group="IR",
            mrd="positive",
            decision="HSCT",
            text="IR: transplant after the third block where MRD at the end of induction is at or above the cut-off.",
            source=_UK_SOURCE,
            contradictions=("C22", "C25", "C26"),
        ),
        Row(
            id="CD-010",
            group="IR",
            mrd="negative",
            decision="CHEMO_MAINT",
            text="IR: chemotherapy where MRD at the end of induction is below the cut-off.",
            source=_UK_SOURCE,
            contradictions=("C22", "C25", "C26"),
        ),
        Row(
            id="CD-011",
            group="IR",
            mrd="unknown",
            decision="NEED_MRD",
            text="IR: the MRD of the end of induction decides, and it is not known; it is acted on after block 3.",
            source=_UK_SOURCE,
            status="not_stated",
            contradictions=("C22", "C25", "C26"),
        ),
        Row(
            id="CD-012",
            group="HR",
            decision="HSCT",
            text="HR: transplant, whatever the MRD; the sentence could also be read as tying HR to a high MRD.",
            source="002, Reinduction [30]",
            status="conflict",
            contradictions=("C26",),
        ),
    ),
)
I_BFM_FIG1 = StrategyTable(
    system="BFM",
    scheme="I_BFM_SG",
    point=ANY_AFTER_REINDUCTION,
    rows=(
        Row(
            id="CD-013",
            group="SR",
            mrd="negative",
            decision="CHEMO_MAINT",
            text="SR: maintenance chemotherapy where MRD is negative, with local irradiation as indicated; the figure "
            "prints no cut-off, and the result that counts is below every one that is printed elsewhere.",
            source=_FIGURE,
            status="inferred",
            contradictions=("X4",),
        ),
        Row(
            id="CD-014",
            group="SR",
            mrd="positive",
            decision="HSCT",
            text="SR: transplant where MRD is positive; the figure prints no cut-off, and the result that counts is at "
            "or above every one that is printed elsewhere.",
            source=_FIGURE,
            status="inferred",
            contradictions=("X4",),
        ),
        Row(
            id="CD-014",
            group="SR",
            mrd="between",
            decision="NEED_THRESHOLD",
            text="SR: transplant where MRD is positive, but the figure prints no cut-off, and the result that counts "
            "is at or above one that is printed elsewhere and below another.",
            source=_FIGURE,
            status="not_stated",
            contradictions=("X4",),
        ),
        Row(
            id="CD-015",
            group="SR",
            mrd="unknown",
            decision="NEED_MRD",
            text="SR: the MRD after reinduction decides, and it is not known.",
            source=_FIGURE,
            status="not_stated",
            contradictions=("X4",),
        ),
        Row(
            id="CD-016",
            group="HR",
            decision="HSCT",
            text="HR: transplant after post-induction chemotherapy, without a branch for MRD.",
            source=_FIGURE,
            status="inferred",
            contradictions=("X4",),
        ),
    ),
)
PDQ_2014 = StrategyTable(
    system="PDQ",
    rows=(
        Row(
            id="CD-031",
            timing=("early",),
            sites=MARROW,
            decision="HSCT",
            text="Marrow relapse on therapy or within 6 months of its end: treatment generally includes a transplant.",
            source=f"{_PDQ_SOURCE} [30,31]",
        ),
        Row(
            id="CD-032",
            timing=("late",),
            sites=MARROW,
            phenotype="BCP",
            decision="INDIVIDUAL",
            text="Late marrow relapse of B-precursor ALL: chemotherapy comes first, whether a transplant is better is "
            "unclear, and MRD may help; no cut-off is given.",
            source=f"{_PDQ_SOURCE} [9,39-42]",
            contradictions=("C50",),
        ),
        Row(
            id="CD-033",
            timing=("late",),
            sites=MARROW,
            phenotype="T",
            decision="NOT_STATED",
            text="Late marrow relapse of T-cell ALL: only transplant is among the listed options, and none is advised.",
            source=_PDQ_SOURCE,
            status="not_stated",
        ),
        Row(
            id="CD-034",
            sites=_EM,
            decision="NOT_STATED",
            text="Isolated extramedullary relapse: the part of the source that we have does not treat it.",
            source=_PDQ_SOURCE,
            status="not_stated",
            contradictions=("X6",),
        ),
    ),
)
APPROACH_001 = StrategyTable(
    system="BFM_AND_COG",
    after_failure=Row(
        id="CD-037",
        decision="REFRACTORY_BRANCH",
        text="Disease that persists after reinduction: new or experimental agents; CAR-T cells where eligible.",
        source=_STEP_4,
    ),
    rows=(
        Row(
            id="CD-035",
            timing=("early",),
            decision="HSCT",
            text="Early relapse in second remission: transplant is generally recommended.",
            source=_STEP_4,
            contradictions=("C92",),
        ),
        Row(
            id="CD-036",
            timing=("late",),
            decision="NOT_STATED",
            text="Late relapse in second remission: what the source says is lost from the text that we have.",
            source=_STEP_4,
            status="not_stated",
            contradictions=("C50", "C92", "X6"),
        ),
    ),
)
STRATEGIES: Mapping[Strategy, StrategyTable] = {
    "BFM_2002": BFM_2002,
    "UKALL_R3": UKALL_R3,
    "I_BFM_FIG1": I_BFM_FIG1,
    "COG_TABLE6": StrategyTable(system="COG", point=FLOW_AFTER_BLOCK_1, rows=TABLE_6),
    "PDQ_2014": PDQ_2014,
    "APPROACH_001": APPROACH_001,
}
