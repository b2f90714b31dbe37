"""What the published tables say of one relapse: the codes that are stored, and the reasons that prove them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from workflow.domain.facts.findings import RelapseSite
from workflow.domain.facts.treatment import Strategy

BfmTiming = Literal["very_early", "early", "late"]
CogTiming = Literal["early", "late"]
CogSubclass = Literal["very_early", "intermediate", "late"]
PdqTiming = Literal["early", "late"]
Site = RelapseSite | Literal["needs_review"]
SchemeId = Literal["BFM", "UKALL_R3", "I_BFM_SG", "ALL_REZ_BFM_95"]
Group = Literal["SR", "IR", "HR", "S1", "S2", "S3", "S4"]
Decision = Literal[
    "HSCT",
    "CHEMO_MAINT",
    "BRIDGE_HSCT",
    "NEED_MRD",
    "NEED_TIMING",
    "NEED_THRESHOLD",
    "AMBIGUOUS_TIMING",
    "INDIVIDUAL",
    "REFRACTORY_BRANCH",
    "NOT_STATED",
    "NOT_APPLICABLE",
]
# How sure a cell of a table is: as printed, printed twice and differently, read from elsewhere, or not there at all.
Status = Literal["explicit", "inferred", "conflict", "not_stated"]
_LESS_SURE: tuple[Status, ...] = ("explicit", "inferred", "conflict", "not_stated")


def least_sure(of_cells: Iterable[Status]) -> Status:
    """Return how sure an answer over several cells is: as sure as the least sure of them."""
    return max(of_cells, key=_LESS_SURE.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """When the relapse came, in the three systems; `…_possible` are all classes that the known dates allow.

    More than one possible class is outside "indeterminate". `bfm_alternative` is the other class where two rules of
    BFM collide (short frontline therapy).
    """

    bfm_possible: tuple[BfmTiming, ...]
    cog: CogTiming
    cog_subclass: CogSubclass
    pdq_possible: tuple[PdqTiming, ...]
    bfm_alternative: BfmTiming | None = None

    @property
    def bfm(self) -> BfmTiming | None:
        """The class by BFM, None where the dates allow several."""
        return self.bfm_possible[0] if len(self.bfm_possible) == 1 else None

    @property
    def pdq(self) -> PdqTiming | None:
        """The class by PDQ, None where the dates allow both."""
        return self.pdq_possible[0] if len(self.pdq_possible) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """What one strategy says; `rule` is the row of the decision table (CD-002), None where no row speaks.

    `decision` is None where the relapse itself cannot be classified. `conditional_on` stands until it is on file.
    """

    decision: Decision | None
    rule: str | None = None
    conditional_on: Literal["CR2"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """One relapse under all schemes side by side, as codes; what cannot be computed is None, never guessed.

    `timing` is None from the second relapse on, for which the systems are not made. `gaps` say why a site needs
    review (G1 … G7, or a name of ours). `statements` are rows of the decision table that speak beside the strategies.
    """

    site: Site
    timing: Timing | None
    risk: Mapping[SchemeId, Group | None]
    recommendation: Mapping[Strategy, Recommendation]
    gaps: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a value is as it is: the rule or table row, a sentence with its arithmetic, where it is written.

    `about` names the value in the answer (`timing.BFM`, `risk.I_BFM_SG`, `flags.timing_conflict`); `contradictions`
    are the ids of known contradictions between the sources that touch it.
    """

    about: str
    rule: str
    text: str
    source: str
    status: Status = "explicit"
    contradictions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """A classification with its proof: reasons for every value, and why each strategy says what it says.

    `advice_flags` are the flags that say something of treatment: beside the recommendations alone.
    """

    classification: Classification
    reasons: tuple[Reason, ...]
    recommended_because: Mapping[Strategy, Reason]
    statements: tuple["Statement", ...] = ()
    advice_flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One row of the decision table beside the six strategies: what a source says, under which condition."""

    rule: str
    strategy: str
    says: str
    text: str
    source: str
    condition: str | None = None
