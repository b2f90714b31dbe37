"""What answers about a patient look like, for the documentation: the house builds them, tests compare."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.schemas.classification import ClassificationAnswer, ConsolidationAnswer, CourseAnswer, ResponseAnswer
from api.schemas.parameters import State
from workflow.domain.alerts import AlertStatus, Resolution, Severity, Stage
from workflow.domain.facts.types import FACT_TYPES
from workflow.domain.patient import DeviationKind
from workflow.domain.windows import Status, Verdict

FactType = Annotated[str, Field(json_schema_extra={"enum": list(FACT_TYPES)})]
SETTLED = (
    "Only where `known_at` was asked: whether the answer stays the same for ever. One about the last seconds, or about "
    "an instant ahead, may still gain facts that are being written."
)
PAUSED_ON = (
    "Since when the window stands still, as therapy is interrupted: until therapy goes on it has no target, latest or "
    "critical day, and is neither due nor late. Null where it counts on."
)
INTERRUPTED_DAYS = "By how many days interruptions that are over have moved the thresholds; 0 where none has."
RESTART_NEEDED = (
    "True where the process that answers was started before the protocol that this patient followed was stored: their "
    "windows are not known to it, and left out. Restart it."
)
Settled = Annotated[bool | None, Field(description=SETTLED)]
FactIdText = Annotated[str, Field(pattern=r"^f[1-9]\d*$", description="A fact's id within its patient.")]


class AnchorAnswer(BaseModel):
    """The fact that a window counts from, and its day."""

    fact: FactIdText
    on: date | None


class OverrideAnswer(BaseModel):
    """Why a gate was passed."""

    code: str
    reason: str | None = None
    ordered_by: str | None = None


class MovedAnswer(BaseModel):
    """The other end of a fact that was entered for the wrong patient: whose it is, or whose it was said to be."""

    patient: str
    fact: FactIdText


class FactAnswer(BaseModel):
    """One recorded fact."""

    id: FactIdText
    type: FactType
    occurred_on: date
    recorded_at: datetime
    recorded_by: str
    data: dict[str, object]
    certainty: Literal["exact", "estimated"]
    unconfirmed: bool
    note: str | None = None
    override: OverrideAnswer | None = None
    on_behalf_of: str | None = None
    external_id: str | None = None
    source_recorded_at: datetime | None = None
    operation: Literal["supersede", "void"] | None = None
    target: FactIdText | None = None
    reason: str | None = None
    moved: MovedAnswer | None = None
    superseded_by: FactIdText | None = None


class WindowAnswer(BaseModel):
    """One timing expectation as it stands on a day; a threshold that the sources do not state is null."""

    id: Annotated[str, Field(description="`course:rule:lineage of the anchor`, e.g. `1:TR-001:f17`.")]
    rule: str
    course: int
    label: str
    anchor: AnchorAnswer
    expects: str | None
    hard_min_on: date | None
    earliest_on: date | None
    target_on: date | None
    latest_on: date | None
    critical_from: date | None
    review_on: date | None
    paused_on: Annotated[date | None, Field(description=PAUSED_ON)]
    interrupted_days: Annotated[int, Field(description=INTERRUPTED_DAYS)]
    status: Status
    unknown: bool
    verdict: Verdict | None
    met_by: FactIdText | None
    met_on: date | None
    closed_by: FactIdText | None
    closed_on: date | None
    days: int
    days_past_latest: int | None
    source: str | None


class DeviationAnswer(BaseModel):
    """Something to explain or to mend."""

    window: str | None
    verdict: DeviationKind
    days: int | None
    days_past_latest: int | None
    fact: FactIdText
    occurred_on: date
    explained_days: int
    explained: bool


class WarningAnswer(BaseModel):
    """What is said with an accepted fact."""

    code: str
    message: str


class ConflictAnswer(BaseModel):
    """A fact without a step in the chart: shown, counted, skipped."""

    fact: FactIdText
    type: FactType
    state: State


class AlertAnswer(BaseModel):
    """One threshold that passed, and how it stands in the ledger."""

    id: str
    patient: Annotated[str, Field(description="The patient's id.")]
    course: int
    window: Annotated[str, Field(description="The window's id, e.g. `1:TR-001:f17`.")]
    rule: Annotated[str, Field(description="The timing rule, e.g. `TR-001`.")]
    reminder: Annotated[str, Field(description="The row of the catalogue of reminders, e.g. `RM-05`.")]
    title: str
    sentence: str
    source: str
    stage: Stage
    severity: Severity
    threshold_on: Annotated[date, Field(description="The first day of the stage.")]
    raised_at: datetime
    episode: Annotated[int, Field(description="How often it was raised: anew after a correction that moved it back.")]
    status: AlertStatus
    acknowledged_by: str | None
    snoozed_until: datetime | None
    reason: Annotated[str | None, Field(description="Why it was acknowledged, snoozed, or resolved by hand.")]
    resolution: Resolution | None
    resolved_at: datetime | None
    resolved_by_fact: FactIdText | None


class PatientLineAnswer(BaseModel):
    """A patient in a list."""

    id: str
    pseudonym: str
    site: str
    state: State
    relapse_number: int | None
    attempt: int | None
    protocol: str | None
    strategy: str | None
    version: int
    as_of: date
    unknown: bool
    last_contact_on: date | None
    owner: str | None
    deputy: str | None
    windows: list[WindowAnswer]
    deviations: list[DeviationAnswer]
    unconfirmed: list[FactIdText]
    conflicts: list[ConflictAnswer]
    restart_needed: Annotated[bool | None, Field(description=RESTART_NEEDED)] = None


class PatientAnswer(PatientLineAnswer):
    """A patient's snapshot."""

    registration: dict[str, object]
    classification: Annotated[
        ClassificationAnswer | None, Field(description="Of the current course; null before the first relapse.")
    ]
    response: Annotated[ResponseAnswer | None, Field(description="The latest assessment, read; null before one.")]
    consolidation: Annotated[ConsolidationAnswer | None, Field(description="The latest decision of the course.")]
    courses: Annotated[list[CourseAnswer], Field(description="A line for each course, the current one last.")]
    alerts: Annotated[list[AlertAnswer], Field(description="What is not resolved, the gravest first.")]
    settled: Settled = None


class RegisteredAnswer(PatientAnswer):
    """A patient just registered."""

    warnings: list[WarningAnswer]


class RecordedAnswer(BaseModel):
    """A fact just recorded, or only tried where `stored` is false."""

    fact: FactAnswer
    patient: PatientAnswer
    deviations: list[DeviationAnswer]
    warnings: list[WarningAnswer]
    stored: bool


class HistoryVerdictAnswer(BaseModel):
    """How a window ended by this fact."""

    window: str
    rule: str
    end: Literal["met", "closed"] | None
    verdict: Verdict | None
    days: int
    days_past_latest: int | None


class HistoryEntryAnswer(FactAnswer):
    """A fact with the state before and after it; a replaced version carries `superseded_by` instead."""

    state_before: State | None = None
    state_after: State | None = None
    course: int | None = None
    conflict: bool | None = None
    verdicts: list[HistoryVerdictAnswer] | None = None
    deviations: list[DeviationAnswer] | None = None


class ExplanationAnswer(BaseModel):
    """The proof of a window; each arithmetic line can be checked by hand."""

    window_id: str
    rule: str
    label: str
    course: int
    anchor: AnchorAnswer
    verdict: Verdict | None
    status: Status | None
    why: str
    arithmetic: list[str]
    protocol: str | None
    protocol_sha256: str | None
    source: str | None
    boundary: str
    evidence: str | None
    note: str | None
    settled: Settled = None


class NextStepAnswer(BaseModel):
    """One fact type as it stands today."""

    type: FactType
    allowed: bool
    needs: list[str]
    needs_role: str
    leads_to: list[str]
    elements: list[str]
    why_not: str | None = None
    earliest_on: date | None = None
    override: dict[str, object] | None = None
    advice: str | None = None
