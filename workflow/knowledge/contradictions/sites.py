"""Contradictions about where a relapse is, and about what a remission is."""

from workflow.knowledge.contradictions.contradiction import Contradiction

SITES = (
    Contradiction(
        id="C10",
        priority="D",
        finding="M3 is over 25 % marrow blasts (002, Table 2 [28]), and M2 includes 25; in the row of relapse after a "
        "new remission M3 is from 25 % on (002, Table 2 [19]).",
        resolution="Over 25 % at the first relapse, from 25 % on at a later one. Exactly 25 % at the first relapse "
        "needs review.",
        guards=("workflow.knowledge.marrow", "workflow.knowledge.sites", "G2"),
    ),
    Contradiction(
        id="C11",
        priority="D",
        finding="A marrow of 5 to 25 % without blood blasts and without extramedullary disease is in no class (002, "
        "Table 2).",
        resolution="Needs review: repeat the marrow.",
        guards=("workflow.knowledge.sites", "G1"),
    ),
    Contradiction(
        id="C12",
        priority="D",
        finding="Extramedullary disease with blood blasts and under 5 % in the marrow is in no class: the isolated one "
        "forbids blood blasts, the combined one asks for 5 % (002, Table 2).",
        resolution="Needs review.",
        guards=("workflow.knowledge.sites", "G3"),
    ),
    Contradiction(
        id="C13",
        priority="I",
        finding="An isolated marrow relapse needs over 25 %, a combined one 5 % (002, Table 2; 002, Basic concepts).",
        resolution="As written: two thresholds.",
        guards=("workflow.knowledge.sites", "workflow.knowledge.marrow"),
    ),
    Contradiction(
        id="C15",
        priority="D",
        finding="CSF counts as involved with at most 20 erythrocytes per µl; what more of them mean is not said (002, "
        "Table 2).",
        resolution="Neither positive nor negative: not evaluable, repeat the sample.",
        guards=("workflow.knowledge.csf", "workflow.knowledge.response"),
    ),
    Contradiction(
        id="C16",
        priority="D",
        finding="Some studies ask for blasts in two consecutive CSF samples at least 24 hours apart (002, Table 2 note "
        "1 [38,40]); the others do not.",
        resolution="A protocol says so where it does; otherwise one sample is enough.",
        guards=("workflow.knowledge.csf", "workflow.domain.switches", "TR-033"),
    ),
    Contradiction(
        id="C17",
        priority="D",
        finding="CNS remission is under 5 leucocytes whatever the cytology, so that CSF with blasts may count (002, "
        "Table 2 [36]); CNS relapse needs at least 5 (002, Table 2).",
        resolution="Accepted as written, and the blasts are shown. At a relapse the same sample needs review (G4).",
        guards=("workflow.knowledge.response", "workflow.knowledge.csf", "G4"),
    ),
    Contradiction(
        id="C18",
        priority="D",
        finding="Recovered counts are leucocytes over 2.0 and platelets over 50 × 10⁹/l (002, Table 2 note 4 [38]), or "
        "neutrophils from 750 to 1000 per µl and platelets from 75 to 100 × 10⁹/l on (002, Table 2 note 4 [19,28,29]).",
        resolution="A protocol states its own; without one, recovery is not judged. There is no remission that holds "
        "for all.",
        guards=("workflow.knowledge.response", "workflow.domain.switches"),
    ),
    Contradiction(
        id="C19",
        priority="I",
        finding="Remission without recovered platelets counts as remission for some (002, Table 2 note 4 [19,28,43]).",
        resolution="A response of its own, crp; what is conditional on a remission stays so.",
        guards=("workflow.knowledge.response", "workflow.knowledge.recommend"),
    ),
    Contradiction(
        id="C20",
        priority="D",
        finding="A testicular relapse is proven by biopsy (002, Table 2 [24]), or by painless enlargement (002, Table "
        "2 note 2 [22,33]); its remission is clinical (002, Table 2 [36]).",
        resolution="By biopsy, unless a protocol takes enlargement. Remission is the normal size.",
        guards=("workflow.knowledge.sites", "workflow.knowledge.response", "workflow.domain.switches"),
    ),
    Contradiction(
        id="C21",
        priority="I",
        finding="Table and text cite different references for the same definitions of isolated CNS and other "
        "extramedullary relapse (002, Table 2 [24]; 002, Basic concepts [22]).",
        resolution="No rule depends on it.",
    ),
    Contradiction(
        id="C72",
        priority="I",
        finding="Complete remission asks for no extramedullary disease, and CNS and testis have remissions of their "
        "own (002, Table 2).",
        resolution="Complete remission is that of the marrow, and of CNS and testis where they were involved.",
        guards=("workflow.knowledge.response",),
    ),
)
