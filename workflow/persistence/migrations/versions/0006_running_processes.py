"""Which processes may go on working on these tables, so that an upgrade need not stop them."""

from alembic import op

from workflow.persistence.migrations.first_schema.columns import text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("installation", text("usable_from", null=True))
    op.add_column("installation", text("judged_by", null=True))


def downgrade() -> None:
    op.drop_column("installation", "judged_by")
    op.drop_column("installation", "usable_from")
