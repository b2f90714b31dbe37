"""Payloads about treatment: protocol, blocks, decisions, transplant, local therapy, maintenance."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from workflow.domain.facts.base import Code, Day, Entries, Measure, Payload, PositiveCount, Text
from workflow.domain.facts.findings import Findings, RelapseSite
from workflow.domain.reasons import BlockEnd, CauseCode

Strategy = Literal["BFM_2002", "UKALL_R3", "I_BFM_FIG1", "COG_TABLE6", "PDQ_2014", "APPROACH_001"]


class RelapseDiagnosed(Payload):
    """A relapse, with its findings or, where only that is known, its site."""

    also_needs: ClassVar[tuple[str, ...]] = ("findings or relapse_site",)

    findings: Findings | None = None
    relapse_site: RelapseSite | None = None
    relapse_number: PositiveCount | None = None

    @model_validator(mode="after")
    def _findings_or_site(self) -> Self:
        if (self.findings is None or not self.findings.model_fields_set) and self.relapse_site is None:
            raise PydanticCustomError("missing", "or relapse_site is required", {"field": "findings"})
        return self


class ProtocolChosen(Payload):
    """Which protocol is followed, as id or id@version, and which decision strategy."""

    protocol: Code
    strategy: Strategy | None = None
    acknowledged_flags: Annotated[tuple[Code, ...], Entries(most=50)] = ()


class BlockStarted(Payload):
    """The first systemic dose of an element; a prephase or an intrathecal dose alone starts no block."""

    element: Code
    attempt: PositiveCount | None = None


class BlockCompleted(Payload):
    """The running element was given to its end."""

    given: Literal["as_planned", "modified", "stopped_early"]


class BlockEndedWithoutCompletion(Payload):
    """An element ended otherwise: omitted, ceased, or skipped per protocol."""

    element: Code
    end: BlockEnd
    reason: Text


class BlockDecision(Payload):
    """Whether the next element is given."""

    continue_: bool = Field(alias="continue")
    reason: Text


class Cause(Payload):
    """One coded cause of a deferral."""

    code: CauseCode
    primary: bool = False


class BlockDeferred(Payload):
    """The next element is put off; a deferral closes nothing."""

    element: Code | None = None
    until: Day | None = None
    causes: Annotated[tuple[Cause, ...], Entries(most=20)] = ()
    review_on: Day | None = None


class DelaySegment(Payload):
    """So many days of a delay with one coded cause."""

    code: CauseCode
    days: Annotated[int, Field(ge=1, le=3650)]
    note: Text | None = None


class DelayExplained(Payload):
    """The days beyond `latest`, split into coded segments; the rest stays unexplained."""

    window: Code
    segments: Annotated[tuple[DelaySegment, ...], Entries(least=1, most=50)]


class ConsolidationDecided(Payload):
    """What follows remission."""

    decision: Literal["hsct", "chemotherapy", "bridging_then_hsct"]
    reason: Text | None = None


class ReinductionFailed(Payload):
    """Reinduction did not bring a complete remission."""

    criterion: Text | None = None


class Interruption(Payload):
    """Therapy stands still, or goes on again."""

    reason: Text | None = None
    until: Day | None = None


class Postponed(Payload):
    """A transplant is put off."""

    reason: Text
    until: Day | None = None


class TreatmentIntentChanged(Payload):
    """Whether treatment aims at cure."""

    intent: Literal["curative", "palliative", "stopped"]
    reason: Text | None = None


class Donor(Payload):
    """A step of the donor search."""

    donor_type: Code | None = None
    reason: Text | None = None


class ConditioningStarted(Payload):
    """Conditioning before the transplant, with or without total body irradiation."""

    tbi: bool | None = None


class Transplanted(Payload):
    """Day 0 of the transplant."""

    donor_type: Code | None = None


class HsctCancelled(Payload):
    """The transplant will not take place, and what comes instead."""

    reason: Text
    next_: Literal["chemotherapy", "individual", "palliative"] = Field(default="individual", alias="next")


class LocalTherapyGiven(Payload):
    """Local irradiation or surgery was given; dose in Gy as given."""

    target: Code
    kind: Code
    dose_gy: Measure | None = None


class LocalTherapyPostponed(Payload):
    """Local therapy is put off, with its reason."""

    reason: Text
    target: Code | None = None
    until: Day | None = None


class Milestone(Payload):
    """A fact whose date says it all."""
