"""Row-level security: a site's transactions see and write that site's patients, whatever a query forgets to ask."""

from workflow.persistence.migrations import site_fence

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    site_fence.create()


def downgrade() -> None:
    site_fence.drop()
