"""The ledger of alerts and its notices as the third migration makes them; nothing had been written to them before."""

import sqlalchemy as sa
from alembic import op

from workflow.persistence.migrations.first_schema import guards
from workflow.persistence.migrations.first_schema.columns import counted, day, index, instant, number, text, truth

# In the order in which they can be dropped.
TABLES = ("attempt", "notice", "alert_event", "alert")


def create() -> None:
    """Create the tables in the order that their references need."""
    _alert()
    _alert_event()
    _notice()
    _attempt()
    guards.guard(("alert_event", "attempt"))


def drop() -> None:
    """Drop them; their guards go with them."""
    for table in TABLES:
        op.drop_table(table)


def _alert() -> None:
    op.create_table(
        "alert",
        *(text(name) for name in ("id", "patient_id")),
        number("course"),
        *(text(name) for name in ("window_key", "rule", "reminder", "stage", "severity")),
        day("threshold_on"),
        instant("raised_at"),
        text("status"),
        number("episode"),
        number("step"),
        day("repeat_on", null=True),
        day("quiet_until", null=True),
        instant("snoozed_until", null=True),
        *(text(name, null=True) for name in ("acknowledged_by", "reason", "resolution")),
        instant("resolved_at", null=True),
        number("resolved_by_seq", null=True),
        text("proof"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_alert_patient_id")),
        sa.UniqueConstraint(
            "patient_id",
            "window_key",
            "reminder",
            "threshold_on",
            name=op.f("uq_alert_patient_id_window_key_reminder_threshold_on"),
        ),
        sa.CheckConstraint("episode >= 1", name=op.f("ck_alert_episode")),
        sa.CheckConstraint("stage IN ('reminder', 'due', 'late', 'critical')", name=op.f("ck_alert_stage")),
        sa.CheckConstraint("status IN ('open', 'acknowledged', 'snoozed', 'resolved')", name=op.f("ck_alert_status")),
        sa.CheckConstraint(
            "resolution IN ('by_fact', 'by_correction', 'by_setting', 'by_hand')", name=op.f("ck_alert_resolution")
        ),
    )
    index("ix_alert_raised_at", "alert", ["raised_at", "id"])
    index("ix_alert_unresolved", "alert", ["patient_id"], where="status <> 'resolved'")


def _alert_event() -> None:
    op.create_table(
        "alert_event",
        counted("id"),
        text("alert_id"),
        instant("at"),
        text("kind"),
        number("episode"),
        text("actor_id", null=True),
        text("on_behalf_of", null=True),
        number("fact_seq", null=True),
        text("reason", null=True),
        instant("until", null=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_event")),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_event_alert_id")),
    )
    index("ix_alert_event_alert_id", "alert_event", ["alert_id"])


def _notice() -> None:
    op.create_table(
        "notice",
        *(text(name) for name in ("id", "alert_id")),
        number("episode"),
        number("step"),
        *(text(name) for name in ("recipient", "channel", "status")),
        instant("made_at"),
        instant("due_at"),
        instant("planned_at"),
        text("leased_by", null=True),
        instant("leased_until", null=True),
        number("attempts"),
        instant("settled_at", null=True),
        truth("accounted"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_notice_alert_id")),
        sa.UniqueConstraint(
            "alert_id",
            "episode",
            "step",
            "recipient",
            "channel",
            name=op.f("uq_notice_alert_id_episode_step_recipient_channel"),
        ),
        sa.CheckConstraint("status IN ('pending', 'delivered', 'withdrawn', 'dead')", name=op.f("ck_notice_status")),
    )
    index("ix_notice_pending", "notice", ["due_at"], where="status = 'pending'")
    index("ix_notice_unaccounted", "notice", ["alert_id"], where="status = 'dead' AND NOT accounted")


def _attempt() -> None:
    op.create_table(
        "attempt",
        counted("id"),
        text("notice_id"),
        instant("at"),
        text("worker"),
        text("outcome"),
        text("detail", null=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_attempt_notice_id")),
    )
    index("ix_attempt_notice_id", "attempt", ["notice_id"])
