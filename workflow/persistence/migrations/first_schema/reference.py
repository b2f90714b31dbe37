"""Sites, protocol versions, seals and the installation as the first migration makes them."""

import sqlalchemy as sa
from alembic import op

from workflow.persistence.migrations.first_schema.columns import counted, instant, number, text, truth


def create() -> None:
    """Create the tables in the order that their references need."""
    _site_setting()
    _protocol_version()
    _seal()
    _installation()


def _site_setting() -> None:
    op.create_table(
        "site_setting",
        text("site_id"),
        instant("from_recorded_at"),
        text("name"),
        text("time_zone"),
        text("working_days"),
        text("holidays"),
        text("contacts"),
        number("silent_after_days", null=True),
        text("actor_id"),
        sa.PrimaryKeyConstraint("site_id", "from_recorded_at", name=op.f("pk_site_setting")),
    )


def _protocol_version() -> None:
    op.create_table(
        "protocol_version",
        text("id"),
        text("version"),
        text("sha256"),
        text("body"),
        instant("stored_at"),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_protocol_version")),
        sa.UniqueConstraint("sha256", name=op.f("uq_protocol_version_sha256")),
    )


def _seal() -> None:
    op.create_table(
        "seal",
        counted("id"),
        instant("sealed_at"),
        number("patients"),
        text("heads_sha256"),
        text("prev_hash"),
        text("hash"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal")),
    )


def _installation() -> None:
    op.create_table(
        "installation",
        number("id"),
        truth("rehearsal"),
        text("secret_check", null=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_single")),
    )
    op.execute("INSERT INTO installation (id, rehearsal) VALUES (1, false)")
