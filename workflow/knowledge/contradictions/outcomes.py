"""Contradictions between published figures of outcome: none of them is computed or averaged here."""

from workflow.knowledge.contradictions.contradiction import Contradiction

OUTCOMES = (
    Contradiction(
        id="C54",
        priority="I",
        finding="Long-term survival is up to 35 to 40 % (000), or up to 40 to 50 % with disease-free survival of 16 to "
        "39 % or 20 to 50 % (002, Outcome).",
        resolution="Each figure stays with its source.",
    ),
    Contradiction(
        id="C42",
        priority="I",
        finding="In ALL-REZ BFM 90 second remissions are 84 % overall, 83 % after early and 94 % after late marrow "
        "relapse (001): with these two groups alone, late ones would have to be 9 % of the patients.",
        resolution="A group is missing from the text; the figures are not averaged.",
    ),
    Contradiction(
        id="C53",
        priority="I",
        finding="Remission after a second relapse: 40 % (002 [28]), 44, 27 and 12 % by attempt (002 [19]), 72 % (002 "
        "[33]).",
        resolution="Each figure stays with its source.",
    ),
    Contradiction(
        id="C91",
        priority="I",
        finding="The rows of the table on sites have different columns: the third value of one is all isolated "
        "extramedullary relapses, that of another cannot be (002, Table 4).",
        resolution="Not one series; the rows are not compared.",
    ),
    Contradiction(
        id="C92b",
        priority="I",
        finding="After very early relapse second remissions are often under 50 % (002), or 78 % (002 [19]).",
        resolution="Each figure stays with its source.",
    ),
)
