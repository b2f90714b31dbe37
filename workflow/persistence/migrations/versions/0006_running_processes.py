"""What several processes share: which of them may go on while others upgrade, ended sessions, what watching asks."""

import sqlalchemy as sa
from alembic import op

from workflow.persistence.migrations.first_schema.columns import index, instant, text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("installation", text("usable_from", null=True))
    op.add_column("installation", text("judged_by", null=True))
    op.drop_index("ix_patient_judged_by", "patient")
    index("ix_patient_judged_by", "patient", ["judged_by", "id"])
    index("ix_alert_lost_notice", "alert", ["patient_id"], where="reminder = 'CW-02' AND status <> 'resolved'")
    op.create_table(
        "ended_session",
        text("sha256"),
        instant("until_at"),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_ended_session")),
    )


def downgrade() -> None:
    op.drop_table("ended_session")
    op.drop_index("ix_alert_lost_notice", "alert")
    op.drop_index("ix_patient_judged_by", "patient")
    index("ix_patient_judged_by", "patient", ["judged_by"])
    op.drop_column("installation", "judged_by")
    op.drop_column("installation", "usable_from")
