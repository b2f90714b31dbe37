"""A timing expectation: opened by an anchor fact, ended by its expected fact or by a recorded end."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from workflow.domain.calendar import days_between
from workflow.domain.facts.fact import fact_id

Status = Literal["upcoming", "open", "late", "critical", "met", "closed"]
Verdict = Literal["early", "on_time", "late", "critical", "not_applicable"]
WindowEnd = Literal["met", "closed"]

BLOCK_INTERVAL = "TR-001"
# Whether treatment goes on after an element, where a protocol has it decided each time.
INDIVIDUAL_DECISION = "TR-006"
# Of daily work, under every protocol: no source states a number of days for these.
MRD_RESULT = "OP-001"
DECISION = "OP-002"
# Contract §3.3: on the worklist a window is due when its latest day is at most this many days away.
DUE_WITHIN_DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One timing window of a course; all dates are site-local calendar dates, thresholds inclusive as printed.

    `expects` names the fact types still awaited; `anchor` and `ended_by` are lineages of facts.
    A threshold that the sources do not state is None. Where interruptions are not counted, `interrupted_days` have
    moved the thresholds, and since `paused_on` there are none: the clock stands still until therapy goes on. These
    thresholds stand since `changed_on`, or since the anchor where nothing has moved them.
    """

    rule: str
    course: int
    label: str
    anchor: int
    anchor_on: date
    protocol: str
    expects: tuple[str, ...]
    hard_min_on: date | None = None
    earliest_on: date | None = None
    target_on: date | None = None
    latest_on: date | None = None
    critical_from: date | None = None
    review_on: date | None = None
    paused_on: date | None = None
    interrupted_days: int = 0
    changed_on: date | None = None
    end: WindowEnd | None = None
    ended_on: date | None = None
    ended_by: int | None = None
    ended_because: str | None = None

    @property
    def id(self) -> str:
        """The window's key, `course:rule:lineage of the anchor`, e.g. `1:TR-001:f17`."""
        return f"{self.course}:{self.rule}:{fact_id(self.anchor)}"

    @property
    def stood_from(self) -> date:
        """The day from which the window has stood with these thresholds."""
        return self.changed_on or self.anchor_on

    def status(self, as_of: date) -> Status:
        """Return how the window stands on a day; the one expression that lists compute in SQL as well."""
        if self.end is not None and self.ended_on is not None and self.ended_on <= as_of:
            return self.end
        if self.critical_from is not None and as_of >= self.critical_from:
            return "critical"
        if self.latest_on is not None and as_of > self.latest_on:
            return "late"
        if self.earliest_on is not None and as_of < self.earliest_on:
            return "upcoming"
        return "open"

    def verdict(self, as_of: date) -> Verdict | None:
        """Return how the window ended or, while it is late, stands; None while nothing can be said yet."""
        status = self.status(as_of)
        if status == "closed":
            return "not_applicable"
        if status == "met" and self.ended_on is not None:
            return self._verdict_on(self.ended_on)
        return status if status in {"late", "critical"} else None

    def days(self, as_of: date) -> int:
        """Return the days from the anchor to the window's end or, while it is open, to `as_of`."""
        return days_between(self.anchor_on, self._last_day(as_of))

    def days_past_latest(self, as_of: date) -> int | None:
        """Return the days beyond `latest` (0 where none); None where the sources state no latest day."""
        if self.latest_on is None or (self.end == "closed" and self.status(as_of) == "closed"):
            return None
        return max(0, days_between(self.latest_on, self._last_day(as_of)))

    def is_due(self, as_of: date) -> bool:
        """Whether the latest day is near while the window still waits (the worklist's `due`)."""
        waiting = self.status(as_of) in {"open", "upcoming"}
        return waiting and self.latest_on is not None and days_between(as_of, self.latest_on) <= DUE_WITHIN_DAYS

    def next_threshold(self, as_of: date) -> date | None:
        """Return the next day on which an open window's standing changes."""
        if self.status(as_of) in {"met", "closed"}:
            return None
        thresholds = (self.earliest_on, self.target_on, self.latest_on, self.critical_from, self.review_on)
        return min((day for day in thresholds if day is not None and day > as_of), default=None)

    def _last_day(self, as_of: date) -> date:
        return self.ended_on if self.ended_on is not None and self.ended_on <= as_of else as_of

    def _verdict_on(self, met_on: date) -> Verdict:
        if self.earliest_on is not None and met_on < self.earliest_on:
            return "early"
        if self.critical_from is not None and met_on >= self.critical_from:
            return "critical"
        if self.latest_on is not None and met_on > self.latest_on:
            return "late"
        return "on_time"
