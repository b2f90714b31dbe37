"""Patients, facts and spans as the first migration makes them."""

import sqlalchemy as sa
from alembic import op

from workflow.persistence.migrations.first_schema.columns import counted, day, index, instant, number, text


def create() -> None:
    """Create the tables in the order that their references need."""
    _patient()
    _patient_site()
    _fact()
    _state_span()
    _window_span()


def _patient() -> None:
    op.create_table(
        "patient",
        text("id"),
        text("site_id"),
        text("pseudonym"),
        text("external_id", null=True),
        number("version"),
        text("state_json"),
        text("engine"),
        number("last_seq"),
        text("head_hash"),
        number("open_alerts"),
        instant("next_due_at", null=True),
        day("silent_from", null=True),
        text("owner", null=True),
        text("deputy", null=True),
        day("last_contact_on", null=True),
        instant("registered_at"),
        instant("changed_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
        sa.UniqueConstraint("site_id", "pseudonym", name=op.f("uq_patient_site_id_pseudonym")),
        sa.CheckConstraint("version >= 0 AND last_seq >= 0 AND open_alerts >= 0", name=op.f("ck_patient_counts")),
        postgresql_with={"fillfactor": 70},
    )
    index("ix_patient_next_due_at", "patient", ["next_due_at"], where="next_due_at IS NOT NULL")


def _patient_site() -> None:
    op.create_table(
        "patient_site",
        text("patient_id"),
        text("site_id"),
        instant("since_at"),
        text("role"),
        instant("until_at", null=True),
        sa.PrimaryKeyConstraint("patient_id", "site_id", "since_at", name=op.f("pk_patient_site")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_patient_site_patient_id")),
        sa.CheckConstraint("role IN ('treating', 'shared')", name=op.f("ck_patient_site_role")),
    )
    index("ix_patient_site_site_id", "patient_site", ["site_id", "patient_id"])
    index(
        "uq_patient_site_treating",
        "patient_site",
        ["patient_id"],
        where="role = 'treating' AND until_at IS NULL",
        unique=True,
    )


def _fact() -> None:
    op.create_table(
        "fact",
        text("patient_id"),
        number("seq"),
        number("lineage"),
        text("op"),
        number("target_seq", null=True),
        text("type"),
        day("occurred_on"),
        text("certainty"),
        text("payload"),
        text("payload_sha256"),
        text("note", null=True),
        text("override", null=True),
        text("remarks_sha256", null=True),
        text("actor_id"),
        text("on_behalf_of", null=True),
        instant("recorded_at"),
        instant("source_recorded_at", null=True),
        text("external_id", null=True),
        text("import_key", null=True),
        text("protocol_sha", null=True),
        text("prev_hash"),
        text("hash"),
        sa.PrimaryKeyConstraint("patient_id", "seq", name=op.f("pk_fact")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_fact_patient_id")),
        sa.UniqueConstraint("patient_id", "import_key", name=op.f("uq_fact_patient_id_import_key")),
        sa.UniqueConstraint("patient_id", "target_seq", name=op.f("uq_fact_patient_id_target_seq")),
        sa.CheckConstraint("op IN ('record', 'supersede', 'void')", name=op.f("ck_fact_op")),
        sa.CheckConstraint("(op = 'record') = (target_seq IS NULL)", name=op.f("ck_fact_target")),
        sa.CheckConstraint(
            "seq >= 1 AND lineage >= 1 AND lineage <= seq AND target_seq < seq", name=op.f("ck_fact_order")
        ),
        sa.CheckConstraint("certainty IN ('exact', 'estimated')", name=op.f("ck_fact_certainty")),
    )


def _state_span() -> None:
    op.create_table(
        "state_span",
        counted("id"),
        text("patient_id"),
        number("course", null=True),
        text("state"),
        day("valid_from"),
        day("valid_to", null=True),
        instant("known_from"),
        instant("known_to", null=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_state_span")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_state_span_patient_id")),
    )
    index("ix_state_span_current", "state_span", ["patient_id"], where="known_to IS NULL")
    index("ix_state_span_state", "state_span", ["state"], where="known_to IS NULL AND valid_to IS NULL")


def _window_span() -> None:
    op.create_table(
        "window_span",
        counted("id"),
        text("patient_id"),
        number("course"),
        text("rule"),
        number("anchor"),
        text("label"),
        text("protocol"),
        text("expects"),
        day("valid_from"),
        day("valid_to", null=True),
        day("hard_min_on", null=True),
        day("earliest_on", null=True),
        day("target_on", null=True),
        day("latest_on", null=True),
        day("critical_from", null=True),
        day("review_on", null=True),
        text("ended_as", null=True),
        number("ended_by", null=True),
        text("ended_because", null=True),
        instant("known_from"),
        instant("known_to", null=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_window_span")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_window_span_patient_id")),
        sa.CheckConstraint("ended_as IN ('met', 'closed')", name=op.f("ck_window_span_ended_as")),
    )
    index("ix_window_span_worklist", "window_span", ["latest_on"], where="known_to IS NULL AND ended_as IS NULL")
    index(
        "uq_window_span_current",
        "window_span",
        ["patient_id", "course", "rule", "anchor"],
        where="known_to IS NULL",
        unique=True,
    )
