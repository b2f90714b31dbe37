"""Why a fact was corrected and whence it was moved; where and by which protocol a state was; what each seal covers."""

import sqlalchemy as sa
from alembic import op

from workflow.persistence.migrations import list_indexes
from workflow.persistence.migrations.first_schema import guards
from workflow.persistence.migrations.first_schema.columns import index, number, text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fact", text("reason", null=True))
    op.add_column("fact", text("moved_patient_id", null=True))
    op.add_column("fact", number("moved_seq", null=True))
    op.add_column("state_span", text("site_id", null=True))
    op.add_column("state_span", text("protocol", null=True))
    op.create_table(
        "sealed_head",
        sa.Column("seal_id", sa.BigInteger(), nullable=False, autoincrement=False),
        text("patient_id"),
        number("seq"),
        text("hash"),
        sa.PrimaryKeyConstraint("seal_id", "patient_id", name=op.f("pk_sealed_head")),
        sa.ForeignKeyConstraint(["seal_id"], ["seal.id"], name=op.f("fk_sealed_head_seal_id")),
    )
    index("ix_sealed_head_patient_id_seq", "sealed_head", ["patient_id", "seq"])
    guards.guard(("sealed_head",))
    index("ix_fact_registered_anew", "fact", ["patient_id"], where="type = 'patient_registered' AND op = 'supersede'")
    list_indexes.create()


def downgrade() -> None:
    list_indexes.drop()
    op.drop_index("ix_fact_registered_anew", "fact")
    op.drop_table("sealed_head")
    for table, names in (
        ("state_span", ("site_id", "protocol")),
        ("fact", ("reason", "moved_patient_id", "moved_seq")),
    ):
        for name in names:
            op.drop_column(table, name)
