"""What several processes share: which of them may go on while others upgrade, ended sessions, what watching asks."""

import sqlalchemy as sa
from alembic import op

from workflow.persistence.migrations.first_schema.columns import index, instant, text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# PostgreSQL sweeps a table when a fifth of it is dead rows. Of a million notices that is too late for those that are
# due: whoever claims some walks over what is left of the last ones.
VACUUMED_EARLY = "autovacuum_vacuum_scale_factor"
DEAD_SHARE = 0.01


def upgrade() -> None:
    op.add_column("installation", text("usable_from", null=True))
    op.add_column("installation", text("judged_by", null=True))
    op.drop_index("ix_patient_judged_by", "patient")
    index("ix_patient_judged_by", "patient", ["judged_by", "id"])
    index("ix_alert_lost_notice", "alert", ["patient_id"], where="reminder = 'CW-02' AND status <> 'resolved'")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE notice SET ({VACUUMED_EARLY} = {DEAD_SHARE})")
    op.create_table(
        "ended_session",
        text("sha256"),
        instant("until_at"),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_ended_session")),
    )


def downgrade() -> None:
    op.drop_table("ended_session")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE notice RESET ({VACUUMED_EARLY})")
    op.drop_index("ix_alert_lost_notice", "alert")
    op.drop_index("ix_patient_judged_by", "patient")
    index("ix_patient_judged_by", "patient", ["judged_by"])
    op.drop_column("installation", "judged_by")
    op.drop_column("installation", "usable_from")
