"""The ledger of alerts as it is written; what a sweep looks for; heartbeats; a site's hour of notices."""

import sqlalchemy as sa
from alembic import op

from workflow.persistence.migrations import alert_tables
from workflow.persistence.migrations.first_schema import alerts, guards
from workflow.persistence.migrations.first_schema.columns import index, instant, number, text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Nothing was ever written to these; made anew, they need no defaults for rows that are not there.
    alert_tables.drop()
    alert_tables.create()
    op.add_column("patient", text("judged_by", null=True))
    op.add_column("patient", instant("ledger_at", null=True))
    index("ix_patient_judged_by", "patient", ["judged_by"])
    op.add_column("site_setting", text("notices_at", null=True))
    op.add_column("site_setting", number("mrd_result_days", null=True))
    op.create_table(
        "heartbeat",
        text("job"),
        text("process"),
        number("period_seconds"),
        instant("started_at"),
        instant("finished_at", null=True),
        text("report", null=True),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_heartbeat")),
    )


def downgrade() -> None:
    op.drop_table("heartbeat")
    op.drop_column("site_setting", "mrd_result_days")
    op.drop_column("site_setting", "notices_at")
    op.drop_index("ix_patient_judged_by", "patient")
    op.drop_column("patient", "ledger_at")
    op.drop_column("patient", "judged_by")
    alert_tables.drop()
    alerts.create()
    guards.guard(("alert_event", "attempt"))
