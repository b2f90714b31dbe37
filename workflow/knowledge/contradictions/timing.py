"""Contradictions about when a relapse is early, and about deadlines."""

from workflow.knowledge.contradictions.contradiction import Contradiction

TIMING = (
    Contradiction(
        id="C01",
        priority="D",
        finding="One text counts from diagnosis alone: very early up to 6 months, early up to 18, late after that "
        "(000, first paragraph). Everything else has very early under 18 months from diagnosis, and late more than 6 "
        "months after the end of frontline therapy (002, Table 2; 002, Table 5 [42]; 002 [22]).",
        resolution="The classes of 002 stand; no rule is taken from that paragraph.",
        guards=("workflow.knowledge.timing", "TR-034", "TR-035"),
    ),
    Contradiction(
        id="C02",
        priority="D",
        finding="The same text counts from diagnosis alone in its first paragraph, and from diagnosis and the end of "
        "maintenance in its list (000).",
        resolution="BFM classes need both dates, which supports 002 (C01).",
        guards=("workflow.knowledge.timing", "TR-034", "TR-035"),
    ),
    Contradiction(
        id="C03",
        priority="D",
        finding="18 months to the day: within 18 months is very early (002, Table 2); under 18 is very early and more "
        "than 18 early (002, Table 5 [42]); COG, said to coincide, puts 18 into the next class (002, Table 2).",
        resolution="Exactly 18 months after diagnosis is early, as where an operator is printed.",
        guards=("workflow.knowledge.timing_cuts", "TR-034", "TR-036"),
    ),
    Contradiction(
        id="C04",
        priority="D",
        finding="6 months after the end to the day: within 6 months is early (002, Table 2), up to 6 months (002 "
        "[22]), under 6 months (002, Table 5 [42]); late is more than 6 months everywhere.",
        resolution="Exactly 6 months after the end of frontline therapy is early.",
        guards=("workflow.knowledge.timing_cuts", "TR-035", "TR-038"),
    ),
    Contradiction(
        id="C05",
        priority="D",
        finding="After a short frontline therapy a relapse under 18 months from diagnosis may come more than 6 months "
        "after its end: it is both very early and late (002, Table 2; 002, Table 5 [42]).",
        resolution="Very early, the class of higher risk, with late as its alternative and the flag timing_conflict: a "
        "clinician confirms it before risk is allocated. A protocol may prefer late.",
        guards=("workflow.knowledge.timing", "workflow.domain.switches", "TR-034", "TR-035"),
    ),
    Contradiction(
        id="C06",
        priority="I",
        finding="In general the cut between early and late is said to lie 3 to 6 months after treatment (002, Basic "
        "concepts); the definitions say 6.",
        resolution="A remark, not a rule; nothing here uses it.",
        guards=("TR-067",),
    ),
    Contradiction(
        id="C07",
        priority="D",
        finding="Between 30 and 36 months from diagnosis a relapse is said to be late by BFM and early by COG (002, "
        "Basic concepts). That holds after 24 months of therapy; after more than 30 months of it, or while it goes on "
        "after 36, the gap is the other way round, which is not said.",
        resolution="Both systems are computed from the dates and stand side by side; where they disagree, the flag "
        "systems_disagree says so.",
        guards=("workflow.knowledge.timing", "TR-037", "TR-039"),
    ),
    Contradiction(
        id="C08",
        priority="D",
        finding="The COG algorithm divides early from late and repeats no number (002, Table 6 [29]); the only COG "
        "definition at hand is 36 months from diagnosis (002, Table 2).",
        resolution="36 months, for extramedullary relapses too; a protocol may state another number. The answer says "
        "which number was used.",
        guards=("workflow.knowledge.recommend", "workflow.domain.switches", "CD-020", "CD-029"),
    ),
    Contradiction(
        id="C09",
        priority="I",
        finding="COG early is within 36 months, COG late from 36 months on (002, Table 2): the day itself is in both.",
        resolution="Exactly 36 months is late, where the operator is printed.",
        guards=("workflow.knowledge.timing_cuts", "TR-037"),
    ),
    Contradiction(
        id="C90",
        priority="D",
        finding="Reinduction failure has no deadline (002, Table 2 [19]); induction failure at first diagnosis has 4 "
        "to 6 weeks (002, Table 1 note 3), and a remission within 4 weeks is called favourable (003 [27-29]).",
        resolution="Nobody fails by a date: reinduction has failed when somebody records it, after the assessment that "
        "the protocol calls final.",
        guards=("workflow.knowledge.response", "workflow.domain.chart", "TR-007", "TR-064"),
    ),
    Contradiction(
        id="C92",
        priority="I",
        finding="One approach divides early from late relapse, and its definition is lost (001); another counts from "
        "the end of therapy alone (004, Postreinduction therapy).",
        resolution="The approach of 001 answers only where BFM and COG agree; elsewhere it answers AMBIGUOUS_TIMING.",
        guards=("workflow.knowledge.recommend", "CD-035", "CD-036"),
    ),
)
