"""Contradictions of units, doses and cycles."""

from workflow.knowledge.contradictions.contradiction import Contradiction

UNITS = (
    Contradiction(
        id="C22",
        priority="S",
        finding="MRD cut-offs are printed in pairs that disagree tenfold: for COG 0.01 % beside 10⁻³, for the UK "
        "0.001 % beside 10⁻⁴ (002, Post-remission therapy). Elsewhere the same review has 0.01 % as one cell in 10 000 "
        "(002, Table 2 [28]) and 10⁻⁴ for the UK (002, Reinduction [30]).",
        resolution="Both cut-offs are 1e-4, which is 0.01 %; that the UK shares the cut-off of BFM (1e-3) is then "
        "false. A result needs a unit, is kept as it was written, and is refused where a report prints it in two units "
        "that disagree. A protocol is refused whose cut-off is another amount than the one it shows as printed.",
        guards=(
            "workflow.domain.facts.response",
            "workflow.knowledge.mrd",
            "workflow.protocols.checks.amounts",
            "CD-009",
            "CD-017",
        ),
    ),
    Contradiction(
        id="C24",
        priority="D",
        finding="One MRD group is printed as under 10⁻³ and at least 10⁻², which no number is (002, MRD [31]); the "
        "pair of survival figures beside it fits 10⁻³ to under 10⁻², and from 10⁻² on.",
        resolution="Read as from 1e-3 to under 1e-2: the cut-off of BFM itself is positive.",
        guards=("workflow.knowledge.mrd", "CD-002", "CD-003"),
    ),
    Contradiction(
        id="C44",
        priority="S",
        finding="Blinatumomab is printed as 15 mg per m² and day (002, New perspectives [79]) and as 15 mcg per m² and "
        "day (003 [37]): the micro sign was lost, a thousandfold overdose.",
        resolution="No dose is taken from the review. The protocols of blinatumomab show what 003 prints, in "
        "micrograms, and nothing is computed from it. A protocol that states it in mg, or 1000 micrograms and more, is "
        "refused; no fact has a field for the dose of a drug.",
        guards=("workflow.domain.facts.treatment", "workflow.protocols.checks.amounts", "TR-046"),
    ),
    Contradiction(
        id="C14",
        priority="S",
        finding="CNS remission is under 5 leucocytes per ml (002, Table 2 [36]), CNS disease at least 5 per mm³ (002, "
        "Table 2): as printed the two are a thousandfold apart.",
        resolution="Cells of CSF are counted per µl throughout; the field carries the unit in its name and takes no "
        "other.",
        guards=("workflow.domain.facts.findings", "workflow.knowledge.csf", "workflow.knowledge.response"),
    ),
    Contradiction(
        id="C14b",
        priority="I",
        finding="Leucocytes at first diagnosis are printed as over 100 000 per ml (002, Introduction).",
        resolution="Meant per µl; nothing here uses the number.",
    ),
    Contradiction(
        id="C45",
        priority="S",
        finding="Blinatumomab has two schedules: at least 2 weeks free and up to 5 cycles for relapsed or refractory "
        "disease (003 [35,36]), 14 days free and 1 + 3 cycles for MRD (003 [37]).",
        resolution="They are two protocols, each with its own cap as a gate: starts are counted by protocol and never "
        "added up across the two.",
        guards=("workflow.rules.caps", "TR-041", "TR-043", "TR-044", "TR-045"),
    ),
    Contradiction(
        id="C47",
        priority="I",
        finding="A longer cycle of inotuzumab has 7 free days that begin on day 21, and lasts 28 days, which leaves "
        "days 22 to 28 (003, last bullet).",
        resolution="The next cycle is on time until 28 days after the last one's start; the odd day is not stored.",
        guards=("TR-048",),
    ),
)
