"""Contradictions about blocks, drugs and local therapy."""

from workflow.knowledge.contradictions.contradiction import Contradiction

THERAPY = (
    Contradiction(
        id="C43",
        priority="I",
        finding="Triple intrathecal therapy has hydrocortisone (001) or prednisone (002, Local therapy [26]).",
        resolution="Drugs are recorded as given; there is no list of them. The protocols of ALL-REZ BFM show both.",
        guards=("workflow.domain.facts.treatment", "all-rez-bfm-90", "all-rez-bfm-95", "all-rez-bfm-2002"),
    ),
    Contradiction(
        id="C48",
        priority="D",
        finding="Testicular relapse: 24 Gy to both testes (002, Local therapy [22,25,26,33,36]), removal of one and 15 "
        "to 18 Gy to the other (002, Local therapy [22]), or neither in late relapses (002, Local therapy [38]).",
        resolution="Whether local therapy is awaited is the protocol's: those of ALL-REZ BFM await it where it is "
        "indicated. What was given is recorded, with its dose if somebody states one; what the studies gave is shown, "
        "and nothing is proposed.",
        guards=("workflow.domain.facts.treatment", "TR-023", "TR-029", "TR-030", "TR-031"),
    ),
    Contradiction(
        id="C49",
        priority="D",
        finding="Irradiation of the CNS: 24 Gy with 15 Gy to the spine, 18 Gy, or 15 Gy; before or after maintenance "
        "(002, Local therapy [18,38,40,44]).",
        resolution="No dose by default. The protocols of ALL-REZ BFM await it from the end of intensive chemotherapy "
        "on, without a latest day; maintenance does not end the wait. It is recorded as given, when given.",
        guards=(
            "workflow.domain.facts.treatment",
            "workflow.domain.chart",
            "TR-023",
            "TR-024",
            "TR-025",
            "TR-026",
            "TR-027",
        ),
    ),
    Contradiction(
        id="C39",
        priority="I",
        finding="Prophylactic cranial irradiation helps after late isolated marrow relapse (000), after isolated "
        "marrow relapse (002, Local therapy [26]), and is left out by others (002, Local therapy [25,33]).",
        resolution="Recorded where given, awaited from nobody.",
        guards=("TR-028",),
    ),
    Contradiction(
        id="C51",
        priority="I",
        finding="After the blocks there are up to 2 years of maintenance (BFM: 002, Post-remission therapy [42]), or 2 "
        "years of intensive chemotherapy (COG: 002, Post-remission therapy [28,78]).",
        resolution="Different elements of different protocols.",
        guards=("TR-021", "TR-022"),
    ),
    Contradiction(
        id="C69",
        priority="I",
        finding="Mitoxantrone is superior (001), or needs to be investigated further (004, Reinduction chemotherapy).",
        resolution="Nothing here compares drugs. The protocol of UKALL R3 shows both sentences.",
        guards=("ukall-r3",),
    ),
    Contradiction(
        id="C41",
        priority="D",
        finding="Blocks follow each other 2 to 3 weeks from start to start (000, introduction), or with 2 weeks "
        "between them (002, Reinduction [24,26]). No more than 21 days are allowed, while the survival figures compare "
        "under 21 with over 25 days (000, ALL-REZ BFM 90 paragraph).",
        resolution="Start to start: 14 to 21 days are on time, 22 to 25 late, critical from 26. The figures are quoted "
        "as published; no figure is given for 21 to 25 days.",
        guards=("workflow.domain.windows", "workflow.rules.windows", "TR-001", "TR-002", "TR-003"),
    ),
)
