"""How printed tables whose layout was lost in the text at hand were read, and what proves the reading."""

from workflow.knowledge.contradictions.contradiction import Contradiction

EXTRACTION = (
    Contradiction(
        id="X1",
        priority="X",
        finding="The header of the phenotypes stands once over six columns, the second one is lost (002, Table 5).",
        resolution="Columns 1 to 3 are BCP, 4 to 6 are T. Three sentences of the text prove it: every T-cell relapse "
        "in the marrow is HR at any time, late marrow relapses of BCP are IR, and so are early combined ones.",
        guards=("workflow.knowledge.risk_tables",),
    ),
    Contradiction(
        id="X2",
        priority="X",
        finding="Early and very early stand in one line each, as if they were classes side by side (002, Table 2).",
        resolution="They are rows within a row: by BFM very early is the first part of what lies under early, and COG "
        "early is very early and intermediate together.",
        guards=("workflow.knowledge.timing", "TR-034", "TR-036", "TR-037"),
    ),
    Contradiction(
        id="X3",
        priority="X",
        finding="In the rows of T-lineage early and late are mixed with the results of MRD: early beside negative, "
        "late beside positive (002, Table 6 [29]).",
        resolution="Merged cells: early and late share their entries. In the marrow a negative MRD leads to "
        "transplant and a positive one to bridging; extramedullary relapses are transplanted whatever the MRD.",
        guards=("workflow.knowledge.table_6", "CD-026", "CD-027", "CD-030"),
    ),
    Contradiction(
        id="X4",
        priority="X",
        finding="The flow chart has two boxes of transplant, and its lines are lost (002, Figure 1).",
        resolution="One for each arm: SR with a positive MRD, and HR whatever the MRD.",
        guards=("workflow.knowledge.strategies", "CD-014", "CD-016"),
    ),
    Contradiction(
        id="X5",
        priority="X",
        finding="The text sends its readers to Table 2 for the algorithm of COG, which stands in Table 6 (002).",
        resolution="The algorithm is taken from Table 6, and cited so.",
        guards=("workflow.knowledge.table_6", "CD-017"),
    ),
    Contradiction(
        id="X6",
        priority="X",
        finding="Lists of one text are empty (001), another is there only in its part on marrow relapse (004), and a "
        "third is mostly about adults (003).",
        resolution="What is not there is not stated: no answer is filled in for it, and adults are named as such.",
        guards=("workflow.knowledge.sources", "workflow.knowledge.strategies", "CD-034", "CD-036", "CD-043"),
    ),
    Contradiction(
        id="X7",
        priority="X",
        finding="Superscripts are flattened: 109/L, 10-3 and early1 are printed (002).",
        resolution="10⁹/l, 10⁻³ and early with its footnote 1. A cut-off that is printed as 10-3 is read as 0.001.",
        guards=("workflow.protocols.checks.printed_amounts", "CD-002", "CD-048"),
    ),
)
