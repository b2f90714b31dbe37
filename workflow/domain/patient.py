"""The patient as folded from facts: the accumulator of every step, and what is stored beside the facts."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from workflow.domain.chart import INITIAL
from workflow.domain.classification import Classification, Recommendation
from workflow.domain.errors import CoursewatchError
from workflow.domain.facts.fact import OrderKey
from workflow.domain.facts.findings import Csf, Findings, RelapseSite
from workflow.domain.facts.registration import PatientRegistered
from workflow.domain.facts.response import MrdReported, ResponseAssessed
from workflow.domain.facts.treatment import Strategy
from workflow.domain.windows import Window

DeviationKind = Literal[
    "early",
    "late",
    "critical",
    "completion_not_recorded",
    "gap",
    "transplanted_not_in_cr",
    "relapse_without_remission",
    "against_strategy",
    "decided_without_mrd",
]
# What a decision owes to its strategy: silent where recommendations are switched off.
OF_RECOMMENDATIONS: frozenset[DeviationKind] = frozenset({"against_strategy", "decided_without_mrd"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One element as it was given under `protocol` (id@version, None where none was chosen).

    `ended` says how it ended: completed, ceased, or the fact that cut it off; `ended_by` is that fact's lineage.
    """

    fact: int
    element: str
    attempt: int
    started_on: date
    phase: str
    protocol: str | None = None
    ended_on: date | None = None
    ended: str | None = None
    ended_by: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MrdOnFile:
    """An MRD result of the course that its sample belongs to; `fact` is its lineage, `version` the seq that stands.

    `doubt` says why its time point does not fit the blocks: until a clinician confirms it, it is used for nothing.
    What is `confirmed` comes in doubt no more, whatever becomes of the blocks.
    """

    fact: int
    version: int
    result: MrdReported
    doubt: str | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsolidationDecision:
    """The clinician's decision beside what the active strategy recommended when it was taken; `fact` is its lineage.

    `agrees` is None where the strategy said nothing to agree with. `reason` is the code of the override, where one
    came along.
    """

    fact: int
    on: date
    decision: str
    strategy: Strategy | None = None
    recommended: Recommendation | None = None
    agrees: bool | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDecided:
    """The individual decision after an element; `fact` is its lineage. A later start makes it one of the past."""

    fact: int
    on: date
    goes_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The treatment of one relapse.

    `awaits` is where a running block's end will lead. `interrupted_on`: since when therapy stands still, None while
    it goes on; `interrupted_again_on`: a later day on which it was interrupted once more, so that what is resumed on
    that day stood still again. `attempt_failed`: a failure was recorded since the latest start. `block_decision` is
    the individual decision since the latest start or end of a block, None where none was taken since.
    `had_remission`: a remission, a consolidation decision or a transplant is on file, so that a relapse can follow;
    `was_in_remission`: an assessment said so at least once, `in_remission`: the latest one says so.
    `relapse_site` is what somebody stated, `findings` what was found, `earlier_csf` the samples before the one in
    them. `response` is the latest assessment; `reinduction_failed` stands until one finds a remission. `mrd` are the
    results of samples of this course, `mrd_not_available` the time points of this attempt that stay without one.
    `classification` is what the tables say of all this as it stands, in codes; `decided` the latest consolidation
    decision, `decided_before` those that it replaced.
    """

    number: int
    relapse_on: date
    relapse_site: RelapseSite | None = None
    findings: Findings | None = None
    earlier_csf: tuple[Csf, ...] = ()
    extramedullary: tuple[str, ...] = ()
    protocol: str | None = None
    protocol_sha: str | None = None
    strategy: Strategy | None = None
    acknowledged_flags: tuple[str, ...] = ()
    attempt: int = 1
    blocks: tuple[Block, ...] = ()
    had_remission: bool = False
    was_in_remission: bool = False
    in_remission: bool = False
    assessment_final: bool | None = None
    response: ResponseAssessed | None = None
    reinduction_failed: bool = False
    decision: str | None = None
    decided: ConsolidationDecision | None = None
    decided_before: tuple[ConsolidationDecision, ...] = ()
    awaits: str | None = None
    interrupted_on: date | None = None
    interrupted_again_on: date | None = None
    attempt_failed: bool = False
    block_decision: BlockDecided | None = None
    intensive_completed: bool = False
    local_therapy_settled: bool = False
    transplanted_on: date | None = None
    mrd: tuple[MrdOnFile, ...] = ()
    mrd_not_available: tuple[str, ...] = ()
    classification: Classification | None = None

    @property
    def running(self) -> Block | None:
        """The block being given, if one is."""
        return self.blocks[-1] if self.blocks and self.blocks[-1].ended_on is None else None

    @property
    def decisions(self) -> tuple[ConsolidationDecision, ...]:
        """Every consolidation decision of the course, the latest last."""
        return self.decided_before if self.decided is None else (*self.decided_before, self.decided)

    @property
    def treated_from(self) -> date | None:
        """The day on which the first block started; what is found later is no finding of the relapse."""
        return self.blocks[0].started_on if self.blocks else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """Something to explain or to mend: `fact` is the lineage of the fact that shows it."""

    kind: DeviationKind
    fact: int
    occurred_on: date
    window: str | None = None
    days: int | None = None
    days_past_latest: int | None = None
    explained_days: int = 0
    explained: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A recorded fact without a step in the chart: shown, counted and skipped by the fold."""

    fact: int
    type: str
    occurred_on: date
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """From this day the patient was in this state of this course (None before the first relapse).

    The first one begins before every calendar: until anything else is recorded, a patient stands as registered.
    `site` treated the patient from then, `protocol` (id@version) was pinned by the course.
    """

    on: date
    state: str
    course: int | None = None
    site: str | None = None
    protocol: str | None = None

    @property
    def place(self) -> tuple[str, int | None, str | None, str | None]:
        """What a change changes: state, course, site, protocol."""
        return (self.state, self.course, self.site, self.protocol)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientState:
    """Everything the next step needs, and nothing that depends on the day it is read.

    `earlier_windows` are windows as they stood before an interruption or another version of their protocol moved their
    thresholds: each until its `ended_on`, without an end of its own.
    """

    registration: PatientRegistered
    state: str = INITIAL
    before: tuple[str, ...] = ()
    course: Course | None = None
    ended_courses: tuple[Course, ...] = ()
    windows: tuple[Window, ...] = ()
    earlier_windows: tuple[Window, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    unconfirmed: tuple[int, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    trail: tuple[StateChange, ...] = ()
    last_order: OrderKey | None = None
    last_contact_on: date | None = None
    owner: str | None = None
    deputy: str | None = None

    @property
    def relapse_number(self) -> int | None:
        """The number of the current course's relapse."""
        return self.course.number if self.course else None

    @property
    def courses(self) -> tuple[Course, ...]:
        """Every course, the current one last."""
        return (*self.ended_courses, self.course) if self.course else self.ended_courses

    @property
    def current_course(self) -> Course:
        """The current course, where the chart guarantees one; raises CoursewatchError where it does not."""
        if self.course is None:
            message = f"no course in state {self.state}"
            raise CoursewatchError(message)
        return self.course

    def prior_courses(self, number: int) -> tuple[Course, ...]:
        """Return the courses before the one of this relapse number."""
        return tuple(course for course in self.ended_courses if course.number < number)

    @property
    def open_windows(self) -> tuple[Window, ...]:
        """The windows that nothing has ended yet."""
        return tuple(window for window in self.windows if window.end is None)

    def with_course(self, **changes: object) -> "PatientState":
        """Return this patient with parts of the current course replaced."""
        return replace(self, course=replace(self.current_course, **changes))  # type: ignore[arg-type]
