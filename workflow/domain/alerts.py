"""What the ledger of alerts holds: a threshold that passed, what happened to it, and the notices that tell people."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Stage = Literal["reminder", "due", "late", "critical"]
Severity = Literal["info", "task", "warning", "critical"]
AlertStatus = Literal["open", "acknowledged", "snoozed", "resolved"]
# What resolved an alert: a fact recorded, a fact corrected, another setting of site or rules, somebody who says so.
Resolution = Literal["by_fact", "by_correction", "by_setting", "by_hand"]
EventKind = Literal["raised", "reopened", "acknowledged", "snoozed", "woken", "resolved"]
NoticeStatus = Literal["pending", "delivered", "withdrawn", "dead"]

# The first is the mildest: of stages that pass together only the gravest is told.
STAGES: tuple[Stage, ...] = ("reminder", "due", "late", "critical")
SEVERITIES: tuple[Severity, ...] = ("info", "task", "warning", "critical")


@dataclass(frozen=True, slots=True, order=True)
class AlertKey:
    """What makes an alert the same one, whatever was corrected meanwhile (domain model §5)."""

    window_key: str
    reminder: str
    threshold_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One threshold that passed while its window was open in what was known; `threshold_on` is its first day.

    `episode` counts how often it was raised anew after a correction. `step` is the last notice made in the episode (0
    the first), `repeat_on` the site's date of the next one. `proof` is the explanation as it stood, JSON text.
    """

    id: str
    key: AlertKey
    course: int
    rule: str
    stage: Stage
    severity: Severity
    raised_at: datetime
    status: AlertStatus = "open"
    episode: int = 1
    step: int = 0
    repeat_on: date | None = None
    quiet_until: date | None = None
    snoozed_until: datetime | None = None
    acknowledged_by: str | None = None
    reason: str | None = None
    resolution: Resolution | None = None
    resolved_at: datetime | None = None
    resolved_by_seq: int | None = None
    proof: str = field(default="{}", repr=False)

    @property
    def resolved(self) -> bool:
        """Whether nothing is to be done about it any more."""
        return self.status == "resolved"

    @property
    def gravity(self) -> tuple[int, int]:
        """How grave it is, to be compared with others."""
        return (SEVERITIES.index(self.severity), STAGES.index(self.stage))


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEvent:
    """What happened to an alert at an instant; who did it, or which fact, where somebody or something did."""

    alert_id: str
    at: datetime
    kind: EventKind
    episode: int
    actor_id: str | None = None
    on_behalf_of: str | None = None
    fact_seq: int | None = None
    reason: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message to one recipient through one channel; `id` is its Message-ID in every attempt."""

    id: str
    alert_id: str
    episode: int
    step: int
    recipient: str
    channel: str
    made_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadNotice:
    """A notice that was given up, and for which no alert was raised yet."""

    id: str
    alert_id: str
    recipient: str
    channel: str
    died_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeNotice:
    """A notice that is stored, of an alert that is not resolved: to whom, and whether it is still to be sent."""

    id: str
    alert_id: str
    episode: int
    step: int
    recipient: str
    channel: str
    due_at: datetime
    pending: bool


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The pending notices of an alert are not to be sent any more; or only those that repeat the first, or only one."""

    alert_id: str
    repeats_only: bool = False
    notice_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerChanges:
    """What one transaction changes in a patient's ledger, and when the patient is to be judged next.

    `alerts` is the ledger afterwards, `raised` and `changed` are those of it that are to be written, `stood` is how
    the changed ones stood before.
    """

    alerts: tuple[Alert, ...] = ()
    raised: tuple[Alert, ...] = ()
    changed: tuple[Alert, ...] = ()
    stood: tuple[Alert, ...] = ()
    events: tuple[AlertEvent, ...] = ()
    notices: tuple[Notice, ...] = ()
    withdrawn: tuple[Withdrawal, ...] = ()
    accounted: tuple[str, ...] = ()
    next_due_at: datetime | None = None

    @property
    def open_alerts(self) -> int:
        """How many alerts are not resolved."""
        return sum(not alert.resolved for alert in self.alerts)

    @property
    def anything(self) -> bool:
        """Whether the ledger is changed at all."""
        return bool(self.raised or self.changed or self.events or self.notices or self.withdrawn or self.accounted)
