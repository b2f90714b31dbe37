"""The shape of the decision table: its rows, the strategies made of them, and the relapse that is asked about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from workflow.domain.case import Case, Phenotype
from workflow.domain.classification import BfmTiming, Decision, Group, SchemeId, Site, Status, Timing
from workflow.knowledge.mrd import MrdPoint

# Whose words a strategy uses for early and late; `BFM_AND_COG`: words without a definition, taken where both agree.
TimingSystem = Literal["BFM", "COG", "PDQ", "BFM_AND_COG"]
MARROW: tuple[Site, ...] = ("isolated_bm", "combined_bm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A relapse as the strategies see it, with the `gaps` of its site.

    `possible` are the groups of each scheme by the BFM classes still allowed.
    """

    case: Case
    timing: Timing | None
    site: Site
    possible: Mapping[SchemeId, Mapping[BfmTiming, Group]]
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the decision table: for whom it speaks (an empty filter: for all), what it decides, and where.

    `timing` is in the words of the strategy's system. `mrd` is what the result must be; "unknown" stands also for a
    result that does not count, "any" for all four. `text` is a whole sentence in our words. `flag` is set where the
    row decides.
    """

    id: str
    decision: Decision
    text: str
    source: str
    status: Status = "explicit"
    group: Group | None = None
    timing: tuple[str, ...] = ()
    sites: tuple[Site, ...] = ()
    phenotype: Phenotype | None = None
    mrd: Literal["any", "positive", "negative", "between", "unknown"] = "any"
    contradictions: tuple[str, ...] = ()
    flag: str | None = None

    def speaks_for(self, question: Question, timing: str, group: Group | None) -> bool:
        """Return whether this row is about such a relapse, whatever its residual disease."""
        return (
            self.group in {None, group}
            and (not self.timing or timing in self.timing)
            and (not self.sites or question.site in self.sites)
            and self.phenotype in {None, question.case.phenotype}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyTable:
    """One strategy: its rows (the first that fits decides), whose timing and groups it reads, where it looks at MRD.

    `after_failure` is its row for a patient without remission, None where its source says nothing about that.
    """

    system: TimingSystem
    rows: tuple[Row, ...]
    scheme: SchemeId | None = None
    point: MrdPoint | None = None
    after_failure: Row | None = None
