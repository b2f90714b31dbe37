"""Windows whose thresholds moved while they waited: a row for each stand, and how long therapy was interrupted."""

from collections.abc import Sequence

from alembic import op

from workflow.persistence.migrations.first_schema.columns import day, index, number

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEY = ("patient_id", "course", "rule", "anchor")


def upgrade() -> None:
    op.add_column("window_span", day("anchor_on", null=True))
    op.add_column("window_span", day("paused_on", null=True))
    op.add_column("window_span", number("interrupted_days", null=True))
    _one_current_row_for((*_KEY, "valid_from"))


def downgrade() -> None:
    # The stands before the last one have no place in the former tables.
    op.execute("DELETE FROM window_span WHERE valid_to IS NOT NULL AND ended_as IS NULL")
    op.execute("UPDATE window_span SET valid_from = anchor_on WHERE anchor_on IS NOT NULL")
    _one_current_row_for(_KEY)
    for name in ("interrupted_days", "paused_on", "anchor_on"):
        op.drop_column("window_span", name)


def _one_current_row_for(key: Sequence[str]) -> None:
    op.drop_index("uq_window_span_current", "window_span")
    index("uq_window_span_current", "window_span", key, where="known_to IS NULL", unique=True)
