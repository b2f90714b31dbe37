"""Contradictions about what follows a remission."""

from workflow.knowledge.contradictions.contradiction import Contradiction

CONSOLIDATION = (
    Contradiction(
        id="C26",
        priority="D",
        finding="One sentence of the UK groups HR and IR with an MRD from 10⁻⁴ on, and SR and IR under it, so that the "
        "MRD may belong to both of each pair (002, Reinduction [30]).",
        resolution="The MRD divides IR alone: HR is transplanted and SR is not, whatever the MRD.",
        guards=("workflow.knowledge.strategies", "CD-008", "CD-012"),
    ),
    Contradiction(
        id="C25",
        priority="D",
        finding="The MRD of the UK is measured at the end of induction (002, Post-remission therapy [30]), and acted "
        "upon after 3 blocks (002, Reinduction [30]).",
        resolution="Two events: the result of the end of induction counts, and it is carried out after block 3. A "
        "sample taken after block 3 is another time point.",
        guards=("workflow.knowledge.strategies", "CD-009", "CD-010", "TR-014", "TR-015"),
    ),
    Contradiction(
        id="C27",
        priority="I",
        finding="In the UK trial survival differed between the arms, and MRD did not (002, MRD [30]).",
        resolution="MRD divides patients; it does not compare drugs. Nothing here compares drugs.",
    ),
    Contradiction(
        id="C50",
        priority="D",
        finding="After a late relapse chemotherapy is optimal (000, last paragraph; 002, Post-remission therapy [38]), "
        "transplant is better for some (002, Post-remission therapy [33]), or its advantage is unclear (004, "
        "Postreinduction therapy [9,39-42]); one text is lost (001).",
        resolution="Each strategy answers by its own source, and the others are quoted beside it.",
        guards=(
            "workflow.knowledge.strategies",
            "workflow.knowledge.statements",
            "CD-032",
            "CD-036",
            "CD-051",
            "CD-052",
        ),
    ),
    Contradiction(
        id="C50b",
        priority="D",
        finding="Chemotherapy is called optimal for every late relapse (000, last paragraph); a late T-cell relapse in "
        "the marrow is HR, which is transplanted (002, Table 5 [42]; 002, Post-remission therapy).",
        resolution="The table stands, with the flag late_t_marrow.",
        guards=("workflow.knowledge.recommend", "CD-006", "CD-039"),
    ),
    Contradiction(
        id="C74",
        priority="D",
        finding="A high MRD before transplant is from 10⁻⁴ on (002, MRD [61]), or 0.1 % to under 5 % (002, MRD [63]).",
        resolution="The number is stored and shown as it was written; each source is quoted with its own limits, none "
        "as a label.",
        guards=("workflow.knowledge.statements", "CD-048", "CD-049", "CD-050"),
    ),
    Contradiction(
        id="C52",
        priority="I",
        finding="Transplant gives the best outcome (003, bullet 1, mostly adults); children of SR get chemotherapy "
        "(002, Post-remission therapy).",
        resolution="The strategy decides; the sentence on adults is quoted as one.",
        guards=("workflow.knowledge.statements", "CD-043"),
    ),
)
