"""What a classification looks like in answers, for the documentation: the house builds it, tests compare."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from workflow.domain.classification import (
    BfmTiming,
    CogSubclass,
    CogTiming,
    Decision,
    Group,
    PdqTiming,
    SchemeId,
    Site,
    Status,
)
from workflow.domain.facts.treatment import Strategy
from workflow.knowledge.marrow import MarrowClass
from workflow.knowledge.response import Criterion, LocalRemission, Outcome

Indeterminate = Literal["indeterminate"]
SWITCHED_OFF = "Null: switched off in this installation."
Contradictions = Annotated[
    list[str], Field(description="The ids of known contradictions between the sources that touch it.")
]


class TimingAnswer(BaseModel):
    """When the first relapse came, by each system; from the second relapse on null, for none of them is made for it."""

    BFM: BfmTiming | Indeterminate | None
    COG: CogTiming | None
    COG_subclass: CogSubclass | None
    PDQ: PdqTiming | Indeterminate | None


class PossibleTimingAnswer(BaseModel):
    """Every class that the known dates allow, for the systems that stand as indeterminate."""

    BFM: list[BfmTiming] | None = None
    PDQ: list[PdqTiming] | None = None


class AlternativeTimingAnswer(BaseModel):
    """The other class where two rules of a system collide (the flag timing_conflict)."""

    BFM: BfmTiming | None = None


class DecisionAnswer(BaseModel):
    """What one strategy says: never a treatment decision. `rule` is the row of the decision table that says so."""

    decision: Decision | None
    conditional_on: Annotated[Literal["CR2"] | None, Field(description="Stands until it is on file.")] = None
    rule: str | None


class RecommendationAnswer(DecisionAnswer):
    """What one strategy says, and why."""

    why: Annotated[str, Field(description="Reads: …, recommended by …")]
    source: str
    status: Status
    contradictions: Contradictions


class StatementAnswer(BaseModel):
    """What a source says beside the six strategies, under its own condition."""

    rule: str
    strategy: str
    says: str
    condition: str | None
    text: str
    source: str


class ReasonAnswer(BaseModel):
    """Why a value is as it is."""

    about: Annotated[str, Field(description="The value: `timing.BFM`, `risk.I_BFM_SG`, `flags.timing_conflict` …")]
    rule: str
    text: Annotated[str, Field(description="A sentence with its arithmetic, where days or numbers are compared.")]
    source: str
    status: Annotated[Status, Field(description="How sure the cell of the table is.")]
    contradictions: Contradictions


class ClassesAnswer(BaseModel):
    """When and where the relapse came, and its risk groups."""

    timing: TimingAnswer
    timing_possible: PossibleTimingAnswer
    timing_alternative: AlternativeTimingAnswer
    relapse_site: Site
    site_gaps: Annotated[list[str], Field(description="Why no site fits: G1 to G7, or a name of ours.")]
    risk: Annotated[dict[SchemeId, Group | None], Field(description="Null: no group can be said.")]
    flags: list[str]


class CodesAnswer(ClassesAnswer):
    """A classification as it is stored: codes, without the reasons."""

    recommendation: Annotated[dict[Strategy, DecisionAnswer] | None, Field(description=SWITCHED_OFF)]


class ClassificationAnswer(ClassesAnswer):
    """One relapse under all schemes side by side, each value with a reason and its published source."""

    recommendation: Annotated[dict[Strategy, RecommendationAnswer] | None, Field(description=SWITCHED_OFF)]
    statements: list[StatementAnswer]
    to_confirm: Annotated[
        list[str],
        Field(
            description="Flags that a clinician must confirm before a risk group is used; at a patient, by "
            "protocol_chosen with acknowledged_flags."
        ),
    ]
    reasons: list[ReasonAnswer]
    sources: Annotated[dict[str, str], Field(description="What 000 to 004 stand for, with the limits of each.")]
    contradictions: Annotated[
        dict[str, str],
        Field(description="What disagrees and how it is read here, for each contradiction that the answer names."),
    ]
    intended_use: str


class ResponseCodesAnswer(BaseModel):
    """How the latest assessment reads, as codes."""

    outcome: Annotated[
        Outcome,
        Field(
            description="cr; crp: without recovery of platelets; no_count_recovery: without that of the other counts; "
            "no_cr; incomplete: nothing speaks against remission, and what it needs is `missing`."
        ),
    ]
    marrow: MarrowClass
    cns: Annotated[LocalRemission | None, Field(description="Null: nothing is known of disease there.")]
    testis: Annotated[LocalRemission | None, Field(description="Null: nothing is known of disease there.")]
    missing: list[Criterion]


class ResponseAnswer(ResponseCodesAnswer):
    """How the latest assessment reads, and why."""

    reasons: list[ReasonAnswer]


class ConsolidationAnswer(BaseModel):
    """The clinician's decision, beside what the active strategy recommended when it was taken."""

    decision: Literal["hsct", "chemotherapy", "bridging_then_hsct"]
    decided_on: date
    fact: Annotated[
        str,
        Field(
            pattern=r"^f[1-9]\d*$",
            description="The fact that decided, by its first version: also a cancelled transplant, for chemotherapy.",
        ),
    ]
    strategy: Strategy | None
    recommended: DecisionAnswer | None
    agrees: Annotated[bool | None, Field(description="Null: there was nothing to agree with.")]
    agrees_now: Annotated[
        bool | None,
        Field(
            description="Whether the decision carries out what the strategy recommends as the course stands now; null: "
            "there is nothing to agree with."
        ),
    ]
    reason: Annotated[str | None, Field(description="The code of the override, where one came along.")]


class CourseAnswer(BaseModel):
    """The course of one relapse; the reasons are told with `as_of` a day of that course."""

    relapse_number: int
    relapse_on: date
    protocol: str | None
    strategy: Strategy | None
    classification: CodesAnswer
    consolidation: ConsolidationAnswer | None
    response: ResponseCodesAnswer | None
