"""All tables at once, so that two clocks, corrections, sharing and tamper evidence never need a rewrite."""

from alembic import op

from workflow.persistence.migrations.first_schema import access, alerts, guards, patients, reference

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    *("attempt", "notice", "alert_event", "alert", "window_span", "state_span", "fact", "patient_site", "patient"),
    *("api_key", "actor_grant", "actor", "access_log", "idempotency"),
    *("installation", "seal", "protocol_version", "site_setting"),
)


def upgrade() -> None:
    reference.create()
    access.create()
    patients.create()
    alerts.create()
    guards.create()


def downgrade() -> None:
    guards.drop()
    for table in TABLES:
        op.drop_table(table)
