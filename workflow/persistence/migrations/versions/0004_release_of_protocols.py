"""Who signed which protocol body for its release; whose protocol a stored version was."""

import sqlalchemy as sa
from alembic import op

from workflow.persistence.migrations.first_schema import guards
from workflow.persistence.migrations.first_schema.columns import instant, text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("protocol_version", text("origin", null=True))
    op.create_table(
        "protocol_signature",
        text("sha256"),
        text("part"),
        text("actor_id"),
        instant("signed_at"),
        text("note", null=True),
        sa.PrimaryKeyConstraint("sha256", "part", name=op.f("pk_protocol_signature")),
        sa.ForeignKeyConstraint(["sha256"], ["protocol_version.sha256"], name=op.f("fk_protocol_signature_sha256")),
        sa.UniqueConstraint("sha256", "actor_id", name=op.f("uq_protocol_signature_sha256_actor_id")),
        sa.CheckConstraint("part IN ('author', 'approver')", name=op.f("ck_protocol_signature_part")),
    )
    guards.guard(("protocol_signature",))


def downgrade() -> None:
    op.drop_table("protocol_signature")
    op.drop_column("protocol_version", "origin")
