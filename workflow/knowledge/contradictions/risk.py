"""Contradictions between risk schemes, and within them."""

from workflow.knowledge.contradictions.contradiction import Contradiction

RISK = (
    Contradiction(
        id="C29",
        priority="D",
        finding="A very early isolated extramedullary relapse is IR by BFM (002, Table 5 [42]), HR by the UK (002, "
        "Table 5 [30]) and by the I-BFM study group (002, Table 5).",
        resolution="All schemes stand side by side; the strategy chosen decides.",
        guards=("workflow.knowledge.risk_tables",),
    ),
    Contradiction(
        id="C28",
        priority="D",
        finding="One sentence calls early and late isolated extramedullary relapses the SR group (002, Post-remission "
        "therapy); the next paragraph, and the tables of BFM and UK, have the early ones as IR (002, Table 5 [42]).",
        resolution="The sentence speaks the language of the I-BFM study group; the table stands. A group is never told "
        "without its scheme.",
        guards=("workflow.knowledge.risk_tables",),
    ),
    Contradiction(
        id="C31",
        priority="D",
        finding="The lists of HR and of IR leave very early isolated extramedullary relapses out, and speak of them in "
        "a sentence of their own (002, Post-remission therapy [20,40,41,77]); the table has them as IR (002, Table 5 "
        "[42]).",
        resolution="IR, by the table; what the sentence adds goes with the decision, as a flag.",
        guards=("workflow.knowledge.risk_tables", "workflow.knowledge.recommend", "CD-005"),
    ),
    Contradiction(
        id="C30",
        priority="D",
        finding="The I-BFM list of SR names late and early combined relapses without a phenotype; its list of HR has "
        "any marrow relapse of T-cell leukaemia, and so does the table (002, Post-remission therapy; 002, Table 5).",
        resolution="A combined T-cell relapse is HR.",
        guards=("workflow.knowledge.risk_tables",),
    ),
    Contradiction(
        id="C60",
        priority="I",
        finding="The I-BFM list of HR can be read so that it holds early combined BCP relapses (002, Post-remission "
        "therapy); the table has them as SR (002, Table 5).",
        resolution="SR, as in the table.",
        guards=("workflow.knowledge.risk_tables",),
    ),
    Contradiction(
        id="C33",
        priority="D",
        finding="The analysis of ALL-REZ BFM 90 has every T-cell relapse as HR, extramedullary ones too, and every "
        "isolated extramedullary relapse as IR (002, Post-remission therapy [26]): the two overlap, and neither is "
        "Table 5.",
        resolution="It is how a past analysis grouped its patients, and no scheme to allocate by: it is not carried.",
        guards=("workflow.knowledge.risk_tables",),
    ),
    Contradiction(
        id="C34",
        priority="I",
        finding="A poor prognosis has one third of the patients (002 [24]), HR 40 % of them (002 [42]).",
        resolution="Different definitions; neither number is computed here.",
    ),
    Contradiction(
        id="C35",
        priority="D",
        finding="The groups S1 to S4 leave cells open (very early isolated extramedullary BCP, early combined BCP) and "
        "overlap in others: late isolated extramedullary T (S1 or S2), early isolated marrow T (S3 or S4), late marrow "
        "T (S2 or S4) (000, paragraph on multivariate analysis).",
        resolution="Filled and settled by the BFM table (002, Table 5 [42]): S2, S2, S1, S4, S4. Each such cell says "
        "that it is inferred or in conflict.",
        guards=("workflow.knowledge.risk_tables",),
    ),
    Contradiction(
        id="C36",
        priority="I",
        finding="Subscripts are lost: a group S stands twice for two groups, and an element is called R. and R3 (000).",
        resolution="Told by the context: S1 with its 60 patients, S3 with its short second remissions; one element R3.",
        guards=("workflow.knowledge.risk_tables",),
    ),
    Contradiction(
        id="C38",
        priority="D",
        finding="S3 and S4 begin with F1 and F2, and S4 gets no high-dose chemotherapy at all; whether to go on is "
        "decided after each element, which follows the description of S4 and does not clearly reach S3 (000, paragraph "
        "on ALL-REZ BFM 95).",
        resolution="The individual decision is stated for S4 alone: a gate of all-rez-bfm-95 before each further "
        "element. Another protocol may have it for S3 too, since it names its groups.",
        guards=("workflow.rules.gates_of_blocks", "workflow.knowledge.statements", "CD-042", "TR-006"),
    ),
    Contradiction(
        id="C37",
        priority="I",
        finding="Survival of the worst group: 1 to 4 % for S3 and S4, 10 % at 10 years for very early relapses (000), "
        "19 % at 6 years for HR (002 [42]).",
        resolution="Different endpoints and times; no figure is computed here.",
    ),
    Contradiction(
        id="C40",
        priority="I",
        finding="The early BFM studies stratified by site alone (000), or by time and site (002).",
        resolution="History; no scheme here is theirs.",
    ),
    Contradiction(
        id="C66",
        priority="I",
        finding="One trial has several names: ALL-REZ BFM 95 (000) is P95/96 or 96 (002), UKALL R3 is R3, ALLR3 or "
        "UKR3 (001, 002), and the CCG is called COG (002).",
        resolution="One name each: ALL_REZ_BFM_95, UKALL_R3, COG.",
        guards=("workflow.domain.classification",),
    ),
)
