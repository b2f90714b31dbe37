"""The ledger of alerts, and the notices that tell people of them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from workflow.knowledge.reminders import NOT_DELIVERED
from workflow.persistence.tables.base import COUNTED, Row

# An alert that stands, of a notice that reached nobody.
LOST_NOTICE = f"reminder = '{NOT_DELIVERED}' AND status <> 'resolved'"


class AlertTable(Row, table=True):
    """One threshold that passed (domain model §5); `proof` is the explanation as it stood, JSON text."""

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("patient_id", "window_key", "reminder", "threshold_on"),
        CheckConstraint("stage IN ('reminder', 'due', 'late', 'critical')", name="stage"),
        CheckConstraint("status IN ('open', 'acknowledged', 'snoozed', 'resolved')", name="status"),
        CheckConstraint("episode >= 1", name="episode"),
        CheckConstraint("resolution IN ('by_fact', 'by_correction', 'by_setting', 'by_hand')", name="resolution"),
        Index("ix_alert_raised_at", "raised_at", "id"),
        Index(
            "ix_alert_unresolved",
            "patient_id",
            postgresql_where=text("status <> 'resolved'"),
            sqlite_where=text("status <> 'resolved'"),
        ),
        # Few, and looked for by whoever watches, however many alerts are open.
        Index(
            "ix_alert_lost_notice",
            "patient_id",
            postgresql_where=text(LOST_NOTICE),
            sqlite_where=text(LOST_NOTICE),
        ),
    )

    id: str = Field(primary_key=True)
    patient_id: str = Field(foreign_key="patient.id")
    course: int
    window_key: str
    rule: str
    reminder: str
    stage: str
    severity: str
    threshold_on: date
    raised_at: datetime
    status: str
    episode: int
    step: int
    repeat_on: date | None = None
    quiet_until: date | None = None
    snoozed_until: datetime | None = None
    acknowledged_by: str | None = None
    reason: str | None = None
    resolution: str | None = None
    resolved_at: datetime | None = None
    resolved_by_seq: int | None = None
    proof: str


class AlertEventTable(Row, table=True):
    """What happened to an alert, and who did it; never updated, never deleted."""

    __tablename__ = "alert_event"
    __table_args__ = (Index(None, "alert_id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=COUNTED)
    alert_id: str = Field(foreign_key="alert.id")
    at: datetime
    kind: str
    episode: int
    actor_id: str | None = None
    on_behalf_of: str | None = None
    fact_seq: int | None = None
    reason: str | None = None
    until: datetime | None = None


class NoticeTable(Row, table=True):
    """One message to one recipient through one channel; claimed by lease, sent at least once.

    The index stands on `due_at` of what is pending: a queue that looks for priority first slows down tenfold beside
    many future notices. `due_at` moves when a notice is put off; `planned_at` is what it was when made.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("alert_id", "episode", "step", "recipient", "channel"),
        CheckConstraint("status IN ('pending', 'delivered', 'withdrawn', 'dead')", name="status"),
        Index(
            "ix_notice_pending",
            "due_at",
            postgresql_where=text("status = 'pending'"),
            sqlite_where=text("status = 'pending'"),
        ),
        # A notice that reached nobody is itself worth an alert; until the sweep has raised it, it stands here.
        Index(
            "ix_notice_unaccounted",
            "alert_id",
            postgresql_where=text("status = 'dead' AND NOT accounted"),
            sqlite_where=text("status = 'dead' AND NOT accounted"),
        ),
    )

    id: str = Field(primary_key=True)
    alert_id: str = Field(foreign_key="alert.id")
    episode: int
    step: int
    recipient: str
    channel: str
    status: str
    made_at: datetime
    due_at: datetime
    planned_at: datetime
    leased_by: str | None = None
    leased_until: datetime | None = None
    attempts: int = 0
    settled_at: datetime | None = None
    accounted: bool = False


class AttemptTable(Row, table=True):
    """One attempt of a worker to deliver a notice, and what came of it; never updated, never deleted."""

    __tablename__ = "attempt"
    __table_args__ = (Index(None, "notice_id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=COUNTED)
    notice_id: str = Field(foreign_key="notice.id")
    at: datetime
    worker: str
    outcome: str
    detail: str | None = None
