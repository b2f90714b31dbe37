"""Actors, keys and the access log as the first migration makes them."""

import sqlalchemy as sa
from alembic import op

from workflow.persistence.migrations.first_schema.columns import counted, index, instant, number, text


def create() -> None:
    """Create the tables in the order that their references need."""
    _actor()
    _actor_grant()
    _api_key()
    _access_log()
    _idempotency()


def _actor() -> None:
    op.create_table(
        "actor",
        text("id"),
        text("name"),
        text("kind"),
        instant("made_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actor")),
        sa.UniqueConstraint("name", name=op.f("uq_actor_name")),
        sa.CheckConstraint("kind IN ('person', 'service')", name=op.f("ck_actor_kind")),
    )


def _actor_grant() -> None:
    op.create_table(
        "actor_grant",
        counted("id"),
        text("actor_id"),
        text("site_id", null=True),
        text("role"),
        instant("granted_at"),
        instant("revoked_at", null=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actor_grant")),
        sa.ForeignKeyConstraint(["actor_id"], ["actor.id"], name=op.f("fk_actor_grant_actor_id")),
        sa.CheckConstraint(
            "role IN ('viewer', 'nurse', 'clinician', 'coordinator', 'admin')", name=op.f("ck_actor_grant_role")
        ),
    )
    index(
        "uq_actor_grant_everywhere",
        "actor_grant",
        ["actor_id", "role"],
        where="site_id IS NULL AND revoked_at IS NULL",
        unique=True,
    )
    index(
        "uq_actor_grant_site",
        "actor_grant",
        ["actor_id", "site_id", "role"],
        where="site_id IS NOT NULL AND revoked_at IS NULL",
        unique=True,
    )


def _api_key() -> None:
    op.create_table(
        "api_key",
        text("id"),
        text("actor_id"),
        text("secret_sha256"),
        instant("made_at"),
        instant("revoked_at", null=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.ForeignKeyConstraint(["actor_id"], ["actor.id"], name=op.f("fk_api_key_actor_id")),
    )
    index("ix_api_key_actor_id", "api_key", ["actor_id"])


def _access_log() -> None:
    op.create_table(
        "access_log",
        counted("id"),
        instant("at"),
        text("actor_id"),
        text("action"),
        text("patient_id", null=True),
        text("site_id", null=True),
        number("items", null=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
    )
    index("ix_access_log_patient_id_id", "access_log", ["patient_id", "id"])


def _idempotency() -> None:
    op.create_table(
        "idempotency",
        text("actor_id"),
        text("key"),
        text("request_hash"),
        number("status"),
        text("body"),
        number("version", null=True),
        instant("made_at"),
        sa.PrimaryKeyConstraint("actor_id", "key", name=op.f("pk_idempotency")),
    )
    index("ix_idempotency_made_at", "idempotency", ["made_at"])
