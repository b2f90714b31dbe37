"""The patient, the facts that are the truth, and the spans that lists are read from."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from workflow.persistence.tables.base import COUNTED, Row
from workflow.persistence.tables.span_indexes import CRITICAL_BEFORE_LATEST, STANDING, span_indexes


class PatientTable(Row, table=True):
    """One patient: the snapshot, the head of the hash chain, and hints that a sweep and lists look for.

    A sweep judges whoever is due at `next_due_at`, or was last judged by other rules than today's (`judged_by`).
    `ledger_at` is when an alert of this patient last changed; no later change is before it.

    `changed_at` is never before any `recorded_at` of this patient. `silent_from`: from this day on, without news, the
    patient counts as unknown. `engine` names the rules that folded the snapshot and every span of every knowledge.
    """

    __tablename__ = "patient"
    __table_args__ = (
        UniqueConstraint("site_id", "pseudonym"),
        CheckConstraint("version >= 0 AND last_seq >= 0 AND open_alerts >= 0", name="counts"),
        Index(
            "ix_patient_next_due_at",
            "next_due_at",
            postgresql_where=text("next_due_at IS NOT NULL"),
            sqlite_where=text("next_due_at IS NOT NULL"),
        ),
        Index(
            "ix_patient_silent_from",
            "silent_from",
            postgresql_where=text("silent_from IS NOT NULL"),
            sqlite_where=text("silent_from IS NOT NULL"),
        ),
        # After an upgrade everybody is judged anew, in this order (persistence.backlog).
        Index("ix_patient_judged_by", "judged_by", "id"),
        # Every fact updates this row; room on its page keeps the indexes untouched.
        {"postgresql_with": {"fillfactor": 70}},
    )

    id: str = Field(primary_key=True)
    site_id: str
    pseudonym: str
    external_id: str | None = None
    version: int
    state_json: str
    engine: str
    last_seq: int
    head_hash: str
    open_alerts: int
    next_due_at: datetime | None = None
    judged_by: str | None = None
    ledger_at: datetime | None = None
    silent_from: date | None = None
    owner: str | None = None
    deputy: str | None = None
    last_contact_on: date | None = None
    registered_at: datetime
    changed_at: datetime


class PatientSiteTable(Row, table=True):
    """Which sites read and write a patient; `until_at` None means until further notice."""

    __tablename__ = "patient_site"
    __table_args__ = (
        CheckConstraint("role IN ('treating', 'shared')", name="role"),
        # Row-level security asks for all memberships of a site at once.
        Index("ix_patient_site_site_id", "site_id", "patient_id", postgresql_include=["until_at"]),
        Index(
            "uq_patient_site_treating",
            "patient_id",
            unique=True,
            postgresql_where=text("role = 'treating' AND until_at IS NULL"),
            sqlite_where=text("role = 'treating' AND until_at IS NULL"),
        ),
    )

    patient_id: str = Field(primary_key=True, foreign_key="patient.id")
    site_id: str = Field(primary_key=True)
    since_at: datetime = Field(primary_key=True)
    role: str
    until_at: datetime | None = None


class FactTable(Row, table=True):
    """One version of a fact; never updated, never deleted.

    `payload_sha256` and `remarks_sha256` (note, override and a correction's reason) stand in the chain for texts that
    a lawful erasure may have to take out. `moved_patient_id` and `moved_seq` name the other end of a move: what was
    entered for the wrong patient is voided there and recorded for the right one.
    """

    __tablename__ = "fact"
    __table_args__ = (
        UniqueConstraint("patient_id", "target_seq"),
        UniqueConstraint("patient_id", "import_key"),
        CheckConstraint("op IN ('record', 'supersede', 'void')", name="op"),
        CheckConstraint("(op = 'record') = (target_seq IS NULL)", name="target"),
        CheckConstraint("seq >= 1 AND lineage >= 1 AND lineage <= seq AND target_seq < seq", name="order"),
        CheckConstraint("certainty IN ('exact', 'estimated')", name="certainty"),
        # Who was heard of in the days before a past one.
        Index("ix_fact_occurred_on", "occurred_on"),
        # Who was registered under another pseudonym before: few, and asked for by every import.
        Index(
            "ix_fact_registered_anew",
            "patient_id",
            postgresql_where=text("type = 'patient_registered' AND op = 'supersede'"),
            sqlite_where=text("type = 'patient_registered' AND op = 'supersede'"),
        ),
    )

    patient_id: str = Field(primary_key=True, foreign_key="patient.id")
    seq: int = Field(primary_key=True)
    lineage: int
    op: str
    target_seq: int | None = None
    type: str
    occurred_on: date
    certainty: str
    payload: str
    payload_sha256: str
    note: str | None = None
    override: str | None = None
    remarks_sha256: str | None = None
    actor_id: str
    on_behalf_of: str | None = None
    recorded_at: datetime
    source_recorded_at: datetime | None = None
    external_id: str | None = None
    import_key: str | None = None
    protocol_sha: str | None = None
    prev_hash: str
    hash: str
    reason: str | None = None
    moved_patient_id: str | None = None
    moved_seq: int | None = None


class StateSpanTable(Row, table=True):
    """The patient was in `state` from `valid_from` to before `valid_to`, as known from `known_from` on.

    `site_id` treated the patient in that time, `protocol` (id@version) was pinned by the course then.
    """

    __tablename__ = "state_span"
    __table_args__ = (
        Index("ix_state_span_patient_id", "patient_id"),
        Index(
            "ix_state_span_standing",
            "state",
            "site_id",
            "protocol",
            "valid_from",
            "known_from",
            "patient_id",
            "known_to",
            "valid_to",
            postgresql_where=text(STANDING),
            sqlite_where=text(STANDING),
        ),
        *span_indexes("state_span", "state", "site_id", "protocol", "patient_id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=COUNTED)
    patient_id: str = Field(foreign_key="patient.id")
    course: int | None = None
    state: str
    valid_from: date
    valid_to: date | None = None
    known_from: datetime
    known_to: datetime | None = None
    site_id: str | None = None
    protocol: str | None = None


class WindowSpanTable(Row, table=True):
    """One version of a window with its thresholds and end, never its status; valid from anchor to end.

    Where an interruption or another version of the protocol moved the thresholds, each stand is a row: the first valid
    from `anchor_on`, the others from the day of the move. Without `anchor_on` a row was stored by an earlier release,
    and begins at its anchor.
    """

    __tablename__ = "window_span"
    __table_args__ = (
        CheckConstraint("ended_as IN ('met', 'closed')", name="ended_as"),
        Index(
            "uq_window_span_current",
            "patient_id",
            "course",
            "rule",
            "anchor",
            "valid_from",
            unique=True,
            postgresql_where=text("known_to IS NULL"),
            sqlite_where=text("known_to IS NULL"),
        ),
        Index(
            "ix_window_span_worklist",
            "latest_on",
            "valid_from",
            "known_from",
            "patient_id",
            "known_to",
            "valid_to",
            postgresql_where=text(STANDING),
            sqlite_where=text(STANDING),
        ),
        # Empty while every protocol puts the critical day behind the latest one; then it costs nothing.
        Index(
            "ix_window_span_critical",
            "critical_from",
            postgresql_where=text(f"{STANDING} AND {CRITICAL_BEFORE_LATEST}"),
            sqlite_where=text(f"{STANDING} AND {CRITICAL_BEFORE_LATEST}"),
        ),
        Index("ix_window_span_patient_id", "patient_id"),
        *span_indexes("window_span", "latest_on", "critical_from", "patient_id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=COUNTED)
    patient_id: str = Field(foreign_key="patient.id")
    course: int
    rule: str
    anchor: int
    label: str
    protocol: str
    expects: str
    anchor_on: date | None = None
    valid_from: date
    valid_to: date | None = None
    hard_min_on: date | None = None
    earliest_on: date | None = None
    target_on: date | None = None
    latest_on: date | None = None
    critical_from: date | None = None
    review_on: date | None = None
    paused_on: date | None = None
    interrupted_days: int | None = None
    ended_as: str | None = None
    ended_by: int | None = None
    ended_because: str | None = None
    known_from: datetime
    known_to: datetime | None = None
