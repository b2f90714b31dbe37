"""Alerts and notices as the first migration makes them."""

import sqlalchemy as sa
from alembic import op

from workflow.persistence.migrations.first_schema.columns import counted, day, index, instant, number, text


def create() -> None:
    """Create the tables in the order that their references need."""
    _alert()
    _alert_event()
    _notice()
    _attempt()


def _alert() -> None:
    op.create_table(
        "alert",
        text("id"),
        text("patient_id"),
        number("course"),
        text("window_key"),
        text("rule"),
        text("reminder"),
        text("stage"),
        text("severity"),
        day("threshold_on"),
        instant("raised_at"),
        text("status"),
        number("episode"),
        instant("snoozed_until", null=True),
        text("acknowledged_by", null=True),
        text("reason", null=True),
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
    )
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
        number("fact_seq", null=True),
        text("reason", null=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_event")),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_event_alert_id")),
    )
    index("ix_alert_event_alert_id", "alert_event", ["alert_id"])


def _notice() -> None:
    op.create_table(
        "notice",
        text("id"),
        text("alert_id"),
        number("episode"),
        text("step"),
        text("recipient"),
        text("channel"),
        text("status"),
        instant("made_at"),
        instant("due_at"),
        text("leased_by", null=True),
        instant("leased_until", null=True),
        number("attempts"),
        instant("settled_at", null=True),
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


def _attempt() -> None:
    op.create_table(
        "attempt",
        counted("id"),
        text("notice_id"),
        instant("at"),
        text("outcome"),
        text("detail", null=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_attempt_notice_id")),
    )
    index("ix_attempt_notice_id", "attempt", ["notice_id"])
